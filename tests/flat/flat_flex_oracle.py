"""A slow, plain FlexBuffers verifier: the C++ one's rules.

Source: google/flatbuffers ``include/flatbuffers/flexbuffers.h``, class ``Verifier``.
"""

from __future__ import annotations

MAX_DEPTH = 64
KINDS = 37  # FBT_MAX_TYPE
INLINE = (0, 1, 2, 3, 26)  # null, int, uint, float, bool
KEY, STRING, MAP, VECTOR, BLOB = 4, 5, 9, 10, 25
INDIRECT = (6, 7, 8)
VECTOR_KEY = 14
VECTORS_OF_KEYS = (14, 15)
VECTORS_OF_NUMBERS = (11, 12, 13, 36)
FIXED = range(16, 25)  # of 2, 3 and 4 ints, uints, floats


class Bad(Exception):
    """A rule that does not hold."""


def flex_is_valid(data: bytes) -> bool:
    """Whether the bytes are a FlexBuffer."""
    try:
        Flex(data).buffer()
    except Bad:
        return False
    return True


class Flex:
    """Verifies one buffer."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.depth = 0
        self.vectors = 0

    def need(self, holds: bool) -> None:
        if not holds:
            raise Bad

    def range(self, at: int, size: int) -> None:
        """`VerifyFrom`: a range as long as the buffer fails."""
        self.need(size < len(self.data) and at <= len(self.data) - size)

    def number(self, at: int, width: int) -> int:
        return int.from_bytes(self.data[at : at + width], "little")

    def buffer(self) -> None:
        self.need(len(self.data) >= 3)
        width = self.data[-1]
        self.need(width in (1, 2, 4, 8))
        end = len(self.data) - 2
        self.need(end >= width)
        self.packed(end - width, width, self.data[-2])

    def packed(self, at: int, parent: int, packed: int) -> None:
        self.ref(at, parent, 1 << (packed & 3), packed >> 2)

    def ref(self, at: int, parent: int, width: int, kind: int) -> None:
        """`VerifyRef`: a value at ``at``, of ``parent`` bytes."""
        self.need(kind < KINDS)
        if kind in INLINE:
            return
        offset = self.number(at, parent)
        self.need(offset <= at)
        target = at - offset
        self.need(target % width == 0)
        if kind in INDIRECT:
            self.range(target, width)
        elif kind == KEY:
            self.need(0 in self.data[target:])
        elif kind in FIXED:
            self.range(target, width * ((kind - FIXED.start) // 3 + 2))
        else:
            self.counted(target, width, kind)

    def counted(self, target: int, width: int, kind: int) -> None:
        """What has a size before it."""
        self.vector(target, width, kind)
        if kind == MAP:
            self.keys(target, width)
        elif kind == STRING:
            self.range(target, self.number(target - width, width) + 1)
        else:
            self.need(kind in (VECTOR, BLOB, *VECTORS_OF_KEYS, *VECTORS_OF_NUMBERS))

    def vector(self, target: int, width: int, kind: int) -> None:
        """`VerifyVector`."""
        self.depth += 1
        self.vectors += 1
        self.need(self.depth <= MAX_DEPTH and self.vectors <= len(self.data))
        self.need(width <= target)
        count = self.number(target - width, width)
        item = 1 if kind in (STRING, BLOB) else width
        self.need(count < (2**64 - 1) // item)
        self.range(target, count * item)
        if kind in (MAP, VECTOR):
            types = target + count * item
            self.range(types, count)
            for i in range(count):
                self.packed(target + i * item, width, self.data[types + i])
        elif kind in VECTORS_OF_KEYS:
            for i in range(count):
                self.ref(target + i * item, width, 1, KEY)
        self.depth -= 1

    def keys(self, target: int, width: int) -> None:
        """`VerifyKeys`: of a map, whose values are verified."""
        self.need(3 * width <= target)
        at = target - 3 * width
        offset = self.number(at, width)
        self.need(offset <= at)
        item = self.number(at + width, width) & 0xFF
        self.need(item in (1, 2, 4, 8))
        self.vector(at - offset, item, VECTOR_KEY)
