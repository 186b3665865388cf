"""Names and types in a ``.bfbs`` file: its types are numbers of objects and enums."""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.flat.consistency import check_full_name, is_name
from tensorwire.flat.declarations import (
    ARRAY,
    NONE,
    OBJECT,
    STRING,
    UNION,
    UTYPE,
    VECTOR,
    VECTOR64,
    WIDTHS,
    Type,
)

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

#: Bytes of names and entries that are read, for each of the file. Honest files take less than one;
#: others let a million tables share one vector of fields, or one long name.
_WORK = 4
_ENTRY = 8

#: Characters of a name that errors have.
_SHOWN = 60


class Names:
    """Full names of the objects and enums of ``schema``, by number."""

    def __init__(self, schema: Any, nbytes: int) -> None:
        self._left = _WORK * nbytes
        self.objects = [self._full(view.name) for view in schema.objects]
        self.enums = [self._full(view.name) for view in schema.enums]
        self._unions = [bool(view.is_union) for view in schema.enums]
        self._bases = [
            self.base(view.underlying_type.base_type, name)
            for view, name in zip(schema.enums, self.enums, strict=True)
        ]
        self._known = set(self.objects)
        self._by_last: dict[str, list[str]] = {}

    def text(self, value: str) -> str:
        """``value`` itself, after charging for it.

        Raises: ``SchemaError`` where more was read than the file can hold.
        """
        self._left -= len(value) + _ENTRY
        if self._left < 0:
            raise SchemaError("more names than the file has room for: parts of it are shared")
        return value

    def _full(self, name: str) -> str:
        check_full_name(name)
        return self.text(name)

    def member_of(self, owner: str, name: str) -> str:
        """How errors call a field or value, which must have a name."""
        if not is_name(self.text(name)):
            raise SchemaError(f"{owner[:_SHOWN]}: {name[:_SHOWN]!a} is no name")
        return f"{owner[:_SHOWN]}.{name[:_SHOWN]}"

    def attributes(self, view: Any, where: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for pair in view.attributes:
            if pair.key in found:
                raise SchemaError(f"{where}: attribute {pair.key[:_SHOWN]!a} is there twice")
            found[self.text(pair.key)] = self.text("0" if pair.value is None else pair.value)
        return found

    def base(self, number: int, where: str) -> int:
        """A base type by its number."""
        if not NONE <= number <= VECTOR64:
            raise SchemaError(f"{where}: unknown base type {int(number)}")
        return int(number)

    def type(self, view: Any, where: str) -> Type:
        """The type of a field."""
        base = self.base(view.base_type, where)
        series = base in (VECTOR, VECTOR64, ARRAY)
        inner = self.base(view.element, where) if series else base
        if inner in (VECTOR, VECTOR64, ARRAY, NONE):
            raise SchemaError(f"{where}: type {base} of {inner} is none that a field may have")
        ref = self._ref(inner, view.index, where)
        if inner == UTYPE:
            inner = self._bases[view.index]  # see `union_fields`
        if not series:
            return Type(inner, ref)
        return Type(base, ref, element=inner, length=view.fixed_length if base == ARRAY else 0)

    def member(self, view: Any, where: str) -> Type:
        """The type of a union's member."""
        base = NONE if view is None else self.base(view.base_type, where)
        if base not in (NONE, OBJECT, STRING):
            raise SchemaError(f"{where}: members of unions are no type {base}")
        return Type(base, None if base == NONE else self._ref(base, view.index, where))

    def _ref(self, base: int, index: int, where: str) -> str | None:
        """Name of what a type of that base refers to."""
        if base == OBJECT:
            return self._at(self.objects, index, where)
        if base in (UNION, UTYPE):
            name = self._at(self.enums, index, where)
            if not self._unions[index]:
                raise SchemaError(f"{where}: {name[:_SHOWN]} is no union")
            return name
        if WIDTHS[base] and index >= 0:
            return self._at(self.enums, index, where)
        return None

    def _at(self, names: list[str], index: int, where: str) -> str:
        if not 0 <= index < len(names):
            raise SchemaError(f"{where}: its type has number {index} of {len(names)}")
        return names[index]

    def nested(self, owner: str, name: str, where: str) -> str:
        """Full name of a table that is named in ``owner``: innermost namespace first."""
        namespace = owner
        while namespace:
            namespace = namespace.rpartition(".")[0]
            full = f"{namespace}.{name}" if namespace else name
            if full in self._known:
                return full
        return self._elsewhere(name, where)

    def _elsewhere(self, name: str, where: str) -> str:
        """As flatc: a name that is used before it is declared may be one of any namespace."""
        if not self._by_last:
            for full in self.objects:
                self._by_last.setdefault(full.rpartition(".")[2], []).append(full)
        found = self._by_last.get(name, ())
        if len(found) != 1:
            raise SchemaError(f"{where}: no table {name[:_SHOWN]!a} for nested_flatbuffer")
        return found[0]
