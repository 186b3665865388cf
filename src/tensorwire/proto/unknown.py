"""Unknown fields as objects: what upstream's ``unknown_fields.UnknownFieldSet`` shows of them."""

from __future__ import annotations

from typing import NamedTuple

from tensorwire.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import ClassVar

__all__ = ["UnknownField", "UnknownFieldSet", "unknown_field_set"]

# Source: protobuf.dev/programming-guides/encoding, "Message Structure".
_VARINT, _FIXED64, _LEN, _START, _END, _FIXED32 = 0, 1, 2, 3, 4, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}  # bytes

# As upstream drops the surplus bits of a tenth byte.
_BITS = 2**64 - 1


class UnknownField(NamedTuple):
    """One item of a message that no field of its type describes; ``data`` of a group is a set."""

    field_number: int
    wire_type: int
    data: int | bytes | UnknownFieldSet


class UnknownFieldSet:
    """A sequence of `UnknownField`, in the order of the bytes; made by `unknown_field_set`."""

    __slots__ = ("_fields",)
    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __init__(self, fields: list[UnknownField]) -> None:
        self._fields = fields

    def __len__(self) -> int:
        return len(self._fields)

    def __getitem__(self, index: int) -> UnknownField:
        if not hasattr(type(index), "__index__"):
            raise TypeError(f"an index must be an integer, not {type(index).__name__!r}")
        return self._fields[index]

    def __iter__(self) -> Iterator[UnknownField]:
        return iter(self._fields)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"<UnknownFieldSet of {len(self)}>"


def unknown_field_set(data: bytes) -> UnknownFieldSet:
    """The items of ``data``: ints for numbers as encoded, bytes, and a set for each group.

    Copies: the payloads. Raises: ``DecodeError`` for bytes that are no sequence of items.
    """
    found: list[UnknownField] = []
    groups: list[tuple[int, list[UnknownField]]] = []  # number of each open group, what is around
    at = 0
    while at < len(data):
        start = at
        tag, at = _varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _START:
            groups.append((number, found))
            found = []
        elif wire_type == _END:
            if not groups or groups[-1][0] != number:
                raise DecodeError(f"group {number} ends, but is not open", start)
            inside = UnknownFieldSet(found)
            found = groups.pop()[1]
            found.append(UnknownField(number, _START, inside))
        else:
            value, at = _value(data, at, wire_type)
            found.append(UnknownField(number, wire_type, value))
    if groups:
        raise DecodeError(f"group {groups[-1][0]} does not end", at)
    return UnknownFieldSet(found)


def _value(data: bytes, at: int, wire_type: int) -> tuple[int | bytes, int]:
    """(payload, position after it)."""
    if wire_type == _VARINT:
        return _varint(data, at)
    if wire_type == _LEN:
        nbytes, start = _varint(data, at)
    elif wire_type in _FIXED:
        nbytes, start = _FIXED[wire_type], at
    else:
        raise DecodeError(f"wire type {wire_type}", at)
    if nbytes > len(data) - start:
        raise DecodeError(f"{nbytes} bytes promised, {len(data) - start} present", at)
    payload = data[start : start + nbytes]
    if wire_type == _LEN:
        return payload, start + nbytes
    return int.from_bytes(payload, "little"), start + nbytes


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """(value, position after it)."""
    value = 0
    for i, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value & _BITS, at + i + 1
    raise DecodeError("a varint does not end", at)
