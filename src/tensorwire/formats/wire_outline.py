"""The top level of a Protobuf message, as far as telling formats apart needs it.

A format's bytes are read here before its schema is known, so this is a scan of its own: few fields,
no values but small numbers, no errors. `tensorwire.proto` reads messages.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorwire._core.source import Source

__all__ = ["BYTES", "VARINT", "outline"]

# Source: protobuf.dev/programming-guides/encoding, "Message Structure".
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
VARINT_MAX = 10  # bytes
FIELDS_MAX = 1000  # top-level items looked at: enough to pass over long metadata before a graph


def outline(source: Source) -> Iterator[tuple[int, int, int]]:
    """(field number, wire type, value or length in bytes) of each top-level item, in file order.

    Ends silently where the bytes are no message any more; an item cut by the end is still given.
    """
    at = 0
    for _ in range(FIELDS_MAX):
        tag, at = _varint(source, at)
        if at < 0 or tag >> 3 == 0:
            return
        wire_type = tag & 7
        value = 0
        if wire_type in (VARINT, BYTES):
            value, at = _varint(source, at)
            if at < 0:
                return
        yield tag >> 3, wire_type, value
        step = {VARINT: 0, FIXED64: 8, FIXED32: 4, BYTES: value}.get(wire_type)
        if step is None or step > source.size - at:
            return
        at += step


def _varint(source: Source, at: int) -> tuple[int, int]:
    """(value, position after it), or (0, -1) where there is none."""
    value = 0
    span = source.span(at, min(VARINT_MAX, source.size - at))
    for i, byte in enumerate(span):
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value, at + i + 1
    return 0, -1
