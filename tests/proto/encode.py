"""Items of a message written by hand, well-formed or not."""

import struct

from kernels import oracle

VARINT, FIXED64, LEN, START, END, FIXED32 = 0, 1, 2, 3, 4, 5


def varint(value: int, length: int = 0) -> bytes:
    """The low 64 bits as a varint, padded to ``length`` bytes if it takes fewer."""
    return oracle.encode(value & 2**64 - 1, length)


def tag(number: int, wire: int, length: int = 0) -> bytes:
    return varint(number << 3 | wire, length)


def number(at: int, value: int) -> bytes:
    """A varint field."""
    return tag(at, VARINT) + varint(value)


def run(at: int, payload: bytes) -> bytes:
    """A length-delimited field."""
    return tag(at, LEN) + varint(len(payload)) + payload


def group(at: int, content: bytes) -> bytes:
    return tag(at, START) + content + tag(at, END)


def fixed32(at: int, value: int) -> bytes:
    return tag(at, FIXED32) + struct.pack("<I", value)


def fixed64(at: int, value: int) -> bytes:
    return tag(at, FIXED64) + struct.pack("<Q", value)


def nested(at: int, levels: int, core: bytes = b"") -> bytes:
    """``core`` in so many submessages of field ``at``, each inside the one before."""
    for _ in range(levels):
        core = run(at, core)
    return core
