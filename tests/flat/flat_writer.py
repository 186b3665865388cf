"""A slow, plain writer of FlatBuffers for any `Declarations`, independent of every builder.

Each table, vtable, vector and string is a piece with room for offsets; pieces are put into some
order, parents before children, each at the next place that its alignment allows. A `Layout` says
how odd that may look and still be legal. Source: FlatBuffers internals, "Format".
"""

from __future__ import annotations

import random
import struct
from typing import Any, NamedTuple

from flat_schemas import is_union_type

from tensorwire.flat import declarations as d

FORMS = {
    d.UTYPE: "B", d.BOOL: "?", d.INT8: "b", d.UINT8: "B", d.INT16: "h", d.UINT16: "H",
    d.INT32: "i", d.UINT32: "I", d.INT64: "q", d.UINT64: "Q", d.FLOAT32: "f", d.FLOAT64: "d",
}  # fmt: skip


class Layout(NamedTuple):
    """Chances of each liberty. `PLAIN` takes none; `write` with an ``rng`` alone draws one.

    ``share``: equal values become one; ``shuffle``: pieces in any legal order; ``gaps``: unused
    bytes between them, and in tables; ``junk``: unused bytes are not zero; ``tail``: entries of
    vtables behind the last that is there; ``vtables``: equal ones are one; ``identifier``: write
    it; ``prefix``: bytes of a size prefix, 0, 4 or 8; ``trailing``: bytes behind everything;
    ``misaligned``: vectors whose elements are not aligned, which only ``strict`` minds.
    """

    share: float = 0.0
    shuffle: bool = False
    gaps: float = 0.0
    junk: bool = False
    tail: float = 0.0
    vtables: bool = True
    identifier: bool = True
    prefix: int = 0
    trailing: int = 0
    misaligned: float = 0.0


PLAIN = Layout()


def random_layout(rng: Any, prefix: int = 0, misaligned: float = 0.0) -> Layout:
    """A layout with some liberties."""
    return Layout(
        share=rng.choice((0.0, 0.5, 1.0)), shuffle=rng.random() < 0.5,
        gaps=rng.choice((0.0, 0.0, 0.3)), junk=rng.random() < 0.5,
        tail=rng.choice((0.0, 0.0, 0.5)), vtables=rng.random() < 0.7,
        prefix=prefix, trailing=rng.choice((0, 0, 1, 7)), misaligned=misaligned,
    )  # fmt: skip


class Spot(NamedTuple):
    """A place that decides how other bytes are read: ``kind``, and the piece it is in."""

    start: int
    width: int
    kind: str


class Written(NamedTuple):
    """The bytes; `Spot`s of every offset, length, vtable entry and union type; pieces' starts."""

    data: bytes
    spots: list[Spot]
    starts: list[int]


class Piece:
    """Bytes that stay together. ``rules``: (place inside, alignment); ``refs``: offsets to come."""

    def __init__(self, body: bytes = b"", *rules: tuple[int, int]) -> None:
        self.body = bytearray(body)
        self.rules = list(rules)
        self.refs: list[tuple[int, int, Piece]] = []
        self.vtable: Piece | None = None
        self.spots: list[Spot] = []
        self.start = -1

    def spot(self, start: int, width: int, kind: str) -> None:
        self.spots.append(Spot(start, width, kind))

    def refer(self, at: int, width: int, target: Piece) -> None:
        self.refs.append((at, width, target))
        self.spot(at, width, "offset" if width == 4 else "offset64")


def write(
    schema: d.Declarations,
    value: dict[str, Any],
    root: str | None = None,
    layout: Layout | None = None,
    rng: Any = None,
) -> Written:
    """The bytes of a value as `flat_values` has them, the root table being a ``root``."""
    if layout is None:
        layout = PLAIN if rng is None else random_layout(rng)
    return Writer(schema, layout, rng or random.Random(0)).write(value, root or schema.root)


