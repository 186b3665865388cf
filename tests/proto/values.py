"""What a message holds, in plain Python from upstream's descriptors: the oracle of all values.

Source of the rules: protobuf.dev/programming-guides/encoding; measured on upstream where it is
silent. REQUIRES: bytes that `oracle.verify` accepts.
"""

import struct
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Kind

from . import oracle
from .encode import END, FIXED32, LEN, START, VARINT
from .reading import plain, plains

FORMATS = {
    Kind.TYPE_DOUBLE: "<d", Kind.TYPE_FLOAT: "<f", Kind.TYPE_FIXED32: "<I",
    Kind.TYPE_FIXED64: "<Q", Kind.TYPE_SFIXED32: "<i", Kind.TYPE_SFIXED64: "<q",
}  # fmt: skip
Pieces = list[bytes]


def read(pieces: Pieces, descriptor: Any) -> dict[str, Any]:
    """Present fields by name: a value, a list, a dict of a map, or the same of a submessage.

    Values are `plain`. The bytes of several occurrences of a message are read one behind the
    other: that is what merging is.
    """
    found: dict[str, Any] = {}
    for field, wire, payload in _items(b"".join(pieces), descriptor):
        _take(found, field, wire, payload)
    finished = {}
    for name, held in found.items():
        field = descriptor.fields_by_name[name]
        value = _finish(field, held)
        if not is_default(field, value):
            finished[name] = value
    return finished


def is_default(field: Any, value: Any) -> bool:
    """Whether a value under implicit presence is as good as absent: also an empty list or map."""
    if field.has_presence:
        return False
    return not value if field.is_repeated else value == plain(field.default_value)


def _items(data: bytes, descriptor: Any) -> Any:
    """``(field, wire type, payload)`` of what is read as a field; of a varint its value."""
    at = 0
    while at < len(data):
        item = oracle.read_item(data, at, len(data), True)
        stop, at = item.stop, item.stop
        if item.wire == START:
            stop, at = _group_end(data, item.stop)
        field = descriptor.fields_by_number.get(item.number)
        if field is None:
            continue
        packed = item.wire == LEN and field.is_repeated and oracle.packable(field)
        if not packed and item.wire != oracle.wire_of(field):
            continue
        if item.wire == VARINT and not oracle.knows(field, item.value):
            continue
        yield field, item.wire, item.value if item.wire == VARINT else data[item.start : stop]


def _group_end(data: bytes, at: int) -> tuple[int, int]:
    """``(first byte of the end tag, first byte behind it)``."""
    levels = 1
    while True:
        item = oracle.read_item(data, at, len(data), True)
        levels += (item.wire == START) - (item.wire == END)
        if levels == 0:
            return at, item.stop
        at = item.stop


def _take(found: dict[str, Any], field: Any, wire: int, payload: Any) -> None:
    """Adds one item to what was found before it."""
    if field.containing_oneof is not None:
        for other in field.containing_oneof.fields:
            if other.number != field.number:
                found.pop(other.name, None)
    if field.message_type is not None:
        found.setdefault(field.name, []).append(payload)
    elif not field.is_repeated:
        found[field.name] = scalar(field, payload)
    elif wire == LEN and oracle.packable(field):
        found.setdefault(field.name, []).extend(_run(field, payload))
    else:
        found.setdefault(field.name, []).append(scalar(field, payload))


def _finish(field: Any, held: Any) -> Any:
    if field.message_type is None:
        return plains(held) if field.is_repeated else plain(held)
    if field.message_type.GetOptions().map_entry:
        return _mapping(field.message_type, held)
    if field.is_repeated:
        return [read([piece], field.message_type) for piece in held]
    return read(held, field.message_type)


def _mapping(entry: Any, pieces: Pieces) -> dict[Any, Any]:
    """An entry with anything else than its key and value is an unknown field as a whole."""
    key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
    mapping = {}
    for piece in pieces:
        if len(list(_items(piece, entry))) == _count(piece):
            held = read([piece], entry)
            default = {} if value.message_type is not None else plain(value.default_value)
            at = held.get("key", plain(key.default_value))
            mapping[at] = held.get("value", default)
    return mapping


def _count(data: bytes) -> int:
    count, at = 0, 0
    while at < len(data):
        item = oracle.read_item(data, at, len(data), True)
        at = _group_end(data, item.stop)[1] if item.wire == START else item.stop
        count += 1
    return count


def _run(field: Any, payload: bytes) -> list[Any]:
    wire, at, values = oracle.wire_of(field), 0, []
    width = 4 if wire == FIXED32 else 8
    while at < len(payload):
        if wire == VARINT:
            value, at = oracle.read_varint(payload, at, len(payload), at)
            if oracle.knows(field, value):
                values.append(scalar(field, value))
        else:
            values.append(scalar(field, payload[at : at + width]))
            at += width
    return values


def scalar(field: Any, payload: Any) -> Any:
    """One value from a varint's 64 bits, or from the bytes of any other payload."""
    kind = field.type
    if kind in FORMATS:
        return struct.unpack(FORMATS[kind], payload)[0]
    if kind == Kind.TYPE_BYTES:
        return payload
    if kind == Kind.TYPE_STRING:
        try:
            return payload.decode("utf-8")
        except UnicodeDecodeError:
            return payload
    return _varint(kind, payload)


def _varint(kind: int, value: int) -> Any:
    low = value & 2**32 - 1
    if kind == Kind.TYPE_BOOL:
        return value != 0
    if kind in (Kind.TYPE_INT32, Kind.TYPE_ENUM):
        return oracle.signed32(low)
    if kind == Kind.TYPE_UINT32:
        return low
    if kind == Kind.TYPE_SINT32:
        return low >> 1 ^ -(low & 1)
    if kind == Kind.TYPE_SINT64:
        return value >> 1 ^ -(value & 1)
    return value - 2**64 if kind == Kind.TYPE_INT64 and value >> 63 else value


def tree(message: Any, descriptor: Any) -> dict[str, Any]:
    """What one of our messages holds, as `read` has it."""
    held = {}
    for field in descriptor.fields:
        if field.has_presence and not message.HasField(field.name):
            continue
        value, kind = getattr(message, field.name), field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            child = kind.fields_by_name["value"].message_type
            value = {plain(key): _tree_of(item, child) for key, item in value.items()}
        elif field.is_repeated:
            value = [_tree_of(item, kind) for item in value]
        else:
            value = _tree_of(value, kind)
        if not is_default(field, value):
            held[field.name] = value
    return held


def _tree_of(value: Any, kind: Any) -> Any:
    return plain(value) if kind is None else tree(value, kind)
