"""Upstream's Table beside ours: the same calls, and what came of them."""

from __future__ import annotations

import array
import ctypes
import mmap
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
from flatbuffers import number_types

from tensorwire import flat
from tensorwire._core import flat_runtime

with flat.install():  # from here on, the native code knows upstream's objects
    pass

FLAGS = [value for name, value in vars(number_types).items() if name.endswith("Flags")]


def mapped(data: bytes) -> mmap.mmap:
    """A mapping of a file with those bytes; an empty file cannot be mapped: a byte of it."""
    with tempfile.TemporaryFile() as file:
        file.write(data or b"\0")
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


class Strange(bytes):
    """A buffer that gives other slices than its bytes."""

    def __getitem__(self, key: Any) -> Any:
        return b"slice" if isinstance(key, slice) else super().__getitem__(key)


def spread(data: bytes) -> memoryview:
    """A view of every other byte, whose bytes do not lie together."""
    return memoryview(bytes(byte for one in data for byte in (one, 0)))[::2]


#: By name: what makes a buffer of bytes.
BUFFERS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "bytearray": bytearray,
    "view": memoryview,
    "view of a bytearray": lambda data: memoryview(bytearray(data)),
    "mmap": mapped,
    "numpy": lambda data: np.frombuffer(bytearray(data), np.uint8),
    "frozen numpy": lambda data: np.frombuffer(data, np.uint8),
    "words": lambda data: np.frombuffer(data.ljust(-(-len(data) // 2) * 2, b"\0"), np.uint16),
    "array": lambda data: array.array("B", data),
    "ctypes": lambda data: (ctypes.c_uint8 * len(data)).from_buffer_copy(data),
    "subclass": Strange,
    "spread": spread,
    "str": lambda data: data.decode("latin-1"),
    "list": list,
    "None": lambda data: None,
}
#: Those in which upstream finds what was written.
READABLE = ("bytes", "bytearray", "view", "view of a bytearray", "mmap", "numpy", "array", "ctypes")


def outcome(call: Callable[[], Any]) -> tuple[Any, ...]:
    """What came of a call, in a form that compares: a value, or type and text of an error."""
    try:
        return shown(call())
    except Exception as error:  # noqa: BLE001  whatever it is, upstream's is the same
        return "raised", type(error), str(error)


def shown(value: Any) -> tuple[Any, ...]:
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, value.shape, value.flags.writeable, value.tobytes()
    if isinstance(value, float):
        return "float", np.float64(value).tobytes()
    return type(value), value


def both(make: Callable[[Any], Callable[[], Any]]) -> tuple[Any, Any]:
    """The outcomes of what ``make`` gives for upstream's `Table` and for ours."""
    import flatbuffers.table

    return outcome(make(flatbuffers.table.Table)), outcome(make(flat_runtime.Table))
