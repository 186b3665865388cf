"""How fast do the kernels decode packed varints, beside memcpy of their output and beside upb?

    python bench/kernels.py [values]

One table: for each column of numbers and each kernel, the count pass and the decode into int64,
int32 and bool, in million values a second; the int64 decode as a multiple of memcpy of its output;
and count plus decode as a multiple of upb's parse of a message with that one packed int64 field
followed by ``np.array`` of it. All figures of a row come from one run; each is the best of several.
Every decoded array is compared with the numbers that were encoded.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable

import numpy as np
from machine import processor

from tensorwire._core import bulk

ROUNDS = 7
HEADS = "kernel,count GB/s,int64 M/s,int32 M/s,bool M/s,of memcpy,with count,of upb".split(",")
FIELD = b"\x0a"  # field 1, length-delimited


def columns(count: int) -> dict[str, np.ndarray]:
    """Name and numbers of each column; drawn with a fixed seed."""
    draw = np.random.default_rng(1)
    bits = 7 * draw.integers(1, 6, count)  # 1 to 5 bytes, each as often
    return {
        "one byte": draw.integers(0, 128, count),
        "1-5 bytes": draw.integers(0, 2**63, count) >> (63 - bits),
        "10 bytes": -draw.integers(1, 1001, count),
        "mostly 2": draw.integers(0, 30_000, count),
        "-1 in 16": np.where(draw.integers(0, 16, count) == 0, -1, draw.integers(0, 100, count)),
    }


def encoded(numbers: np.ndarray) -> bytes:
    """The numbers as packed varints."""
    rest = numbers.astype(np.uint64)
    groups = np.zeros((len(rest), 10), np.uint8)
    used = np.zeros((len(rest), 10), bool)
    for i in range(10):
        used[:, i] = (rest != 0) | (i == 0)
        groups[:, i] = rest & np.uint64(0x7F)
        rest >>= np.uint64(7)
    groups[:, :-1] |= used[:, 1:].astype(np.uint8) << 7
    return groups[used].tobytes()


def best(call: Callable[[], object]) -> float:
    """Seconds of the fastest of several calls."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def upb_message() -> tuple[type, str] | None:
    """A class with one packed ``repeated int64 x = 1`` and protobuf's version, where installed."""
    try:
        import google.protobuf
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
        from google.protobuf.internal import api_implementation
    except ImportError:
        return None
    file = descriptor_pb2.FileDescriptorProto(name="run.proto", syntax="proto3")
    file.message_type.add(name="Run").field.add(name="x", number=1, type="TYPE_INT64", label=3)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    made = message_factory.GetMessageClass(pool.FindMessageTypeByName("Run"))
    return made, f"protobuf {google.protobuf.__version__} ({api_implementation.Type()})"


def varint(value: int) -> bytes:
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def upb_seconds(message: type, numbers: np.ndarray, data: bytes) -> float:
    wire = FIELD + varint(len(data)) + data

    def parse() -> np.ndarray:
        return np.array(message.FromString(wire).x)

    if not np.array_equal(parse(), numbers):
        raise SystemExit("upb read other numbers than were written")
    return best(parse)


def decode_seconds(numbers: np.ndarray, data: bytes, kind: str, dtype: str, kernel: str) -> float:
    out = np.zeros(len(numbers), dtype)

    def decode() -> None:
        bulk.varint_decode(data, out, kind, kernel=kernel)

    decode()
    wanted = numbers != 0 if kind == "bool" else numbers.astype(dtype)
    if not np.array_equal(out, wanted):
        raise SystemExit(f"{kernel} decoded other numbers than were written")
    # The call counts before it decodes; the decode alone is the difference.
    return best(decode)


def row(numbers: np.ndarray, data: bytes, kernel: str, copy: float, upb: float | None) -> list[str]:
    million = len(numbers) / 1e6
    count = best(lambda: bulk.varint_count(data, kernel=kernel))
    calls = {
        kind: decode_seconds(numbers, data, kind, dtype, kernel)
        for kind, dtype in (("int64", "i8"), ("int32", "i4"), ("bool", "?"))
    }
    rates = [f"{million / max(seconds - count, 1e-9):.0f}" for seconds in calls.values()]
    return [
        f"{len(data) / count / 1e9:.1f}",
        *rates,
        f"{copy / (calls['int64'] - count):.2f}",
        f"{copy / calls['int64']:.2f}",
        "-" if upb is None else f"{upb / calls['int64']:.0f}x",
    ]


def main(count: int) -> None:
    upb = upb_message()
    print(
        f"{processor()}; Python {platform.python_version()}, NumPy {np.__version__}, "
        f"{upb[1] if upb else 'no protobuf'}; {count} values a column, best of {ROUNDS}"
    )
    print(f"{'column':10}" + "".join(f"{head:>13}" for head in HEADS))
    for name, numbers in columns(count).items():
        data = encoded(numbers)
        source, target = numbers.astype(np.int64), np.zeros(count, np.int64)
        copy = best(lambda t=target, s=source: np.copyto(t, s))
        seconds = upb_seconds(upb[0], numbers, data) if upb else None
        for kernel in bulk.kernels():
            cells = [kernel, *row(numbers, data, kernel, copy, seconds)]
            print(f"{name:10}" + "".join(f"{cell:>13}" for cell in cells))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000)
