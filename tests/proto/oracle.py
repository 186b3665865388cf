"""What the engine accepts, in plain Python from upstream's descriptors: slow, and no cleverer.

Verdicts: upstream's, measured; protobuf.dev/programming-guides/encoding where it says enough.
Canonical: what an encoder of the schema would write, see `_Judge`.
"""

from typing import Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor as Kind

from .encode import END, FIXED32, FIXED64, LEN, START, VARINT, varint

MASK64 = 2**64 - 1
DEPTH = 100

# Reason -> how the engine's text for it begins.
REASONS = {
    "truncated": "item runs past its parent",
    "overlong": "varint longer than ten bytes",
    "bad-tag": "tag longer than five bytes or wider than 32 bits",
    "bad-wire": "wire type",
    "bad-field": "field number 0 does not exist",
    "bad-length": "length of",
    "packed-width": "packed run is no multiple",
    "bad-utf8": "string is not UTF-8",
    "lone-end": "end of group",
    "open-group": "group",
    "too-deep": "nested deeper than",
}
WIRES = {
    Kind.TYPE_DOUBLE: FIXED64, Kind.TYPE_FLOAT: FIXED32, Kind.TYPE_INT64: VARINT,
    Kind.TYPE_UINT64: VARINT, Kind.TYPE_INT32: VARINT, Kind.TYPE_FIXED64: FIXED64,
    Kind.TYPE_FIXED32: FIXED32, Kind.TYPE_BOOL: VARINT, Kind.TYPE_STRING: LEN,
    Kind.TYPE_GROUP: START, Kind.TYPE_MESSAGE: LEN, Kind.TYPE_BYTES: LEN,
    Kind.TYPE_UINT32: VARINT, Kind.TYPE_ENUM: VARINT, Kind.TYPE_SFIXED32: FIXED32,
    Kind.TYPE_SFIXED64: FIXED64, Kind.TYPE_SINT32: VARINT, Kind.TYPE_SINT64: VARINT,
}  # fmt: skip


