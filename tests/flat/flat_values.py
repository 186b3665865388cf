"""Random values for a schema, as plain Python, and what a reader should make of them.

A table is a dict of the fields that are there, a union two of them (``u_type`` a number, ``u`` the
value); a struct is a dict of all its fields, a vector or array a list, a string ``str`` (with lone
surrogates for what is no UTF-8), bytes that are a buffer by themselves ``bytes``. `complete` adds
what a view gives for fields that are not there.
"""

from __future__ import annotations

import math
import struct
from typing import Any, NamedTuple

import flat_writer
from flat_schemas import EVERYTHING, FLOATS, Features, bounds, is_union_type, random_schema
from hypothesis import strategies as st

from tensorwire.flat import declarations as d

TEXTS = ("", "a", "name", "héllo", "\x00in", "日本語", "🦜" * 3, "x" * 70)
#: FlexBuffers, by hand: null, an int, a float, a string, a vector of ints, a map of one.
FLEX = (
    b"\x00\x00\x01", b"\x2a\x04\x01", b"\x00\x00\xc0\x3f\x0e\x04", b"\x02hi\x00\x03\x14\x01",
    b"\x03\x01\x02\x03\x03\x2c\x01", b"k\x00\x01\x03\x01\x01\x01\x07\x04\x02\x24\x01",
)  # fmt: skip


class Unknown(NamedTuple):
    """The value of a union whose type the schema does not have."""

    type: int


class Case(NamedTuple):
    """A schema, a value of its root and the bytes."""

    schema: d.Declarations
    value: dict[str, Any]
    written: flat_writer.Written

    @property
    def data(self) -> bytes:
        return self.written.data


def random_case(rng: Any, features: Features = EVERYTHING, **options: Any) -> Case:
    """A random schema with a value in a random layout. ``options``: of `random_value`."""
    schema = random_schema(rng, features)
    value = random_value(rng, schema, **options)
    return Case(schema, value, flat_writer.write(schema, value, rng=rng))


def cases(features: Features = EVERYTHING, **options: Any) -> st.SearchStrategy[Case]:
    """Hypothesis strategy of `random_case`."""
    randoms = st.randoms(use_true_random=False)
    return randoms.map(lambda rng: random_case(rng, features, **options))


def random_value(rng: Any, schema: d.Declarations, root: str | None = None, **options: Any) -> Any:
    """A value of the root table, or of the table of that full name.

    ``depth``: of nested tables, roughly; ``weird``: also what no builder writes: unknown union
    types, types without values, unions in vectors that are NONE, strings that are not UTF-8;
    ``deprecated``: also deprecated fields.
    """
    return Values(rng, schema, **options).table(root or schema.root)


