"""Records framed in plain Python, and read back the same way: the oracle of the framing tests."""

from __future__ import annotations

import struct


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> bytes:
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = _table()


def masked_crc(data: bytes) -> int:
    """TFRecord's: tensorflow/core/lib/hash/crc32c.h."""
    state = 0xFFFFFFFF
    for byte in data:
        state = state >> 8 ^ TABLE[(state ^ byte) & 0xFF]
    crc = state ^ 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def delimited(records) -> bytes:
    return b"".join(varint(len(record)) + record for record in records)


def tfrecord(records) -> bytes:
    parts = []
    for record in records:
        head = struct.pack("<Q", len(record))
        parts += [head, struct.pack("<I", masked_crc(head)), record]
        parts.append(struct.pack("<I", masked_crc(record)))
    return b"".join(parts)


WRITERS = {"delimited": delimited, "tfrecord": tfrecord}


def confluent(record: bytes, indexes=(0,), schema: int = 7) -> bytes:
    """A record as Confluent's Protobuf serializer writes it."""
    head = b"\0" + struct.pack(">I", schema)
    if tuple(indexes) == (0,):
        return head + b"\0" + record
    return head + zigzag(len(indexes)) + b"".join(map(zigzag, indexes)) + record


def read_varint(data: bytes, at: int):
    """(value, next), or why there is none."""
    value = 0
    for i in range(10):
        if at + i == len(data):
            return "cut"
        value |= (data[at + i] & 0x7F) << 7 * i
        if data[at + i] < 0x80:
            return value & (1 << 64) - 1, at + i + 1
    return "frame"


def frames(data: bytes, framing: str, *, crc: bool = False):
    """(spans, next, kind): what `find_frames` must give of all the data."""
    spans, at = [], 0
    crc = crc and framing == "tfrecord"
    while at < len(data):
        if framing == "delimited":
            found = read_varint(data, at)
            if isinstance(found, str):
                return spans, at, found
            length, start = found
            tail = 0
        else:
            start, tail = at + 12, 4
            if start > len(data):
                return spans, at, "cut"
            length, stored = struct.unpack("<QI", data[at:start])
            if crc and masked_crc(data[at : at + 8]) != stored:
                return spans, at, "frame"
        if start + length + tail > len(data):
            return spans, at, "cut"
        spans.append((start, length))
        at = start + length + tail
        record = data[start : start + length]
        if crc and masked_crc(record) != struct.unpack("<I", data[at - 4 : at])[0]:
            return spans, at, "record"
    return spans, at, None


def prefix(record: bytes, skip: int, is_confluent: bool) -> int | None:
    """How long the prefix is, or None where it is wrong."""
    at = skip
    if not is_confluent:
        return at if at <= len(record) else None
    if len(record) < skip + 5 or record[skip] != 0:
        return None
    found = read_varint(record, skip + 5)
    if isinstance(found, str) or found[0] & 1:
        return None
    count, at = found[0] >> 1, found[1]
    if count > len(record) - at:
        return None
    for _ in range(count):
        found = read_varint(record, at)
        if isinstance(found, str):
            return None
        at = found[1]
    return at
