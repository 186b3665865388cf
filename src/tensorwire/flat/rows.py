"""Schemas that are shipped as Python tables: tuples of plain values, quick to import.

A module of them holds, with names as in ``.fbs`` text, relative to ``NAMESPACE`` or full::

    NAMESPACE = "tflite"; ROOT = "Model"; IDENTIFIER = "TFL3"; EXTENSION = "tflite"
    TABLES = ((name, (field, ...)), ...)
    STRUCTS = ((name, (field, ...), {"force_align": 16}), ...)
    ENUMS = ((name, base, ((value name, number), ...), {"bit_flags": True}), ...)
    UNIONS = ((name, ((member, number), ...)), ...)

Everything but ``TABLES`` may be left out, attributes too. A field is ``(name, type)``,
``(name, type, default)`` or ``(name, type, default, attributes)``; types are written as in
``.fbs``: ``"int32"``, ``"[Tensor]"``, ``"[float:3]"`` (structs only). Fields of a table stand in
order of their ids, deprecated ones in their place; a union is one row and takes two ids, the first
for its ``_type``. A default is a number, the name of a value of the field's enum, or None for an
optional scalar; what is no scalar has 0. ``NONE`` of a union goes without saying; a member is
named like its type, or is ``(name, number, type)``. Numbers of a ``bit_flags`` enum have the bits
set that they stand for: 1, 2, 4.
"""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.flat.attributes import alignment, describe, others
from tensorwire.flat.declarations import (
    ARRAY,
    BOOL,
    FLOAT32,
    FLOAT64,
    NONE,
    OBJECT,
    OPTIONAL,
    SCALARS,
    STRING,
    UNION,
    UTYPE,
    VECTOR,
    WIDTHS,
    Declarations,
    Enum,
    EnumValue,
    Field,
    Object,
    Type,
)
from tensorwire.flat.union_fields import members_field

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType
    from typing import Any

    from tensorwire.flat.declarations import Number

    Attributes = Mapping[str, str | int]
    Row = tuple[Any, ...]


def declarations_of(module: ModuleType) -> Declarations:
    """What the tables of ``module`` declare.

    Raises: ``SchemaError`` for names that are not there or are there twice, and for wrong structs.
    """
    schema = _Rows(module)
    structs = [schema.struct(row) for row in getattr(module, "STRUCTS", ())]
    if structs:
        from tensorwire.flat.layout import place_structs

        place_structs(structs, schema.forced)
    root = getattr(module, "ROOT", None)
    return Declarations(
        [*[schema.table(row) for row in module.TABLES], *structs],
        schema.enums.values(),
        root=None if root is None else schema.object_name(root),
        identifier=getattr(module, "IDENTIFIER", ""),
        extension=getattr(module, "EXTENSION", ""),
    )


