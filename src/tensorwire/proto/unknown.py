"""The fields of a message that its schema does not know."""

from __future__ import annotations

import struct
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Wire types. Source: protobuf.dev/programming-guides/encoding, "Message Structure".
VARINT, FIXED64, LEN, START, END, FIXED32 = range(6)

# Not typing.NamedTuple: importing `typing` costs 3 ms or more.
UnknownField = namedtuple("UnknownField", ["field_number", "wire_type", "data"])  # noqa: PYI024
UnknownField.__doc__ = """One unknown field: a number's unsigned bits as ``int``, the ``bytes`` of a
length-delimited one, or the `UnknownFieldSet` of a group."""


class UnknownFieldSet:
    """The unknown fields of a message, or of a group among them, in the order of their bytes.

    A snapshot. Has upstream's members: sized, indexed and iterated.
    """

    __slots__ = ("_fields",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, encoded: bytes = b"") -> None:
        """The fields of ``encoded``. REQUIRES: bytes that verification has accepted."""
        self._fields: list[UnknownField] = []
        open_sets, at = [self], 0
        while at < len(encoded):
            tag, at = _varint(encoded, at)
            number, wire = tag >> 3, tag & 7
            if wire == END:
                open_sets.pop()
            elif wire == START:
                group = UnknownFieldSet()
                open_sets[-1]._fields.append(UnknownField(number, wire, group))
                open_sets.append(group)
            else:
                value, at = _payload(encoded, at, wire)
                open_sets[-1]._fields.append(UnknownField(number, wire, value))

    def __len__(self) -> int:
        return len(self._fields)

    def __getitem__(self, index: int) -> UnknownField:
        """Raises: ``IndexError``."""
        return self._fields[index]

    def __iter__(self) -> Iterator[UnknownField]:
        return iter(self._fields)

    def __repr__(self) -> str:
        return f"<UnknownFieldSet of {len(self)} fields>"


def _payload(encoded: bytes, at: int, wire: int) -> tuple[int | bytes, int]:
    """``(value, first byte behind it)``."""
    if wire == VARINT:
        return _varint(encoded, at)
    if wire == LEN:
        length, at = _varint(encoded, at)
        return encoded[at : at + length], at + length
    code, width = ("<Q", 8) if wire == FIXED64 else ("<I", 4)
    return struct.unpack_from(code, encoded, at)[0], at + width


def _varint(encoded: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = encoded[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 2**64 - 1, at
        shift += 7