class Writer:
    """Writes one buffer."""

    def __init__(self, schema: d.Declarations, layout: Layout, rng: Any) -> None:
        self.schema = schema
        self.objects = {of.name: of for of in schema.objects}
        self.enums = {of.name: of for of in schema.enums}
        self.layout = layout
        self.rng = rng
        self.shared: dict[tuple[Any, ...], Piece] = {}
        self.vtables: dict[bytes, Piece] = {}

    def chance(self, of: float) -> bool:
        return of > 0 and self.rng.random() < of

    def junk(self, count: int) -> bytes:
        """Bytes that mean nothing."""
        if not self.layout.junk:
            return bytes(count)
        return bytes(self.rng.randint(0, 255) for _ in range(count))

    def gap(self) -> bytes:
        return self.junk(self.rng.randint(1, 9)) if self.chance(self.layout.gaps) else b""

    # Values become pieces.

    def piece(self, kind: d.Type, value: Any, field: d.Field | None = None) -> Piece:
        """Of what is referred to by an offset; perhaps one that is there already."""
        align = field.force_align if field is not None else 0
        key = (kind.base, kind.element, kind.ref, align, repr(value))
        if key in self.shared and self.chance(self.layout.share):
            return self.shared[key]
        if kind.base == d.STRING:
            made = self.string(value)
        elif kind.base == d.OBJECT:
            obj = self.objects[kind.ref]
            made = (self.struct_piece if obj.is_struct else self.table)(obj, value)
        else:
            made = self.vector(kind, value, align)
        self.shared[key] = made
        return made

    def string(self, value: str) -> Piece:
        raw = value.encode("utf-8", "surrogateescape")
        made = Piece(struct.pack("<I", len(raw)) + raw + b"\0", (0, 4))
        made.spot(0, 4, "length")
        made.spot(4 + len(raw), 1, "nul")
        if raw:
            made.spot(4, len(raw), "text")
        return made

    def struct_piece(self, obj: d.Object, value: dict[str, Any]) -> Piece:
        """A struct by itself, as unions have them."""
        return Piece(self.struct(obj, value), (0, obj.align))

    def struct(self, obj: d.Object, value: dict[str, Any]) -> bytes:
        raw = bytearray(self.junk(obj.size))
        for field in obj.fields:
            inner = self.inline(field.type, value[field.name])
            raw[field.offset : field.offset + len(inner)] = inner
        return bytes(raw)

    def inline(self, kind: d.Type, value: Any) -> bytes:
        if kind.base == d.ARRAY:
            element = d.Type(kind.element, kind.ref)
            return b"".join(self.inline(element, item) for item in value)
        if kind.base == d.OBJECT:
            return self.struct(self.objects[kind.ref], value)
        return struct.pack("<" + FORMS[kind.base], value)

    def align(self, kind: d.Type) -> int:
        """Of what lies inline."""
        if kind.base == d.OBJECT and self.objects[kind.ref].is_struct:
            return self.objects[kind.ref].align
        return d.WIDTHS[kind.base] or 4

    def vector(self, kind: d.Type, value: Any, force_align: int) -> Piece:
        width = 8 if kind.base == d.VECTOR64 else 4
        element = d.Type(kind.element, kind.ref)
        made = Piece(len(value).to_bytes(width, "little"), (0, width))
        made.spot(0, width, "length" if width == 4 else "length64")
        if not self.chance(self.layout.misaligned):
            made.rules.append((width, max(self.align(element), force_align)))
        if isinstance(value, bytes):
            made.body += value
        elif element.base in (d.STRING, d.UNION) or self.is_table(element):
            for item in value:
                self.add_offset(made, element, item)
        else:
            for item in value:
                made.body += self.inline(element, item)
            if element.ref in self.enums and self.enums[element.ref].is_union:
                size = d.WIDTHS[element.base]
                for i in range(len(value)):
                    made.spot(width + size * i, size, "union type")
        return made

    def is_table(self, kind: d.Type) -> bool:
        return kind.base == d.OBJECT and not self.objects[kind.ref].is_struct

    def add_offset(self, made: Piece, element: d.Type, item: Any) -> None:
        """An element that is an offset. Of unions, ``item`` is (type, value)."""
        at = len(made.body)
        made.body += bytes(4)
        if element.base != d.UNION:
            made.refer(at, 4, self.piece(element, item))
        elif item[1] is not None:
            made.refer(at, 4, self.member(element.ref, *item))

    def member(self, union: str, number: int, value: Any) -> Piece:
        """The value of a union. Of an unknown type it may be anything, say a string."""
        members = self.enums[union].values
        kind = next((m.type for m in members if m.value == number), d.Type(d.STRING))
        return self.piece(kind, value)

    # Tables.

    def table(self, obj: d.Object, value: dict[str, Any]) -> Piece:
        """Fields in some order, each at the next place that suits it."""
        here = [field for field in obj.fields if value.get(field.name) is not None]
        if self.layout.shuffle:
            self.rng.shuffle(here)
        else:
            here.sort(key=lambda field: -self.field_size(field))
        residue = 4 * self.rng.randrange(8) if self.layout.shuffle else 0
        made = Piece(bytes(4), (0, 4))
        places = {}
        for field in here:
            made.body += self.gap()
            align = self.field_align(field)
            made.body += self.junk(-(residue + len(made.body)) % align)
            made.rules.append((len(made.body), align))
            places[field.id] = len(made.body)
            self.place(made, field, value)
        made.vtable = self.vtable(obj, places, len(made.body))
        made.spot(0, 4, "soffset")
        return made

    def is_inline(self, kind: d.Type) -> bool:
        return d.WIDTHS[kind.base] > 0 or (kind.base == d.OBJECT and not self.is_table(kind))

    def field_size(self, field: d.Field) -> int:
        if type_size := d.WIDTHS[field.type.base]:
            return type_size
        if self.is_inline(field.type):
            return self.objects[field.type.ref].size
        return 8 if field.flags & d.OFFSET64 else 4

    def field_align(self, field: d.Field) -> int:
        if self.is_inline(field.type):
            return self.align(field.type)
        return 8 if field.flags & d.OFFSET64 else 4

    def place(self, made: Piece, field: d.Field, value: dict[str, Any]) -> None:
        """Adds one field to a table."""
        kind, item, at = field.type, value[field.name], len(made.body)
        if self.is_inline(kind):
            made.body += self.inline(kind, item)
            label = "union type" if is_union_type(field, self.enums) else "scalar"
            made.spot(at, len(made.body) - at, label)
            return
        width = 8 if field.flags & d.OFFSET64 else 4
        made.body += bytes(width)
        if kind.base == d.UNION:
            target = self.member(kind.ref, value[f"{field.name}_type"], item)
        elif kind.element == d.UNION:
            pairs = list(zip(value[f"{field.name}_type"], item, strict=True))
            target = self.piece(kind, pairs, field)
        else:
            target = self.piece(kind, item, field)
        made.refer(at, width, target)

    def vtable(self, obj: d.Object, places: dict[int, int], size: int) -> Piece:
        count = max(places, default=-1) + 1
        if self.chance(self.layout.tail):
            count = max(count, len(obj.fields)) + self.rng.choice((0, 1))
        entries = [places.get(number, 0) for number in range(count)]
        raw = struct.pack(f"<{2 + count}H", 4 + 2 * count, size, *entries)
        if raw in self.vtables and self.layout.vtables:
            return self.vtables[raw]
        made = Piece(raw, (0, 2))
        made.spot(0, 2, "vtable size")
        made.spot(2, 2, "object size")
        for number in range(count):
            made.spot(4 + 2 * number, 2, "voffset")
        self.vtables[raw] = made
        return made

    # Pieces become bytes.

    def write(self, value: dict[str, Any], name: str) -> Written:
        root = self.table(self.objects[name], value)
        prefix = self.layout.prefix
        header = Piece(bytes(prefix + 4), (0, 1))
        header.spot(prefix, 4, "root")
        if prefix:
            header.spot(0, prefix, "prefix")
        if self.layout.identifier and self.schema.identifier:
            header.spot(prefix + 4, 4, "identifier")
            header.body += self.schema.identifier.encode()
        out = bytearray()
        pieces = [header, *self.ordered(root)]
        for piece in pieces:
            self.put(out, piece)
        out += self.junk(self.layout.trailing + max(0, 12 - len(out)))
        out[prefix : prefix + 4] = struct.pack("<I", root.start - prefix)
        if prefix:
            out[:prefix] = (len(out) - prefix).to_bytes(prefix, "little")
        for piece in pieces:
            self.resolve(out, piece)
        spots = [s._replace(start=piece.start + s.start) for piece in pieces for s in piece.spots]
        return Written(bytes(out), sorted(spots), sorted(piece.start for piece in pieces))

    def put(self, out: bytearray, piece: Piece) -> None:
        """At the next place where each of its rules holds."""
        if piece.rules != [(0, 1)]:
            out += self.gap()
        while any((len(out) + inside) % align for inside, align in piece.rules):
            out += self.junk(1)
        piece.start = len(out)
        out += piece.body

    def resolve(self, out: bytearray, piece: Piece) -> None:
        """Writes a piece's offsets, now that all have their places."""
        for at, width, target in piece.refs:
            place = piece.start + at
            out[place : place + width] = (target.start - place).to_bytes(width, "little")
        if piece.vtable is not None:
            distance = piece.start - piece.vtable.start
            out[piece.start : piece.start + 4] = struct.pack("<i", distance)

    def ordered(self, root: Piece) -> list[Piece]:
        """Every piece once, parents before children: offsets only point forward."""
        waiting: dict[int, int] = {}
        stack, every = [root], {id(root): root}
        while stack:
            for piece in targets(stack.pop()):
                waiting[id(piece)] = waiting.get(id(piece), 0) + 1
                if id(piece) not in every:
                    every[id(piece)] = piece
                    stack.append(piece)
        vtables = {id(p.vtable): p.vtable for p in every.values() if p.vtable is not None}
        ready, found = [*vtables.values(), root], []
        while ready:
            piece = ready.pop(self.rng.randrange(len(ready)) if self.layout.shuffle else -1)
            found.append(piece)
            for target in targets(piece):
                waiting[id(target)] -= 1
                if not waiting[id(target)]:
                    ready.append(target)
        return found


def targets(piece: Piece) -> list[Piece]:
    return [target for _, _, target in piece.refs]
