"""Protobuf items as bytes: what it takes to write a model without the onnx package.

Source: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

__all__ = ["block", "head", "number"]

VARINT, BYTES = 0, 2  # wire types


def number(field: int, value: int) -> bytes:
    """A field of an integer that is not negative."""
    return _varint(field << 3 | VARINT) + _varint(value)


def block(field: int, payload: bytes | str) -> bytes:
    """A field of bytes, text or a message."""
    data = payload.encode() if isinstance(payload, str) else payload
    return head(field, len(data)) + data


def head(field: int, nbytes: int) -> bytes:
    """What stands before a payload of ``nbytes`` that is written apart."""
    return _varint(field << 3 | BYTES) + _varint(nbytes)


def _varint(value: int) -> bytes:
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
