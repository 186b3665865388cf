"""(4) A TensorProto of packed int64 varints: from its bytes to one NumPy array.

Ours is ``np.asarray(message.int64_data)`` after ``FromString``, which verifies every varint before.
Upb's is ``np.array(message.int64_data)`` after its parse. *memcpy* is of the finished array: to
warm memory, and to a new array, which is what a parse has to fill too. Each side has processes of
its own: whether an array's pages are new depends on what was freed before it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

import fresh
import memory
import numpy as np
import onnx
from clock import once
from rows import Row

import tensorwire as tw
from kernels import columns, encoded, varint
from tensorwire import proto
from tensorwire._core import bulk

TENSOR = proto.message_class(onnx.TensorProto)
VALUES, QUICK_VALUES = 2_000_000, 200_000
ROUNDS, QUICK_ROUNDS, PROCESSES = 15, 9, 3
NEW_MEMORY, WARM_MEMORY = "memcpy to a new array", "memcpy to warm memory"
AIM = 20.0
MEMCPY_AIM = 0.5
CASES = ("one byte", "1-5 bytes", "10 bytes")
INT64_DATA = 7  # onnx.proto, TensorProto.int64_data
LENGTH_DELIMITED = 2


def encoded_tensor(numbers: np.ndarray) -> bytes:
    """The message, its values written by our own encoder and checked by upstream's reader."""
    head = onnx.TensorProto(
        dims=[len(numbers)], data_type=onnx.TensorProto.INT64
    ).SerializeToString()
    run = encoded(numbers)
    tag = bytes([INT64_DATA << 3 | LENGTH_DELIMITED])
    name = onnx.TensorProto(name="values").SerializeToString()
    return head + tag + varint(len(run)) + run + name


def ours(data: bytes) -> np.ndarray:
    return np.asarray(TENSOR.FromString(data).int64_data)


def opened(data: bytes) -> np.ndarray:
    """The same by the way of model files."""
    return tw.from_buffer(data, format="onnx")["values"]


def upb(data: bytes) -> np.ndarray:
    return np.array(onnx.TensorProto.FromString(data).int64_data)


SIDES: dict[str, Callable[[bytes], np.ndarray]] = {"ours": ours, "opened": opened, "upb": upb}


def peak(path: str, side: str) -> dict[str, int]:
    """Memory of one parse to an array in this process, after one of a few values."""
    data = Path(path).read_bytes()
    SIDES[side](encoded_tensor(np.arange(10)))
    _, added = memory.added_by(lambda: SIDES[side](data))
    return added


def timed(path: str, side: str, rounds: int) -> float:
    """Median seconds of a side, or of a copy of what is read, as all that this process does."""
    data = Path(path).read_bytes()
    numbers = ours(data)
    warm = np.zeros_like(numbers)
    calls: dict[str, Callable[[], object]] = {
        NEW_MEMORY: numbers.copy,
        WARM_MEMORY: lambda: np.copyto(warm, numbers),
    }
    call = calls.get(side, lambda: SIDES[side](data))
    call()
    return statistics.median(once(call) for _ in range(rounds))


def rows(quick: bool, folder: str) -> Iterator[Row]:
    count = QUICK_VALUES if quick else VALUES
    for case, numbers in columns(count).items():
        if case in CASES:
            yield from _case_rows(case, numbers, folder, quick)


def _case_rows(case: str, numbers: np.ndarray, folder: str, quick: bool) -> Iterator[Row]:
    data = encoded_tensor(numbers)
    for side, read in SIDES.items():
        assert np.array_equal(read(data), numbers), f"{side} read other numbers than were written"
    path = f"{folder}/varints.pb"
    Path(path).write_bytes(data)
    taken = _medians(path, QUICK_ROUNDS if quick else ROUNDS, 1 if quick else PROCESSES)
    title = f"{case}, {len(numbers)} values, {len(data) / 1e6:.1f} MB"
    yield Row(f"{title}: np.asarray", "upb", taken["ours"], taken["upb"], aim=AIM)
    yield Row(f"{case}: from_buffer", "upb", taken["opened"], taken["upb"])
    wanted = MEMCPY_AIM if case == "1-5 bytes" and bulk.kernel() == "avx512" else None
    for copy in (NEW_MEMORY, WARM_MEMORY):
        yield Row(f"{case}: np.asarray", copy, taken["ours"], taken[copy], aim=wanted)
    if memory.is_known():
        peaks = (fresh.call("packed_varints.peak", path, side)["peak"] for side in ("ours", "upb"))
        yield Row(f"{case}: peak memory", "upb", *peaks, "B")


def _medians(path: str, rounds: int, processes: int) -> dict[str, float]:
    """Of each side and each copy, over processes that were started in turns."""
    times: dict[str, list[float]] = {side: [] for side in (*SIDES, NEW_MEMORY, WARM_MEMORY)}
    for _ in range(processes):
        for side, found in times.items():
            found.append(fresh.call("packed_varints.timed", path, side, rounds))
    return {side: statistics.median(found) for side, found in times.items()}