class Values:
    """Draws values of one schema."""

    def __init__(
        self, rng: Any, schema: d.Declarations, *, depth: int = 4, weird: bool = False,
        presence: float = 0.7, deprecated: bool = True,
    ) -> None:  # fmt: skip
        self.rng = rng
        self.schema = schema
        self.objects = {of.name: of for of in schema.objects}
        self.enums = {of.name: of for of in schema.enums}
        self.depth = depth
        self.weird = weird
        self.presence = presence
        self.deprecated = deprecated

    def chance(self, of: float) -> bool:
        return self.rng.random() < of

    def table(self, name: str, depth: int = 0) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for field in self.objects[name].fields:
            if is_union_type(field, self.enums):
                continue  # with its union
            if field.flags & d.DEPRECATED and not self.deprecated:
                continue
            if field.flags & d.REQUIRED or self.chance(self.presence):
                self._field(value, field, depth)
        return value

    def _field(self, value: dict[str, Any], field: d.Field, depth: int) -> None:
        """Adds the value of one field, if it may go that deep."""
        base, required = field.type.base, bool(field.flags & d.REQUIRED)
        if base == d.UNION:
            self._union(value, field, depth)
        elif base == d.OBJECT and not self.objects[field.type.ref].is_struct:
            if required or depth < self.depth:
                value[field.name] = self.table(field.type.ref, depth + 1)
        elif base in (d.VECTOR, d.VECTOR64):
            if required or depth <= self.depth or field.nested is None:
                self._vector(value, field, depth)
        else:
            value[field.name] = self.inline(field.type)

    def inline(self, kind: d.Type) -> Any:
        """What lies in its parent, or a string."""
        if kind.base == d.STRING:
            return self.text()
        if kind.base == d.ARRAY:
            element = d.Type(kind.element, kind.ref)
            return [self.inline(element) for _ in range(kind.length)]
        if kind.base == d.OBJECT:
            return {f.name: self.inline(f.type) for f in self.objects[kind.ref].fields}
        return self.number(kind)

    def number(self, kind: d.Type) -> Any:
        rng = self.rng
        if kind.ref is not None and self.chance(0.8):
            return rng.choice(self.enums[kind.ref].values).value
        if kind.base == d.BOOL:
            return self.chance(0.5)
        if kind.base in FLOATS:
            form = "f" if kind.base == d.FLOAT32 else "d"
            plain = rng.choice((0.0, -0.0, 1.5, math.inf, math.nan, rng.randint(-99, 99) / 8))
            raw = struct.pack(f"<{form}", plain)
            if self.chance(0.2):
                raw = bytes(rng.randint(0, 255) for _ in raw)
            return struct.unpack(f"<{form}", raw)[0]
        low, high = bounds(kind.base)
        return rng.choice((0, 1, low, high, rng.randint(low, high), max(low, min(42, high))))

    def text(self) -> str:
        if self.weird and self.chance(0.1):
            bad = self.rng.choice((b"\xff", b"\xed\xa0\x80", b"cut \xe6\x97", b"\xc0\x80"))
            return bad.decode("utf-8", "surrogateescape")
        return self.rng.choice(TEXTS)

    def _union(self, value: dict[str, Any], field: d.Field, depth: int) -> None:
        required = bool(field.flags & d.REQUIRED)
        member = self._member(field.type.ref, depth, required)
        if self.weird and self.chance(0.1):
            value[f"{field.name}_type"] = self._unknown(field.type.ref)
            if required or self.chance(0.5):
                value[field.name] = self.text()
        elif member is None:
            value[f"{field.name}_type"] = 0
        elif self.weird and self.chance(0.05) and not required and member.type.base == d.STRING:
            value[f"{field.name}_type"] = member.value
        elif required or self.chance(0.9):
            value[f"{field.name}_type"] = member.value
            value[field.name] = self.of_member(member, depth)
        else:
            value[f"{field.name}_type"] = 0

    def _member(self, union: str, depth: int, required: bool = False) -> d.EnumValue | None:
        """One that may go that deep; a required union's least deep."""
        members = self.enums[union].values[1:]
        if depth >= self.depth:
            shallow = [member for member in members if self._ends(member)]
            if shallow:
                return self.rng.choice(shallow)
            return min(members, key=lambda member: member.type.ref) if required else None
        return self.rng.choice(members)

    def _ends(self, member: d.EnumValue) -> bool:
        obj = self.objects.get(member.type.ref)
        return obj is None or obj.is_struct

    def _unknown(self, union: str) -> int:
        known = {member.value for member in self.enums[union].values}
        return self.rng.choice([n for n in (1, 2, 7, 119, 127) if n not in known])

    def of_member(self, member: d.EnumValue, depth: int) -> Any:
        """The value of a union."""
        if member.type.base == d.OBJECT and not self.objects[member.type.ref].is_struct:
            return self.table(member.type.ref, depth + 1)
        return self.inline(member.type)

    def _vector(self, value: dict[str, Any], field: d.Field, depth: int) -> None:
        kind, rng = field.type, self.rng
        count = rng.choice((0, 1, 2, 3, 9))
        if field.nested is not None:
            inner = self.table(field.nested, depth + 2)
            value[field.name] = flat_writer.write(self.schema, inner, field.nested, rng=rng).data
        elif field.flags & d.FLEXBUFFER:
            value[field.name] = rng.choice(FLEX)
        elif kind.element == d.UNION:
            self._unions(value, field, count, depth)
        elif kind.element == d.OBJECT and not self.objects[kind.ref].is_struct:
            count = min(count, 3) if depth < self.depth else 0
            items = [self.table(kind.ref, depth + 1) for _ in range(count)]
            value[field.name] = self.sorted(kind.ref, items)
        else:
            element = d.Type(kind.element, kind.ref)
            items = [self.inline(element) for _ in range(count)]
            value[field.name] = self.sorted(kind.ref, items) if kind.element == d.OBJECT else items

    def _unions(self, value: dict[str, Any], field: d.Field, count: int, depth: int) -> None:
        types, items = [], []
        for _ in range(min(count, 3)):
            member = self._member(field.type.ref, depth)
            if member is None or (self.weird and self.chance(0.1)):
                if not self.weird:
                    continue
                types.append(self.rng.choice((0, self._unknown(field.type.ref))))
                items.append(None)
            else:
                types.append(member.value)
                items.append(self.of_member(member, depth))
        value[f"{field.name}_type"], value[field.name] = types, items

    def sorted(self, name: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """By the key, where there is one, as lookup needs them."""
        key = next((f for f in self.objects[name].fields if f.flags & d.KEY), None)
        if key is None:
            return items
        return sorted(items, key=lambda item: sort_key(item.get(key.name, key.default)))


def sort_key(value: Any) -> Any:
    """Strings are ordered by their bytes."""
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


def complete(schema: d.Declarations, value: dict[str, Any], root: str | None = None) -> Any:
    """What reading every field gives: defaults, None or ``[]`` for what is not there.

    Deprecated fields are left out; a union of an unknown type is `Unknown`.
    """
    return Completer(schema).obj(root or schema.root, value)


class Completer:
    """Adds what is not there."""

    def __init__(self, schema: d.Declarations) -> None:
        self.objects = {of.name: of for of in schema.objects}
        self.enums = {of.name: of for of in schema.enums}

    def obj(self, name: str, value: Any) -> Any:
        obj = self.objects[name]
        if obj.is_struct:
            return value
        live = [field for field in obj.fields if not field.flags & d.DEPRECATED]
        return {field.name: self.field(field, value) for field in live}

    def field(self, field: d.Field, table: dict[str, Any]) -> Any:
        kind, value = field.type, table.get(field.name)
        if kind.base == d.UNION:
            return self.member(kind.ref, table.get(f"{field.name}_type", 0), value)
        if value is None:
            return [] if kind.base in (d.VECTOR, d.VECTOR64) else scalar_default(field)
        if kind.base == d.OBJECT:
            return self.obj(kind.ref, value)
        if kind.element == d.UNION:
            numbers = table[f"{field.name}_type"]
            return [self.member(kind.ref, *each) for each in zip(numbers, value, strict=True)]
        if kind.element == d.OBJECT:
            return [self.obj(kind.ref, item) for item in value]
        return value

    def member(self, union: str, number: int, value: Any) -> Any:
        member = next((m for m in self.enums[union].values if m.value == number), None)
        if number == 0 or (member is not None and value is None):
            return None
        if member is None:
            return Unknown(number)
        return self.obj(member.type.ref, value) if member.type.base == d.OBJECT else value


def scalar_default(field: d.Field) -> Any:
    """Of an absent field; None where it is no scalar, or an optional one."""
    return field.default if d.WIDTHS[field.type.base] else None
