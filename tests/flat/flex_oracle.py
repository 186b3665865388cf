"""FlexBuffers by plain Python: slow, obvious, and with the same verdicts as the compiled reader."""

from __future__ import annotations

import struct

NULL, INT, UINT, FLOAT, KEY, STRING = range(6)
INDIRECT_INT, INDIRECT_FLOAT, MAP, VECTOR, TYPED_FIRST, STRINGS = 6, 8, 9, 10, 11, 15
TUPLE_FIRST, TUPLE_LAST, BLOB, BOOL, BOOLS = 16, 24, 25, 26, 36

INTS = {1: "<b", 2: "<h", 4: "<i", 8: "<q"}
UINTS = {1: "<B", 2: "<H", 4: "<I", 8: "<Q"}
FLOATS = {4: "<f", 8: "<d"}


class Wrong(Exception):
    """(word of the reason, offset)"""


class Oracle:
    def __init__(self, data: bytes, depth: int = 64) -> None:
        self.data = data
        self.depth = depth
        self.work = 4 * len(data) + 4096
        self.known: dict = {}

    def spend(self, at: int, units: int) -> None:
        if units > self.work:
            raise Wrong("busy", at)
        self.work -= units

    def unpack(self, formats: dict, at: int, width: int):
        return struct.unpack_from(formats[width], self.data, at)[0]

    def root(self):
        size = len(self.data)
        if size < 3:
            raise Wrong("short", 0)
        width = self.data[-1]
        if width not in UINTS:
            raise Wrong("width", size - 1)
        if width > size - 2:
            raise Wrong("before", size - 2)
        return self.value(size - 2 - width, width, self.data[-2], 0)

    def value(self, at: int, parent: int, packed: int, level: int):
        kind, width = packed >> 2, 1 << (packed & 3)
        if kind > BOOL and kind != BOOLS:
            raise Wrong("type", at)
        self.spend(at, 1)
        if kind <= FLOAT or kind == BOOL:
            return self.number(kind, at, parent)
        to = self.target(at, parent)
        if kind in (KEY, STRING, BLOB):
            return self.text(kind, to, width)
        if INDIRECT_INT <= kind <= INDIRECT_FLOAT:
            self.hold(to, 1, width)
            return self.number(kind - INDIRECT_INT + INT, to, width)
        if level >= self.depth:
            raise Wrong("deep", to)
        if kind == VECTOR:
            count = self.sized(to, width, width + 1)
            return [self.item(to, width, count, i, level) for i in range(count)]
        if kind == MAP:
            return self.map(to, width, level)
        return self.typed(to, kind, width)

    def item(self, at: int, width: int, count: int, i: int, level: int):
        return self.value(at + i * width, width, self.data[at + count * width + i], level + 1)

    def number(self, kind: int, at: int, width: int):
        if kind == NULL:
            return None
        if kind == FLOAT:
            if width < 4:
                raise Wrong("float", at)
            return self.unpack(FLOATS, at, width)
        value = self.unpack(INTS if kind == INT else UINTS, at, width)
        return bool(value) if kind == BOOL else value

    def target(self, at: int, width: int) -> int:
        back = self.unpack(UINTS, at, width)
        if back > at:
            raise Wrong("offset", at)
        return at - back

    def hold(self, at: int, count: int, width: int) -> None:
        if count * width > len(self.data) - at:
            raise Wrong("past", at)

    def sized(self, at: int, width: int, item: int) -> int:
        if at < width:
            raise Wrong("before", at)
        count = self.unpack(UINTS, at - width, width)
        self.hold(at, count, item)
        return count

    def text(self, kind: int, at: int, width: int):
        if (at, kind, width) in self.known:
            return self.known[at, kind, width]
        if kind == KEY:
            nbytes = self.data.find(b"\0", at) - at
            if nbytes < 0:
                raise Wrong("key", at)
        else:
            nbytes = self.sized(at, width, 1)
            if kind == STRING and self.data[at + nbytes : at + nbytes + 1] != b"\0":
                raise Wrong("string", at)
        self.spend(at, nbytes)
        found = self.data[at : at + nbytes]
        if kind != BLOB:
            found = found.decode("utf-8", "surrogateescape")
        self.known[at, kind, width] = found
        return found

    def key(self, at: int, width: int) -> str:
        self.spend(at, 1)
        return self.text(KEY, self.target(at, width), 1)

    def map(self, at: int, width: int, level: int) -> dict:
        count = self.sized(at, width, width + 1)
        if at < 3 * width:
            raise Wrong("before", at)
        keys = self.target(at - 3 * width, width)
        key_width = self.unpack(UINTS, at - 2 * width, width)
        if key_width not in UINTS:
            raise Wrong("width", at - 2 * width)
        if self.sized(keys, key_width, key_width) != count:
            raise Wrong("keys", at)
        found = {}
        for i in range(count):
            key = self.key(keys + i * key_width, key_width)
            found[key] = self.item(at, width, count, i, level)
        return found

    def typed(self, at: int, kind: int, width: int) -> list:
        if TUPLE_FIRST <= kind <= TUPLE_LAST:
            element, count = INT + (kind - TUPLE_FIRST) % 3, 2 + (kind - TUPLE_FIRST) // 3
            self.hold(at, count, width)
        else:
            element = BOOL if kind == BOOLS else KEY if kind == STRINGS else kind - TYPED_FIRST + 1
            count = self.sized(at, width, width)
        self.spend(at, count)
        if element == FLOAT and count and width < 4:
            raise Wrong("float", at)
        steps = range(at, at + count * width, width)
        if element == KEY:
            return [self.key(step, width) for step in steps]
        return [self.number(element, step, width) for step in steps]


#: Word of the oracle -> what the text of the reader has.
TEXTS = {
    "busy": "shared are counted anew",
    "short": "a FlexBuffer has at least 3",
    "width": "1, 2, 4 and 8 exist",
    "before": "are needed before the value",
    "type": "does not exist",
    "deep": "nested deeper than",
    "offset": "offset leads",
    "past": "runs past the end",
    "key": "key has no end",
    "string": "no zero behind it",
    "float": "4 and 8 exist",
    "keys": "keys",
}
