"""What columns of FlatBuffers must hold, in plain Python: slow, and no cleverer.

Values are those of `flat_values.complete`: every field, a number or None, a list, a dict. One path
at a time: `expected` gives what ``Column.to_pylist()`` must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from flat_values import Unknown

from tensorwire.flat import declarations as d

VECTORS = (d.VECTOR, d.VECTOR64)
LISTS = (*VECTORS, d.ARRAY)


class Place(NamedTuple):
    """A type that has fields: of a table, struct or union."""

    base: int
    name: str


class Oracle:
    """Columns of one schema."""

    def __init__(self, schema: d.Declarations, absent: str = "null") -> None:
        self.objects = {of.name: of for of in schema.objects}
        self.enums = {of.name: of for of in schema.enums}
        self.fills = absent == "default"

    # -- paths ---------------------------------------------------------------------------------

    def place(self, kind: d.Type) -> Place | None:
        base = kind.element if kind.base in LISTS else kind.base
        return Place(base, kind.ref) if base in (d.OBJECT, d.UNION) else None

    def fields(self, place: Place) -> dict[str, Any]:
        """Fields that are not deprecated, or members that have a value."""
        if place.base == d.UNION:
            return {one.name: one for one in self.enums[place.name].values if one.type.base}
        live = [f for f in self.objects[place.name].fields if not f.flags & d.DEPRECATED]
        return {field.name: field for field in live}

    def leaves(
        self, place: Place, depth: int, above: tuple[Place, ...] = (), prefix: str = ""
    ) -> Iterator[str]:
        """Paths of all values, with a table inside itself at most ``depth`` times."""
        above = (*above, place)
        for name, field in self.fields(place).items():
            below = self.place(field.type)
            if below is None:
                yield prefix + name
            elif below.base == d.UNION or above.count(below) < depth:
                yield from self.leaves(below, depth, above, f"{prefix}{name}.")

    def lists(self, place: Place, depth: int = 2, prefix: str = "") -> Iterator[tuple[str, Place]]:
        """Paths that ``each`` may name, and what their elements are."""
        for name, field in self.fields(place).items():
            below = self.place(field.type)
            if below is None:
                continue
            if field.type.base in LISTS:
                yield prefix + name, below
            if depth:
                yield from self.lists(below, depth - 1, f"{prefix}{name}.")

    # -- values --------------------------------------------------------------------------------

    def expected(self, rows: list[Any], place: Place, path: str) -> list[Any]:
        """One entry per row, which is a value or None for a row that is none."""
        parts = path.split(".")
        return [None if row is None else self.read(row, place, parts) for row in rows]

    def elements(self, rows: list[Any], place: Place, path: str) -> list[Any]:
        """What ``each`` makes rows of; of unions pairs of type and value."""
        parts = path.split(".")
        field = self.fields(place)[parts[0]]
        found = [item for row in rows for item in self.items(row, place, field)]
        if len(parts) == 1:
            return found
        return self.elements(found, self.place(field.type), ".".join(parts[1:]))

    def items(self, value: Any, place: Place, field: Any) -> list[Any]:
        """The values below a field or member: none, one, or the elements."""
        inner = self.below(value, place, field)
        if field.type.base in LISTS:
            return inner or []
        return [] if inner is None else [inner]

    def below(self, value: Any, place: Place, field: Any) -> Any:
        """The value of a field or member; None where what it lies in is None. A value of a union
        comes with its type."""
        if value is None:
            return None
        if place.base == d.UNION:
            number, held = value
            return held if number == field.value else None
        held = value[field.name]
        if field.type.base == d.UNION:
            return self.union(field.type.ref, value[f"{field.name}_type"], held)
        if field.type.element == d.UNION:
            pairs = zip(value[f"{field.name}_type"], held, strict=True)
            return [self.union(field.type.ref, *pair) for pair in pairs]
        return held

    def union(self, name: str, number: int, held: Any) -> Any:
        return None if held is None or isinstance(held, Unknown) else (number, held)

    def read(self, value: Any, place: Place, parts: list[str]) -> Any:
        """What a path leads to from a value that is None where it is absent."""
        field = self.fields(place)[parts[0]]
        kind = field.type
        held = self.below(value, place, field)
        below = self.place(kind)
        if kind.base in VECTORS and kind.element == d.UINT8 and not kind.ref:
            if held is None:
                return b"" if self.fills else None
            return bytes(held)
        if kind.base in LISTS:
            if held is None:
                return [] if self.fills else None
            if below is None:
                return [plain(item) for item in held]
            return [self.read(item, below, parts[1:]) for item in held]
        if below is not None:
            return self.read(held, below, parts[1:])
        return self.default(field) if held is None and self.fills else plain(held)

    def default(self, field: Any) -> Any:
        if field.type.base == d.STRING:
            return ""
        spelled = {d.BOOL: bool, d.FLOAT32: float, d.FLOAT64: float}.get(field.type.base, int)
        return spelled(0 if field.default is None else field.default)


def plain(value: Any) -> Any:
    """Strings that are not UTF-8 are bytes in columns."""
    if isinstance(value, str) and not value.isprintable():
        raw = value.encode("utf-8", "surrogateescape")
        return raw if "\udc80" <= max(value) <= "\udcff" else value
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
