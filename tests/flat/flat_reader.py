"""A slow, plain reader: what every field of verified bytes is, as `flat_values.complete` has it.

Reads nothing outside the bytes: `IndexError` where it would have to. Source: FlatBuffers
internals, "Format".
"""

from __future__ import annotations

import struct
from typing import Any

from flat_values import Unknown, scalar_default
from flat_writer import FORMS

from tensorwire.flat import declarations as d

UNREADABLE = 200  # nested tables


def read(schema: d.Declarations, data: bytes, root: str | None = None, *, prefix: int = 0) -> Any:
    """The root table, every field of it, behind a size prefix of so many bytes."""
    reader = Reader(schema, data)
    return reader.table(root or schema.root, prefix + reader.number("I", prefix))


class Reader:
    """Reads one buffer."""

    def __init__(self, schema: d.Declarations, data: bytes) -> None:
        self.objects = {of.name: of for of in schema.objects}
        self.enums = {of.name: of for of in schema.enums}
        self.data = data
        self.depth = 0

    def number(self, form: str, at: int) -> Any:
        width = struct.calcsize("<" + form)
        if at < 0 or at + width > len(self.data):
            raise IndexError(f"{width} bytes at {at} of {len(self.data)}")
        return struct.unpack_from("<" + form, self.data, at)[0]

    def slot(self, table: int, field: d.Field) -> int:
        """Where a field lies, or 0."""
        vtable = table - self.number("i", table)
        if field.offset >= self.number("H", vtable):
            return 0
        inside = self.number("H", vtable + field.offset)
        return table + inside if inside else 0

    def table(self, name: str, at: int) -> dict[str, Any]:
        if self.depth > UNREADABLE:
            raise RecursionError("tables without end")
        self.depth += 1
        read = {
            field.name: self.field(field, at, name)
            for field in self.objects[name].fields
            if not field.flags & d.DEPRECATED
        }
        self.depth -= 1
        return read

    def field(self, field: d.Field, table: int, name: str) -> Any:
        kind, at = field.type, self.slot(table, field)
        if kind.base == d.UNION:
            value = self.follow(at) if at else 0
            return self.union(kind.ref, self.type_of(field, table, name), value)
        if not at:
            return [] if kind.base in (d.VECTOR, d.VECTOR64) else scalar_default(field)
        if self.is_inline(kind):
            return self.inline(kind, at)
        if field.flags & d.OFFSET64:
            at += self.number("Q", at)
        else:
            at = self.follow(at)
        if kind.base in (d.VECTOR, d.VECTOR64):
            return self.vector(field, at, table, name)
        return self.string(at) if kind.base == d.STRING else self.table(kind.ref, at)

    def type_of(self, field: d.Field, table: int, name: str) -> Any:
        """The type, or types, of a union field."""
        sibling = next(f for f in self.objects[name].fields if f.name == f"{field.name}_type")
        return self.field(sibling, table, name)

    def follow(self, at: int) -> int:
        return at + self.number("I", at)

    def is_inline(self, kind: d.Type) -> bool:
        return d.WIDTHS[kind.base] > 0 or self.is_struct(kind)

    def is_struct(self, kind: d.Type) -> bool:
        return kind.base == d.OBJECT and self.objects[kind.ref].is_struct

    def inline(self, kind: d.Type, at: int) -> Any:
        if kind.base == d.ARRAY:
            element = d.Type(kind.element, kind.ref)
            size = self.size(element)
            return [self.inline(element, at + i * size) for i in range(kind.length)]
        if kind.base == d.OBJECT:
            fields = self.objects[kind.ref].fields
            return {f.name: self.inline(f.type, at + f.offset) for f in fields}
        if kind.base == d.BOOL:
            return self.number("B", at) != 0
        return self.number(FORMS[kind.base], at)

    def size(self, kind: d.Type) -> int:
        """Of an element; 4 of an offset."""
        if self.is_struct(kind):
            return self.objects[kind.ref].size
        return d.WIDTHS[kind.base] or 4

    def string(self, at: int) -> str:
        length = self.number("I", at)
        if at + 4 + length >= len(self.data):
            raise IndexError(f"a string of {length} bytes at {at} of {len(self.data)}")
        return bytes(self.data[at + 4 : at + 4 + length]).decode("utf-8", "surrogateescape")

    def vector(self, field: d.Field, at: int, table: int, name: str) -> Any:
        kind = field.type
        count = self.number("Q" if kind.base == d.VECTOR64 else "I", at)
        at += 8 if kind.base == d.VECTOR64 else 4
        element = d.Type(kind.element, kind.ref)
        size = self.size(element)
        if count * size > len(self.data) - at:
            raise IndexError(f"{count} elements of {size} at {at} of {len(self.data)}")
        if field.nested is not None or field.flags & d.FLEXBUFFER:
            return bytes(self.data[at : at + count])
        places = [at + i * size for i in range(count)]
        if element.base == d.UNION:
            types = self.type_of(field, table, name)
            pairs = zip(types, places, strict=True)
            return [self.union(kind.ref, number, self.follow(place)) for number, place in pairs]
        if self.is_inline(element):
            return [self.inline(element, place) for place in places]
        if element.base == d.STRING:
            return [self.string(self.follow(place)) for place in places]
        return [self.table(kind.ref, self.follow(place)) for place in places]

    def union(self, union: str, number: int, at: int) -> Any:
        """A union's value, that starts at ``at``; nowhere if that is 0."""
        member = next((m for m in self.enums[union].values if m.value == number), None)
        if number == 0 or (member is not None and not at):
            return None
        if member is None:
            return Unknown(number)
        if member.type.base == d.STRING:
            return self.string(at)
        if self.objects[member.type.ref].is_struct:
            return self.inline(member.type, at)
        return self.table(member.type.ref, at)
