"""The face of the compiled module: choice of kernel, buffers, refusals."""

import array
import contextlib
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tensorwire._core import bulk


def imported(kernel: str | None, statement: str) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if k != "TENSORWIRE_KERNEL"}
    if kernel is not None:
        environment["TENSORWIRE_KERNEL"] = kernel
    command = [sys.executable, "-c", f"import sys; from tensorwire._core import bulk; {statement}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_portable_kernel_is_always_there():
    assert bulk.kernels()[0] == "scalar"
    assert bulk.kernel() in bulk.kernels()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the other kernels are for x86-64")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the features")
@pytest.mark.parametrize(
    ("name", "features"),
    [
        ("bmi2", "bmi1 bmi2 avx2 popcnt"),
        ("avx512", "bmi2 avx512f avx512bw avx512dq avx512vl avx512vbmi avx512_vbmi2"),
    ],
)
def test_the_system_sees_the_same_features(name, features):
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    found = next(line for line in lines if line.startswith("flags")).split()
    assert (name in bulk.kernels()) == (set(features.split()) <= set(found))


def test_the_environment_names_a_kernel(kernel):
    done = imported(kernel, "print(bulk.kernel())")
    assert done.stdout.strip() == kernel, done.stderr


@pytest.mark.parametrize("kernel", [None, ""])
def test_without_a_name_one_is_picked(kernel):
    done = imported(kernel, "print(bulk.kernel())")
    assert done.stdout.strip() in bulk.kernels(), done.stderr


def test_an_unknown_kernel_fails_the_import():
    done = imported("quick", "")
    assert done.returncode == 1
    assert "ImportError: TENSORWIRE_KERNEL: no kernel 'quick' for this processor" in done.stderr
    assert "scalar" in done.stderr


def test_an_unknown_kernel_as_argument():
    with pytest.raises(ValueError, match="no kernel 'quick' for this processor; there are: scalar"):
        bulk.varint_count(b"", kernel="quick")


def test_numpy_is_not_imported():
    done = imported(None, "print('numpy' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr


def test_an_unknown_kind():
    with pytest.raises(ValueError, match="no kind 'fixed32'; there are: uint64, int64"):
        bulk.varint_decode(b"", bytearray(), "fixed32")
    with pytest.raises(ValueError, match="no kind 'fixed32'"):
        bulk.varint_canonical(b"", "fixed32")


def test_any_buffer_will_do():
    out = array.array("q", [0, 0])
    for data in (b"\x01\x96\x01", bytearray(b"\x01\x96\x01"), memoryview(b"\x01\x96\x01")):
        bulk.varint_decode(data, out, "int64")
        assert out.tolist() == [1, 150]


@pytest.mark.parametrize("items", [0, 1, 3, 200])
def test_the_output_has_one_item_for_each_value(items):
    with pytest.raises(ValueError, match=f"out has {items} items; the data has 2"):
        bulk.varint_decode(b"\x01\x02", np.zeros(items, np.int64), "int64")


@pytest.mark.parametrize(("kind", "needed"), [("int64", 8), ("int32", 4), ("bool", 1)])
def test_the_output_has_items_of_the_kind(kind, needed):
    with pytest.raises(ValueError, match=f"out has items of 2 bytes; {needed} are needed"):
        bulk.varint_decode(b"\x01", np.zeros(4, np.int16), kind)


def test_buffers_that_cannot_be_used():
    with pytest.raises(BufferError):
        bulk.varint_decode(b"\x01", b"\x00", "bool")
    with pytest.raises(ValueError, match="contiguous"):
        bulk.varint_decode(b"\x01\x01", np.zeros(4, np.int64)[::2], "int64")
    with pytest.raises(TypeError):
        bulk.varint_count("text")


def test_buffers_are_released():
    data, out = bytearray(b"\x01"), bytearray(1)
    bulk.varint_decode(data, out, "bool")
    with pytest.raises(ValueError, match="out has 2 items"):
        bulk.varint_decode(data, bytearray(2), "bool")
    data.append(0)  # a BufferError while the buffer is held
    out.append(0)


def test_bytes_that_change_while_they_are_decoded(kernel):
    """Other values or a ``ValueError``, and never a store outside: the output is checked around.

    Both patterns have as many values, so that the count fits unless a change met it halfway.
    """
    patterns = [np.tile(np.array(pair, np.uint8), 1 << 19) for pair in ([0x81, 1], [1, 0x81])]
    data = np.full((1 << 20) + 1, 0x01, np.uint8)
    data[:-1] = patterns[0]
    values = (1 << 19) + 1
    memory = np.full(values + 4096, 0x55, np.uint8)
    stop = threading.Event()

    def disturb():
        while not stop.is_set():
            for pattern in patterns:
                data[:-1] = pattern

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for _ in range(40):
            with contextlib.suppress(ValueError):
                bulk.varint_decode(data, memory[:values], "bool", kernel=kernel)
    finally:
        stop.set()
        thread.join()
    assert set(memory[:values].tolist()) <= {0, 1, 0x55}
    assert (memory[values:] == 0x55).all()


def test_the_gil_is_released():
    """Another thread goes on in the middle of a call, not only before and after it."""
    data = np.tile(np.array([0x81, 0x80, 0x01], np.uint8), 1 << 22)
    out = np.empty(1 << 22, np.int64)
    span = []

    def decode():
        span.append(time.perf_counter())
        bulk.varint_decode(data, out, "int64", kernel="scalar")
        span.append(time.perf_counter())

    thread = threading.Thread(target=decode)
    thread.start()
    ticks = []
    while thread.is_alive():
        ticks.append(time.perf_counter())
    start, stop = span
    quarter = (stop - start) / 4
    assert sum(start + quarter < tick < stop - quarter for tick in ticks) > 10