class _Rows:
    """Rows on their way to declarations. ``types``: by every spelling that was met."""

    def __init__(self, module: ModuleType) -> None:
        namespace = getattr(module, "NAMESPACE", "")
        self.prefix = f"{namespace}." if namespace else ""
        self.types = {name: Type(base) for name, base in SCALARS.items()}
        self.types["string"] = Type(STRING)
        self.enums: dict[str, Enum] = {}
        self.forced: dict[str, int] = {}
        for row in (*module.TABLES, *getattr(module, "STRUCTS", ())):
            self._name(row[0], OBJECT)
        unions = getattr(module, "UNIONS", ())
        for row in unions:
            self._name(row[0], UNION)
        for row in getattr(module, "ENUMS", ()):
            self._enum(row)
        for row in unions:
            self._union(row)

    def _name(self, name: str, base: int) -> str:
        """Makes a type known by its short and full names, and gives the latter."""
        full = name if "." in name else self.prefix + name
        if full in self.types:
            raise SchemaError(f"{full} is declared twice")
        self.types[full] = Type(base, full)
        if full.startswith(self.prefix):
            self.types[full[len(self.prefix) :]] = self.types[full]
        return full

    def _enum(self, row: Row) -> None:
        name, base, pairs = row[:3]
        attributes: Attributes = row[3] if len(row) > 3 else {}
        if base not in SCALARS:
            raise SchemaError(f"{name}: an enum of {base!r}")
        full = self._name(name, SCALARS[base])
        values = [EnumValue(value, number) for value, number in pairs]
        values.sort(key=_number)
        self.enums[full] = Enum(
            full,
            SCALARS[base],
            values,
            bit_flags="bit_flags" in attributes,
            attributes=others(attributes) if attributes else None,
        )

    def _union(self, row: Row) -> None:
        full = self.types[row[0]].ref or ""
        values = [EnumValue("NONE", 0, Type(NONE))]
        for member, number, *spelled in row[1]:
            kind = self._type(spelled[0] if spelled else member, full)
            values.append(EnumValue(member.replace(".", "_"), number, kind))
        values.sort(key=_number)
        self.enums[full] = Enum(full, UTYPE, values, is_union=True)

    def object_name(self, name: str) -> str:
        """The full name of a table or struct."""
        kind = self.types.get(name)
        if kind is None or kind.base != OBJECT or kind.ref is None:
            raise SchemaError(f"no table {name!r} is declared")
        return kind.ref

    def _type(self, spelled: str, where: str) -> Type:
        found = self.types.get(spelled)
        if found is None and spelled[:1] == "[":
            inner, colon, digits = spelled[1:-1].partition(":")
            element = self._type(inner, where)
            length = int(digits) if digits.isdecimal() else 0
            base = ARRAY if colon else VECTOR
            found = Type(base, element.ref, element=element.base, length=length)
            self.types[spelled] = found
        if found is None:
            raise SchemaError(f"{where}: no type {spelled!r} is declared")
        return found

    def table(self, row: Row) -> Object:
        name, rows = row[:2]
        full = self.object_name(name)
        fields: list[Field] = []
        for spelled in rows:
            kind = self.types.get(spelled[1]) or self._type(spelled[1], f"{full}.{spelled[0]}")
            if kind.base == UNION or kind.element == UNION:
                field = self._field(spelled, kind, len(fields) + 1)
                fields.append(members_field(field))
            else:
                field = self._field(spelled, kind, len(fields))
            fields.append(field)
        return Object(full, fields, attributes=others(row[2]) if len(row) > 2 else None)

    def struct(self, row: Row) -> Object:
        """One whose fields have no places yet."""
        name, rows = row[:2]
        full = self.object_name(name)
        attributes: Attributes = row[2] if len(row) > 2 else {}
        if "force_align" in attributes:
            self.forced[full] = alignment(full, attributes["force_align"])
        fields = [
            self._field(spelled, self._type(spelled[1], f"{full}.{spelled[0]}"), number)
            for number, spelled in enumerate(rows)
        ]
        return Object(full, fields, is_struct=True, attributes=others(attributes))

    def _field(self, row: Row, kind: Type, number: int) -> Field:
        default: Number | None = 0
        if WIDTHS[kind.base]:
            default = self._default(row[2] if len(row) > 2 else 0, kind)
        flags = OPTIONAL if default is None else 0
        field = Field(row[0], kind, number, 4 + 2 * number, default=default, flags=flags)
        if len(row) > 3:
            describe(field, row[3], self.object_name)
        return field

    def _default(self, value: Any, kind: Type) -> Number | None:
        if value is None:
            return None
        if kind.base == BOOL:
            return bool(value)
        if kind.base in (FLOAT32, FLOAT64):
            return float(value)
        return self._number_of(value, kind) if isinstance(value, str) else int(value)

    def _number_of(self, name: str, kind: Type) -> int:
        enum = self.enums.get(kind.ref or "")
        for value in enum.values if enum is not None else ():
            if value.name == name:
                return value.value
        raise SchemaError(f"{kind.ref or 'a number'} has no value {name!r}")


def _number(value: EnumValue) -> int:
    return value.value
