"""Records of one type for the tests of scans, and files that give them in odd ways."""

from __future__ import annotations

import io

import pytest

descriptor_pb2 = pytest.importorskip("google.protobuf.descriptor_pb2")
Field = descriptor_pb2.FieldDescriptorProto
PATHS = ["name", "number"]
BAD = b"\x0a\xff"


def record(i: int) -> bytes:
    return Field(name=f"name of field {i}", number=i).SerializeToString()


def rows_of(count: int, first: int = 0):
    return [{"name": f"name of field {i}", "number": i} for i in range(first, first + count)]


def listed(batches) -> list:
    return [row for columns in batches for row in columns.to_pylist()]


class Trickle(io.RawIOBase):
    """Gives a few bytes at a time, and has neither position nor descriptor."""

    def __init__(self, data: bytes, most: int = 7) -> None:
        super().__init__()
        self._left = io.BytesIO(data)
        self._most = most
        self.asked = 0

    def read(self, size: int = -1) -> bytes:
        self.asked += 1
        return self._left.read(min(size, self._most) if size >= 0 else self._most)
