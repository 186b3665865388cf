"""The kernels' behaviour in plain Python, one byte after another."""

from typing import NamedTuple

MASK64 = 2**64 - 1
TRUNCATED = "item runs past its parent"
OVERLONG = "varint longer than ten bytes"

# kind: NumPy's type of an item
KINDS = {
    "uint64": "u8",
    "int64": "i8",
    "sint64": "i8",
    "uint32": "u4",
    "int32": "i4",
    "enum": "i4",
    "sint32": "i4",
    "bool": "?",
}


class Bad(NamedTuple):
    """Why a run is refused, and the first byte of the value that is."""

    reason: str
    offset: int


def encode(value: int, length: int = 0) -> bytes:
    """``value`` as a varint, padded to ``length`` bytes if it takes fewer."""
    groups = []
    while value or not groups:
        groups.append(value & 0x7F)
        value >>= 7
    groups += [0] * (length - len(groups))
    return bytes([group | 0x80 for group in groups[:-1]] + groups[-1:])


def split(data: bytes) -> "list[bytes] | Bad":
    """The bytes of each value."""
    values, start = [], 0
    for at, byte in enumerate(data):
        if byte < 0x80:
            values.append(data[start : at + 1])
            start = at + 1
        elif at - start == 9:
            return Bad(OVERLONG, start)
    return values if start == len(data) else Bad(TRUNCATED, start)


def value_of(varint: bytes) -> int:
    """The low 64 bits."""
    return sum((byte & 0x7F) << 7 * i for i, byte in enumerate(varint)) & MASK64


def signed(value: int, bits: int) -> int:
    value &= 2**bits - 1
    return value - 2**bits if value >> (bits - 1) else value


def unzigzag(value: int, bits: int) -> int:
    value &= 2**bits - 1
    return -(value + 1 >> 1) if value & 1 else value >> 1


def item(value: int, kind: str) -> int:
    """What the 64 bits of a varint mean as ``kind``."""
    return {
        "uint64": value,
        "int64": signed(value, 64),
        "sint64": unzigzag(value, 64),
        "uint32": value & 0xFFFFFFFF,
        "int32": signed(value, 32),
        "enum": signed(value, 32),
        "sint32": unzigzag(value, 32),
        "bool": value != 0,
    }[kind]


def decode(data: bytes, kind: str) -> "list[int] | Bad":
    values = split(data)
    return values if isinstance(values, Bad) else [item(value_of(v), kind) for v in values]


def _canonical_value(varint: bytes, kind: str) -> bool:
    value = value_of(varint)
    if varint != encode(value):
        return False
    if kind == "bool":
        return value <= 1
    if kind in ("uint32", "sint32"):
        return value < 2**32
    if kind in ("int32", "enum"):
        return -(2**31) <= signed(value, 64) < 2**31
    return True


def canonical(data: bytes, kind: str) -> bool:
    values = split(data)
    return not isinstance(values, Bad) and all(_canonical_value(v, kind) for v in values)


def unpack(data: bytes, count: int, bits: int, is_signed: bool) -> list[int]:
    packed = int.from_bytes(data, "little")
    elements = [packed >> bits * i & (2**bits - 1) for i in range(count)]
    return [signed(element, bits) for element in elements] if is_signed else elements
