"""A slow, plain FlatBuffers verifier: the rules of the generated C++ one, and our stricter ones.

Rule for rule what google/flatbuffers ``include/flatbuffers/verifier.h``, ``table.h`` and the code
that flatc generates say, in their order: fields by id, depth first. Differences, all meant: no
limit of 2^31 - 1 bytes; tables are verified once, yet counted as often as they are reached; a size
of eight bytes does not wrap around; types of unions are aligned, be they wider than a byte.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from flat_flex_oracle import flex_is_valid
from flat_writer import FORMS

from tensorwire.flat import declarations as d

SMALLEST = 12  # verifier.h, FLATBUFFERS_MIN_BUFFER_SIZE
MAX_DEPTH = 64
MAX_TABLES = 1_000_000


class Verdict(NamedTuple):
    """``reason`` None: fine. ``tables``: as often as they are reached, those of nested buffers too;
    ``depth``: of tables, the deepest of any buffer."""

    reason: str | None = None
    offset: int = 0
    path: str = ""
    tables: int = 0
    depth: int = 0

    @property
    def ok(self) -> bool:
        return self.reason is None


class Bad(Exception):
    """A rule that does not hold."""

    def __init__(self, reason: str, offset: int, path: str) -> None:
        super().__init__(reason, offset, path)
        self.reason = reason
        self.offset = offset
        self.path = path


class Rules(NamedTuple):
    """Options of a verification. ``once``: shared tables are counted once, as ours does roughly."""

    strict: bool = False
    prefix: int = 0
    identifier: str | None = None
    max_depth: int = MAX_DEPTH
    max_tables: int | None = MAX_TABLES
    once: bool = False


DEFAULT = Rules()


def verify(
    schema: d.Declarations, data: bytes, root: str | None = None, rules: Rules = DEFAULT
) -> Verdict:
    """Whether the bytes are a buffer with that root table."""
    oracle = Oracle(schema, bytes(data), rules)
    try:
        oracle.buffer(root or schema.root)
    except Bad as bad:
        return Verdict(bad.reason, bad.offset, bad.path)
    depth = max(oracle.deepest, oracle.deepest_inner)
    return Verdict(tables=oracle.tables + oracle.inner, depth=depth)


class Oracle:
    """Verifies one buffer; each nested one has an oracle of its own."""

    def __init__(self, schema: d.Declarations, data: bytes, rules: Rules, base: int = 0) -> None:
        self.schema = schema
        self.objects = {of.name: of for of in schema.objects}
        self.enums = {of.name: of for of in schema.enums}
        self.data = data
        self.rules = rules
        self.strict = rules.strict
        self.base = base  # of a nested buffer: where it starts
        self.tables = 0
        self.deepest = 0
        self.inner = self.deepest_inner = 0  # of nested buffers
        self.seen: dict[tuple[str, int], tuple[int, int]] = {}  # height, tables

    # Small rules.

    def bad(self, reason: str, at: int, path: str) -> Bad:
        return Bad(reason, self.base + at, path)

    def range(self, at: int, size: int, path: str) -> None:
        """`Verify(elem, elem_len)`: a range as long as the buffer fails."""
        if not (at >= 0 and size < len(self.data) and at <= len(self.data) - size):
            raise self.bad("range", at, path)

    def aligned(self, at: int, align: int, path: str) -> None:
        if at % align:
            raise self.bad("align", at, path)

    def number(self, form: str, at: int) -> int:
        """REQUIRES: its range is verified."""
        return struct.unpack_from("<" + form, self.data, at)[0]

    def checked(self, form: str, at: int, path: str) -> int:
        """`Verify<T>(elem)`, and the number."""
        width = struct.calcsize("<" + form)
        self.aligned(at, width, path)
        self.range(at, width, path)
        return self.number(form, at)

    def offset(self, at: int, path: str, form: str = "I") -> int:
        """`VerifyOffset`: where the offset at ``at`` leads."""
        value = self.checked(form, at, path)
        if value == 0:
            raise self.bad("self", at, path)
        if value >> (31 if form == "I" else 63):
            raise self.bad("offset", at, path)
        if not at + value < len(self.data):
            raise self.bad("offset", at, path)
        return at + value

    # The whole.

    def buffer(self, root: str) -> None:
        """`VerifySizePrefixedBuffer` and `VerifyBufferFromStart`."""
        start = self.rules.prefix
        if start:
            size = self.checked("I" if start == 4 else "Q", 0, "")
            if size > len(self.data) - start:
                raise self.bad("prefix", 0, "")
        if len(self.data) < SMALLEST:
            raise self.bad("short", 0, "")
        if self.rules.identifier:
            there = self.data[start + 4 : start + 8]
            if there.split(b"\0")[0] != self.rules.identifier.encode()[:4].split(b"\0")[0]:
                raise self.bad("identifier", start + 4, "")
        self.table(root, self.offset(start, ""), "", 1)

    # Tables.

    def table(self, name: str, at: int, path: str, depth: int) -> tuple[int, int]:
        """`Table::Verify`: how many tables are below one another from here, and how many at all."""
        known = self.seen.get((name, at))
        if known is not None:
            height, count = known
            self.count(at, path, depth + height - 1, 0 if self.rules.once else count)
            return known
        before = self.tables
        vtable, size = self.table_start(at, path, depth)
        height = 0
        for field in self.objects[name].fields:
            if not field.flags & d.DEPRECATED:
                inside = f"{path}.{field.name}" if path else field.name
                height = max(height, self.field(name, field, at, vtable, size, inside, depth))
        self.seen[name, at] = height + 1, self.tables - before
        return self.seen[name, at]

    def count(self, at: int, path: str, depth: int, tables: int) -> None:
        """`VerifyComplexity`, for a subtree."""
        self.tables += tables
        self.deepest = max(self.deepest, depth)
        if depth > self.rules.max_depth:
            raise self.bad("depth", at, path)
        if self.rules.max_tables is not None and self.tables > self.rules.max_tables:
            raise self.bad("tables", at, path)

    def table_start(self, at: int, path: str, depth: int) -> tuple[int, int]:
        """`VerifyTableStart`: the vtable's place and size."""
        vtable = at - self.checked("i", at, path)
        self.count(at, path, depth, 1)
        size = self.checked("H", vtable, path)
        if size % 2:
            raise self.bad("vtable", vtable, path)
        self.range(vtable, size, path)
        if self.strict:
            self.strict_start(at, vtable, size, path)
        return vtable, size

    def strict_start(self, at: int, vtable: int, size: int, path: str) -> None:
        """A vtable has its two sizes, and the table lies in the buffer."""
        if size < 4:
            raise self.bad("vtable", vtable, path)
        table_size = self.number("H", vtable + 2)
        if table_size < 4 or table_size > len(self.data) - at:
            raise self.bad("outside", vtable + 2, path)

    def slot(self, field: d.Field, at: int, vtable: int, size: int) -> int:
        """`GetOptionalFieldOffset`: the field's place, or 0."""
        inside = self.number("H", vtable + field.offset) if field.offset < size else 0
        return at + inside if inside else 0

    def field(
        self, name: str, field: d.Field, at: int, vtable: int, size: int, path: str, depth: int
    ) -> int:
        """`GenVerifyCall`: one field; how many tables are below one another in it."""
        place = self.slot(field, at, vtable, size)
        if not place and field.flags & d.REQUIRED:
            raise self.bad("required", at, path)
        if place and self.strict:
            self.inside(field, at, place, vtable, path)
        kind = field.type
        if self.is_inline(kind):
            if place:
                self.inline(kind, place, path)
            return 0
        wide = "Q" if field.flags & d.OFFSET64 else "I"
        target = self.offset(place, path, wide) if place else 0
        if kind.base == d.UNION:
            types = self.sibling(name, field, at, vtable, size)
            number = self.number(self.type_form(kind.ref), types) if types else 0
            return self.union(kind.ref, number, target, path, depth, place or at)
        if kind.element == d.UNION:
            types = self.sibling(name, field, at, vtable, size)
            return self.unions(field, target, types, path, depth, place or at)
        return self.value(field, target, path, depth) if target else 0

    def inside(self, field: d.Field, at: int, place: int, vtable: int, path: str) -> None:
        """Strict: a field lies in its table, behind the offset of the vtable."""
        if self.is_inline(field.type):
            width = self.size(field.type)
        else:
            width = 8 if field.flags & d.OFFSET64 else 4
        if place < at + 4 or place + width > at + self.number("H", vtable + 2):
            raise self.bad("outside", place, path)

    def sibling(self, name: str, field: d.Field, at: int, vtable: int, size: int) -> int:
        """The place of a union's type."""
        types = next(f for f in self.objects[name].fields if f.name == f"{field.name}_type")
        return self.slot(types, at, vtable, size)

    def value(self, field: d.Field, target: int, path: str, depth: int) -> int:
        kind = field.type
        if kind.base == d.STRING:
            self.string(target, path)
        elif kind.base == d.OBJECT:
            return self.table(kind.ref, target, path, depth + 1)[0]
        else:
            return self.vector(field, target, path, depth)
        return 0

    # What lies inline.

    def is_struct(self, kind: d.Type) -> bool:
        return kind.base == d.OBJECT and self.objects[kind.ref].is_struct

    def is_inline(self, kind: d.Type) -> bool:
        return d.WIDTHS[kind.base] > 0 or self.is_struct(kind)

    def size(self, kind: d.Type) -> int:
        """Of an element; 4 of an offset."""
        if self.is_struct(kind):
            return self.objects[kind.ref].size
        return d.WIDTHS[kind.base] or 4

    def align(self, kind: d.Type) -> int:
        return self.objects[kind.ref].align if self.is_struct(kind) else self.size(kind)

    def inline(self, kind: d.Type, at: int, path: str) -> None:
        """`VerifyField`."""
        self.aligned(at, self.align(kind), path)
        self.range(at, self.size(kind), path)

    # Vectors and strings.

    def counted(self, at: int, item: int, form: str, path: str) -> int:
        """`VerifyVectorOrString`: how many items."""
        count = self.checked(form, at, path)
        width = struct.calcsize("<" + form)
        self.range(at, width + item * count, path)
        return count

    def string(self, at: int, path: str) -> None:
        """`VerifyString`."""
        end = at + 4 + self.counted(at, 1, "I", path)
        self.range(end, 1, path)
        if self.data[end]:
            raise self.bad("nul", end, path)
        if self.strict:
            try:
                self.data[at + 4 : end].decode()
            except UnicodeDecodeError as error:
                raise self.bad("utf8", at + 4 + error.start, path) from None

    def vector(self, field: d.Field, at: int, path: str, depth: int) -> int:
        kind = field.type
        element = d.Type(kind.element, kind.ref)
        form = "Q" if kind.base == d.VECTOR64 else "I"
        count = self.counted(at, self.size(element), form, path)
        first = at + (8 if form == "Q" else 4)
        if self.strict and count:
            self.aligned(first, self.align(element), path)
        if element.base == d.STRING:
            for i in range(count):
                self.string(self.element(first + 4 * i), f"{path}[{i}]")
        elif element.base == d.OBJECT and not self.is_struct(element):
            return max(
                (self.table(kind.ref, self.element(first + 4 * i), f"{path}[{i}]", depth + 1)[0]
                 for i in range(count)), default=0,
            )  # fmt: skip
        elif field.nested is not None:
            self.nested(field, first, count, path)
        elif field.flags & d.FLEXBUFFER and not flex_is_valid(self.data[first : first + count]):
            raise self.bad("flex", first, path)
        return 0

    def element(self, at: int) -> int:
        """`Vector::Get`: where an offset leads; nothing is checked."""
        return at + self.number("I", at)

    def nested(self, field: d.Field, first: int, count: int, path: str) -> None:
        """`VerifyNestedFlatBuffer`: by itself, counting from nothing."""
        if count < SMALLEST:
            raise self.bad("short", first, path)
        identifier = None
        if self.strict and field.nested == self.schema.root:
            identifier = self.schema.identifier or None
        rules = self.rules._replace(prefix=0, identifier=identifier)
        inner = self.data[first : first + count]
        oracle = Oracle(self.schema, inner, rules, self.base + first)
        try:
            oracle.buffer(field.nested)
        except Bad as bad:
            between = "." if bad.path else ""
            raise Bad(bad.reason, bad.offset, f"{path}{between}{bad.path}") from None
        self.inner += oracle.tables + oracle.inner
        self.deepest_inner = max(self.deepest_inner, oracle.deepest, oracle.deepest_inner)

    # Unions.

    def type_form(self, union: str) -> str:
        """How the types of a union are stored: a byte, unless it is declared otherwise."""
        return FORMS[self.enums[union].base]

    def union(
        self, union: str, number: int, target: int, path: str, depth: int, place: int
    ) -> int:
        """`VerifyU`: NONE and types that the schema does not have are fine."""
        if self.strict and bool(number) != bool(target):
            raise self.bad("union_pair", place, path)
        member = next((m for m in self.enums[union].values if m.value == number), None)
        if number == 0:
            return 0
        if member is None:
            if self.strict:
                raise self.bad("union_type", place, path)
            return 0
        if self.is_struct(member.type):
            if not target:  # a null pointer is no place in the buffer
                raise self.bad("union_pair", place, path)
            self.inline(member.type, target, path)
        elif target and member.type.base == d.STRING:
            self.string(target, path)
        elif target:
            return self.table(member.type.ref, target, path, depth + 1)[0]
        return 0

    def unions(
        self, field: d.Field, target: int, types: int, path: str, depth: int, place: int
    ) -> int:
        """`VerifyUVector`, after `VerifyVector` of the values."""
        values = self.counted(target, 4, "I", path) if target else 0
        if not target or not types:
            if target or types:
                raise self.bad("union_count", place, path)
            return 0
        types = self.element(types)
        if self.number("I", types) != values:
            raise self.bad("union_count", place, path)
        height, form = 0, self.type_form(field.type.ref)
        for i in range(values):
            at = target + 4 + 4 * i
            number = self.number(form, types + 4 + i * struct.calcsize("<" + form))
            if number:
                inside = f"{path}[{i}]"
                there = self.element(at)
                height = max(height, self.union(field.type.ref, number, there, inside, depth, at))
        return height
