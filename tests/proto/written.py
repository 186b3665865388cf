"""What a message is written as after reading it, in plain Python: the oracle of the encoder.

Source of the rules: protobuf.dev/programming-guides/encoding; measured on upstream where it is
silent. REQUIRES: bytes that `oracle.verify` accepts.
"""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Kind

from . import oracle, values
from .encode import END, FIXED32, LEN, START, VARINT, tag, varint

# Of one field, in order: payloads, or for numbers what is written for each.
Held = dict[int, list[bytes]]


def write(data: bytes, descriptor: Any, foreign: bool = False) -> bytes:
    """The message as an encoder writes it; ``foreign``: a map entry as any other message."""
    held: Held = {}
    unknown: list[bytes] = []
    for item, stop, after, at in _items(data):
        field = descriptor.fields_by_number.get(item.number)
        if field is None or not _takes(field, item):
            unknown.append(data[at:after])
        elif _is_map(field) and not _is_entry(data[item.start : stop], field.message_type):
            content = write(data[item.start : stop], field.message_type, True)
            unknown.append(tag(field.number, LEN) + varint(len(content)) + content)
        else:
            _hold(held, unknown, field, item, data[item.start : stop])
    if descriptor.GetOptions().map_entry and not foreign:
        known = [_entry_field(f, held.get(f.number)) for f in descriptor.fields]
    else:
        known = [_field(descriptor.fields_by_number[n], held[n]) for n in sorted(held)]
    return b"".join(known + unknown)


def _items(data: bytes) -> Any:
    """``(item, end of its payload, first byte behind it, its first byte)``."""
    at = 0
    while at < len(data):
        item = oracle.read_item(data, at, len(data), True)
        stop = after = item.stop
        if item.wire == START:
            stop, after = values._group_end(data, item.stop)
        yield item, stop, after, at
        at = after


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _is_run(field: Any, item: Any) -> bool:
    return item.wire == LEN and field.is_repeated and oracle.packable(field)


def _takes(field: Any, item: Any) -> bool:
    if _is_run(field, item):
        return True
    if item.wire != oracle.wire_of(field):
        return False
    return item.wire != VARINT or oracle.knows(field, item.value)


def _is_entry(data: bytes, entry: Any) -> bool:
    fields = entry.fields_by_number
    return all(
        item.number in fields and _takes(fields[item.number], item)
        for item, _, _, _ in _items(data)
    )


def _hold(held: Held, unknown: list[bytes], field: Any, item: Any, payload: bytes) -> None:
    if field.containing_oneof is not None:
        for other in field.containing_oneof.fields:
            if other.number != field.number:
                held.pop(other.number, None)
    parts = held.setdefault(field.number, [])
    if _is_run(field, item):
        parts.extend(_run(field, payload, unknown))
    elif field.is_repeated or field.message_type is not None:
        parts.append(_payload(field, item.value, payload))
    else:
        parts[:] = [_payload(field, item.value, payload)]


def _payload(field: Any, value: int, payload: bytes) -> bytes:
    return _number(field, value) if oracle.wire_of(field) == VARINT else payload


def _number(field: Any, value: int) -> bytes:
    """The varint of what a reader keeps of a value."""
    if field.type == Kind.TYPE_BOOL:
        return varint(value != 0)
    if field.type in (Kind.TYPE_INT32, Kind.TYPE_ENUM):
        return varint(oracle.signed32(value))
    if field.type in (Kind.TYPE_UINT32, Kind.TYPE_SINT32):
        return varint(value & 2**32 - 1)
    return varint(value)


def _run(field: Any, payload: bytes, unknown: list[bytes]) -> list[bytes]:
    wire, at, parts = oracle.wire_of(field), 0, []
    while at < len(payload):
        if wire != VARINT:
            width = 4 if wire == FIXED32 else 8
            parts.append(payload[at : at + width])
            at += width
            continue
        value, at = oracle.read_varint(payload, at, len(payload), at)
        if oracle.knows(field, value):
            parts.append(_number(field, value))
        else:
            unknown.append(tag(field.number, VARINT) + varint(value))
    return parts


# -- writing -------------------------------------------------------------------------------------


def _field(field: Any, parts: list[bytes]) -> bytes:
    if _is_map(field):
        return _map(field, parts)
    if field.message_type is not None:
        pieces = parts if field.is_repeated else [b"".join(parts)]
        return b"".join([_item(field, write(piece, field.message_type)) for piece in pieces])
    if field.is_repeated and oracle.packable(field) and field.is_packed:
        content = b"".join(parts)
        return tag(field.number, LEN) + varint(len(content)) + content if parts else b""
    implicit = not field.has_presence and not field.is_repeated
    if implicit and _is_default(field, parts[-1]):
        return b""
    return b"".join([_item(field, part) for part in parts])


def _is_default(field: Any, payload: bytes) -> bool:
    """A text of NULs is none."""
    return not payload if oracle.wire_of(field) == LEN else not any(payload)


def _item(field: Any, payload: bytes) -> bytes:
    wire = oracle.wire_of(field)
    if wire == START:
        return tag(field.number, START) + payload + tag(field.number, END)
    head = tag(field.number, wire)
    return head + (varint(len(payload)) if wire == LEN else b"") + payload


def _map(field: Any, pieces: list[bytes]) -> bytes:
    """The last entry of each key. Upstream's order: numbers descend as if unsigned; texts ascend,
    but one that begins with another comes before it."""
    kind = field.message_type.fields_by_name["key"]
    entries = {}
    for piece in pieces:
        entries[_key(piece, kind)] = piece
    if kind.type == Kind.TYPE_STRING:
        keys = sorted(entries, key=lambda key: (*key, 256))
    else:
        keys = sorted(entries, reverse=True)
    return b"".join([_item(field, write(entries[key], field.message_type)) for key in keys])


def _key(entry: bytes, field: Any) -> Any:
    found: Any = b"" if field.type == Kind.TYPE_STRING else 0
    for item, stop, _, _ in _items(entry):
        if item.number == field.number:
            payload = item.value if item.wire == VARINT else entry[item.start : stop]
            found = values.scalar(field, payload) if field.type != Kind.TYPE_STRING else payload
    return found if isinstance(found, bytes) else int(found) & 2**64 - 1


def _entry_field(field: Any, parts: list[bytes] | None) -> bytes:
    """Key and value are written even where they are defaults."""
    if field.message_type is not None:
        return _item(field, write(b"".join(parts or []), field.message_type))
    width = {oracle.FIXED32: 4, oracle.FIXED64: 8, VARINT: 1, LEN: 0}[oracle.wire_of(field)]
    return _item(field, parts[-1] if parts else bytes(width))
