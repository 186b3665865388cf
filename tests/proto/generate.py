"""Random messages of any type, well-formed or nearly so, from anything like `random.Random`."""

import struct
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Kind

from . import oracle
from .encode import END, FIXED32, FIXED64, LEN, START, VARINT, tag, varint

VALUES = (0, 1, 2, 5, 63, 64, 70, 127, 128, 300, 1000, 2**14, 2**28, 2**31 - 1, 2**31, 2**32 - 1,
          2**32, 2**35, 2**62, 2**63 - 1, 2**63, 2**64 - 1, -1, -2, -(2**31))  # fmt: skip
TEXTS = (b"", b"a", b"name", "hé".encode(), "€😀".encode(), b"nul\0", b"x" * 30, b"longer" * 25)
BAD_TEXTS = (b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"ascii\xe2\x82")
FLOATS = (0.0, -0.0, 1.5, float("inf"), float("nan"))


class Generator:
    """Builds messages. ``odd``: how often something that no encoder writes, but a decoder takes."""

    def __init__(self, rng: Any, odd: float = 0.1) -> None:
        self.rng = rng
        self.odd = odd

    def chance(self, of: float) -> bool:
        return self.rng.random() < of

    def message(self, descriptor: Any, items: int = 8, depth: int = 3) -> bytes:
        """So many items or fewer, mostly of known fields, sometimes sorted as an encoder would.

        Often of a few fields only, so that they come again: merging, switching, appending.
        """
        count = self.rng.randrange(items + 1)
        known = list(descriptor.fields)
        if self.chance(0.4):
            known = [self.rng.choice(known) for _ in range(3)]
        fields = [self.rng.choice(known) for _ in range(count)]
        if self.chance(0.5):
            fields = sorted(dict.fromkeys(fields), key=lambda field: field.number)
        parts = [self.field(field, depth) for field in fields]
        if self.chance(self.odd):
            parts.insert(self.rng.randrange(len(parts) + 1), self.unknown(descriptor, depth))
        return b"".join(parts)

    def field(self, field: Any, depth: int) -> bytes:
        """One occurrence of a field, of a repeated one up to 12."""
        if not field.is_repeated:
            return self.item(field, depth)
        count = self.rng.choice((1, 1, 2, 3, 12)) if depth else 1
        if oracle.packable(field) and field.is_packed != self.chance(self.odd):
            return self.packed(field, self.rng.choice((0, 1, 2, 3, 12, 40, 70)))
        return b"".join([self.item(field, depth) for _ in range(count)])

    def item(self, field: Any, depth: int) -> bytes:
        if field.message_type is not None:
            content = self.message(field.message_type, 4, depth - 1) if depth > 0 else b""
            if field.type == Kind.TYPE_GROUP:
                return self.tag(field.number, START) + content + self.tag(field.number, END)
            return self.run(field.number, content)
        wire = oracle.wire_of(field)
        if wire == LEN:
            return self.run(field.number, self.text(field))
        return self.tag(field.number, wire) + self.scalar(field, wire)

    def text(self, field: Any) -> bytes:
        texts = TEXTS
        if field.type == Kind.TYPE_BYTES or self.chance(self.odd / 4):
            texts += BAD_TEXTS
        return self.rng.choice(texts)

    def scalar(self, field: Any, wire: int) -> bytes:
        """The payload of one number."""
        if wire == VARINT:
            if self.chance(self.odd):
                return self.varint(self.value())
            if field.enum_type is not None:
                return varint(self.rng.choice(field.enum_type.values).number)
            return varint(1 if field.type == Kind.TYPE_BOOL else self.rng.choice(VALUES[1:16]))
        if self.chance(0.3):
            return struct.pack("<f" if wire == FIXED32 else "<d", self.rng.choice(FLOATS))
        return (self.value() & 2**64 - 1).to_bytes(8, "little")[: 4 if wire == FIXED32 else 8]

    def packed(self, field: Any, count: int) -> bytes:
        wire = oracle.wire_of(field)
        return self.run(field.number, b"".join([self.scalar(field, wire) for _ in range(count)]))

    def unknown(self, descriptor: Any, depth: int) -> bytes:
        """An item of a number that is no field, or of a wire type that its field does not take."""
        number = self.rng.choice((19, 39, 19000, 2**29 - 2, *descriptor.fields_by_number))
        wire = self.rng.choice((VARINT, FIXED64, LEN, START, FIXED32))
        if wire == START:
            inner = b"".join([self.unknown(descriptor, depth - 1) for _ in range(depth)][:2])
            return self.tag(number, START) + inner + self.tag(number, END)
        if wire == LEN:
            return self.run(number, self.rng.choice(TEXTS + BAD_TEXTS))
        payload = bytes(8 if wire == FIXED64 else 4)
        return self.tag(number, wire) + (self.varint(self.value()) if wire == VARINT else payload)

    def value(self) -> int:
        if self.chance(0.5):
            return self.rng.choice(VALUES)
        return self.rng.getrandbits(self.rng.choice((3, 7, 8, 14, 15, 32, 33, 64)))

    def varint(self, value: int) -> bytes:
        return varint(value, self.rng.randrange(11) if self.chance(self.odd) else 0)

    def tag(self, number: int, wire: int) -> bytes:
        return tag(number, wire, self.rng.randrange(6) if self.chance(self.odd / 4) else 0)

    def run(self, number: int, payload: bytes) -> bytes:
        padding = self.rng.randrange(7) if self.chance(self.odd / 4) else 0
        return self.tag(number, LEN) + varint(len(payload), padding) + payload

    def corrupt(self, data: bytes) -> bytes:
        """``data`` with one or a few bytes changed, cut, doubled or put in."""
        changed = bytearray(data)
        for _ in range(self.rng.choice((1, 1, 1, 2, 5))):
            at = self.rng.randrange(len(changed) + 1)
            how = self.rng.randrange(6)
            if how == 0:
                del changed[at:]
            elif how == 1:
                changed[at : at + 1] = bytes([self.rng.choice((0, 1, 0x7F, 0x80, 0xFF))])
            elif how == 2:
                changed[at:at] = varint(self.value(), self.rng.randrange(12))
            elif how == 3:
                changed[at:at] = changed[at : at + self.rng.randrange(20)]
            elif how == 4:
                del changed[at : at + self.rng.randrange(5)]
            elif at < len(changed):
                changed[at] ^= 1 << self.rng.randrange(8)
        return bytes(changed)
