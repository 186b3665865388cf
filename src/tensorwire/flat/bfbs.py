"""Schemas as ``.bfbs`` files, which ``flatc -b --schema`` writes.

flatc leaves attributes like ``force_align``, ``nested_flatbuffer`` and ``bit_flags`` out of them
unless told ``--bfbs-builtins``, and writes defaults of ``ulong`` beyond 63 bits as 0. Source:
google/flatbuffers ``reflection/reflection.fbs``; `reflection_rows` is that schema.
"""

from __future__ import annotations

from functools import lru_cache

from tensorwire.flat.attributes import describe, others
from tensorwire.flat.bfbs_names import Names
from tensorwire.flat.consistency import check_declarations
from tensorwire.flat.declarations import (
    BOOL,
    DEPRECATED,
    FLOAT32,
    FLOAT64,
    KEY,
    OFFSET64,
    OPTIONAL,
    REQUIRED,
    UINT64,
    VECTOR64,
    WIDTHS,
    Declarations,
    Enum,
    EnumValue,
    Field,
    Object,
)

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.flat.declarations import Number, Type
    from tensorwire.flat.schema import Schema


def declarations_of_bfbs(data: bytes) -> Declarations:
    """What the schema in ``data`` declares.

    Raises: ``DecodeError`` for what is no such file, ``SchemaError`` for a schema that contradicts
    itself: names that are there twice, types that are not there, wrong sizes, ...
    """
    return declarations_of_view(_reflection().root(data), len(data))


def declarations_of_view(schema: Any, nbytes: int) -> Declarations:
    """The same of a verified root, whose file has ``nbytes`` bytes."""
    names = Names(schema, nbytes)
    structs: dict[str, int] = {}
    objects = [_object(names, view, structs) for view in schema.objects]
    root = None if schema.root_table is None else names.text(schema.root_table.name)
    declarations = Declarations(
        objects,
        [_enum(names, view) for view in schema.enums],
        root=root,
        # As the four bytes that it is, whatever they mean: see `statements`.
        identifier=names.text(schema.file_ident or "")
        .encode("utf-8", "surrogateescape")
        .decode("latin-1"),
        extension=names.text(schema.file_ext or ""),
    )
    check_declarations(declarations, structs)
    return declarations


@lru_cache(maxsize=1)
def _reflection() -> Schema:
    from tensorwire.flat import reflection_rows
    from tensorwire.flat.schema import Schema

    return Schema.from_rows(reflection_rows)


def _object(names: Names, view: Any, structs: dict[str, int]) -> Object:
    """``structs``: gets the alignment of what is one."""
    name: str = view.name
    fields = [_field(names, name, one, view.is_struct) for one in view.fields]
    fields.sort(key=_id)
    attributes = names.attributes(view, name)
    if view.is_struct:
        structs[name] = view.minalign
    return Object(
        name,
        fields,
        is_struct=view.is_struct,
        align=view.minalign if view.is_struct else 0,
        size=view.bytesize if view.is_struct else 0,
        attributes=others(attributes),
    )


def _field(names: Names, owner: str, view: Any, in_struct: bool) -> Field:
    where = names.member_of(owner, view.name)
    kind = names.type(view.type, where)
    default = _default(view, kind)
    field = Field(view.name, kind, view.id, view.offset, default=default)
    attributes = names.attributes(view, where)
    attributes.pop("vector64", None)  # the type says it
    if default is None:
        field.flags |= OPTIONAL
    flags = ((view.deprecated, DEPRECATED), (view.required, REQUIRED), (view.key, KEY))
    for given, flag in (*flags, (view.offset64 or kind.base == VECTOR64, OFFSET64)):
        field.flags |= flag if given else 0
    describe(field, attributes, lambda name: names.nested(owner, name, where))
    if in_struct:
        field.flags &= ~REQUIRED
    return field


def _default(view: Any, kind: Type) -> Number | None:
    if not WIDTHS[kind.base]:
        return 0
    if view.optional:
        return None
    if kind.base in (FLOAT32, FLOAT64):
        return float(view.default_real)
    number = int(view.default_integer)
    if kind.base == BOOL:
        return bool(number)
    return _unsigned(number, kind.base)


def _unsigned(number: int, base: int) -> int:
    """Numbers of a ulong are kept as those of a long."""
    return number & 0xFFFFFFFFFFFFFFFF if base == UINT64 else number


def _enum(names: Names, view: Any) -> Enum:
    name: str = view.name
    base = names.base(view.underlying_type.base_type, name)
    values = []
    for one in view.values:
        where = names.member_of(name, one.name)
        kind = None
        if view.is_union:
            kind = names.member(one.union_type, where)
        values.append(EnumValue(one.name, _unsigned(one.value, base), kind))
    values.sort(key=_value)
    attributes = names.attributes(view, name)
    return Enum(
        name,
        base,
        values,
        is_union=view.is_union,
        bit_flags="bit_flags" in attributes,
        attributes=others(attributes),
    )


def _id(field: Field) -> int:
    return field.id


def _value(value: EnumValue) -> int:
    return value.value