class Bad(Exception):
    """Why bytes are refused, and the first byte of the item that is."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason, offset)
        self.reason, self.offset = reason, offset


class Verdict(NamedTuple):
    reason: str | None
    offset: int
    canonical: bool


class Item(NamedTuple):
    number: int
    wire: int
    start: int  # of the payload
    stop: int
    value: int  # of a varint
    minimal: bool  # tag and length are as short as they can be


def verify(data: bytes, descriptor: Any, depth: int = DEPTH) -> Verdict:
    """The verdict on ``data`` as a message of that type."""
    judge = _Judge(data)
    try:
        _message(data, 0, len(data), descriptor, depth, judge)
    except Bad as bad:
        return Verdict(bad.reason, bad.offset, False)
    return Verdict(None, 0, judge.canonical)


def wire_of(field: Any) -> int:
    return WIRES[field.type]


def packable(field: Any) -> bool:
    return wire_of(field) not in (LEN, START)


def utf8_demanded(field: Any) -> bool:
    return field.type == Kind.TYPE_STRING and not field.file.package.endswith("proto2")


def signed32(value: int) -> int:
    value &= 2**32 - 1
    return value - 2**32 if value >> 31 else value


def knows(field: Any, value: int) -> bool:
    """Whether a varint is a value of the field; false for unknown numbers of a closed enum."""
    if field.enum_type is None or not field.enum_type.is_closed:
        return True
    return signed32(value) in field.enum_type.values_by_number


# -- one item ------------------------------------------------------------------------------------


def read_varint(data: bytes, at: int, stop: int, item: int) -> tuple[int, int]:
    """``(value, first byte behind it)``."""
    value = 0
    for i in range(10):
        if at + i == stop:
            raise Bad("truncated", item)
        value |= (data[at + i] & 0x7F) << 7 * i
        if data[at + i] < 0x80:
            return value & MASK64, at + i + 1
    raise Bad("overlong", item)


def read_tag(data: bytes, at: int, stop: int) -> tuple[int, int]:
    for i in range(5):
        if at + i == stop:
            raise Bad("truncated", at)
        if data[at + i] < 0x80:
            value, after = read_varint(data, at, stop, at)
            if value >> 32:
                raise Bad("bad-tag", at)
            return value, after
    raise Bad("bad-tag", at)


def read_item(data: bytes, at: int, stop: int, in_unknown: bool = False) -> Item:
    """The item at ``at``; of a group only its start tag. Number 0 passes in unknown groups only."""
    tag, start = read_tag(data, at, stop)
    number, wire = tag >> 3, tag & 7
    minimal = start - at == len(varint(tag))
    if number == 0 and not in_unknown:
        raise Bad("bad-field", at)
    if wire == VARINT:
        value, after = read_varint(data, start, stop, at)
        return Item(number, wire, start, after, value, minimal)
    if wire in (FIXED32, FIXED64):
        width = 4 if wire == FIXED32 else 8
        if width > stop - start:
            raise Bad("truncated", at)
        value = int.from_bytes(data[start : start + width], "little")
        return Item(number, wire, start, start + width, value, minimal)
    if wire == LEN:
        length, payload = read_varint(data, start, stop, at)
        if payload - start > 5 and length < 2**35:
            raise Bad("bad-length", at)
        if length > stop - payload:
            raise Bad("truncated", at)
        minimal &= payload - start == len(varint(length))
        return Item(number, wire, payload, payload + length, 0, minimal)
    if wire in (START, END):
        return Item(number, wire, start, start, 0, minimal)
    raise Bad("bad-wire", at)


# -- messages ------------------------------------------------------------------------------------


def _message(data, at, stop, descriptor, depth, judge, group=None, opened=0) -> int:
    """Goes over ``[at, stop)``; the byte behind the end of the group, or ``stop``."""
    judge.open(descriptor)
    while at < stop:
        item = read_item(data, at, stop, descriptor is None)
        if item.wire == END:
            if item.number != group:
                raise Bad("lone-end", at)
            judge.canonical &= item.minimal or descriptor is None
            judge.close()
            return item.stop
        field = descriptor.fields_by_number.get(item.number) if descriptor else None
        at = _field(data, at, stop, item, field, depth, judge)
    if group is not None:
        raise Bad("open-group", opened)
    judge.close()
    return at


def _field(data, at, stop, item, field, depth, judge) -> int:
    """One item of any kind; the first byte behind it."""
    packed = field is not None and item.wire == LEN and field.is_repeated and packable(field)
    if field is None or not (packed or item.wire == wire_of(field)):
        judge.unknown()
        if item.wire == START:
            if depth == 0:
                raise Bad("too-deep", at)
            return _message(data, item.start, stop, None, depth - 1, judge, item.number, at)
        return item.stop
    judge.known(field, item, packed)
    if field.message_type is not None:
        if depth == 0:
            raise Bad("too-deep", at)
        group, end = (item.number, stop) if item.wire == START else (None, item.stop)
        return _message(data, item.start, end, field.message_type, depth - 1, judge, group, at)
    if packed:
        _packed(data, at, item, field, judge)
    elif utf8_demanded(field):
        try:
            data[item.start : item.stop].decode("utf-8")
        except UnicodeDecodeError:
            raise Bad("bad-utf8", at) from None
    return item.stop


def _packed(data, at, item, field, judge) -> None:
    wire = wire_of(field)
    if wire != VARINT:
        width = 4 if wire == FIXED32 else 8
        if (item.stop - item.start) % width:
            raise Bad("packed-width", at)
        return
    place = item.start
    while place < item.stop:
        value, after = read_varint(data, place, item.stop, place)
        judge.varint(field, value, data[place:after])
        place = after


class _Judge:
    """Whether the bytes are canonical: known fields ascend and come before unknown ones, nothing
    singular twice, one member of a oneof, shortest varints, values as wide as their kind, known
    enum numbers, packed as declared and in one run that is not empty, no default under implicit
    presence, entries of a map complete and at most one, everything required present.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.canonical = True
        self.frames: list[dict[str, Any]] = []

    def open(self, descriptor: Any) -> None:
        self.frames.append({"type": descriptor, "last": 0, "seen": set(), "unknown": False})

    def close(self) -> None:
        frame = self.frames.pop()
        if frame["type"] is None:
            return
        entry = frame["type"].GetOptions().map_entry
        for field in frame["type"].fields:
            if (entry or field.is_required) and field.number not in frame["seen"]:
                self.canonical = False
        if entry and frame["unknown"]:
            self.canonical = False

    def unknown(self) -> None:
        self.frames[-1]["unknown"] = True

    def known(self, field: Any, item: Item, packed: bool) -> None:
        frame = self.frames[-1]
        again = field.number in frame["seen"]
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        fine = item.minimal and not frame["unknown"] and field.number >= frame["last"]
        fine &= not again or (field.is_repeated and not packed and not is_map)
        if field.containing_oneof is not None:
            members = {member.number for member in field.containing_oneof.fields}
            fine &= not frame["seen"] & members
        if field.is_repeated and packable(field):
            fine &= packed == field.is_packed
        if packed:
            fine &= item.stop > item.start
        elif item.wire == VARINT:
            self.varint(field, item.value, self.data[item.start : item.stop])
        entry = field.containing_type.GetOptions().map_entry  # both are always written
        if not field.has_presence and not field.is_repeated and not entry:
            fine &= item.value != 0 if item.wire != LEN else item.stop > item.start
        frame["seen"].add(field.number)
        frame["last"] = field.number
        self.canonical &= fine

    def varint(self, field: Any, value: int, encoded: bytes) -> None:
        """One value of a singular, repeated or packed field."""
        fine = encoded == varint(value) and knows(field, value)
        if field.type == Kind.TYPE_BOOL:
            fine &= value <= 1
        elif field.type in (Kind.TYPE_UINT32, Kind.TYPE_SINT32):
            fine &= value < 2**32
        elif field.type in (Kind.TYPE_INT32, Kind.TYPE_ENUM):
            fine &= value == signed32(value) & MASK64
        self.canonical &= fine
