"""CRC-32C: known vectors, a bit-by-bit oracle, each kernel against the other."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard import Guarded, needs_guard_pages
from tensorwire._core import checksum

# RFC 3720, appendix B.4; the last one is of the iSCSI command there.
READ = bytes.fromhex(
    "01c00000 00000000 00000000 00000000 14000000 00000400 00000014 00000018"
    "28000000 00000000 02000000 00000000"
)
VECTORS = [
    (b"", 0),
    (b"123456789", 0xE3069283),
    (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
    (READ, 0xD9963A56),
]
# Around the sizes of lanes and of words, see crc32c.h.
SIZES = [0, 1, 3, 4, 7, 8, 9, 15, 255, 256, 767, 768, 769, 775, 1536, 12287, 12288, 12300, 40000]


def oracle(data: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


@pytest.fixture(params=["portable", "sse42", "armv8"])
def kernel(request):
    if request.param not in checksum.kernels():
        pytest.skip(f"this processor cannot run {request.param}")
    return request.param


def test_the_portable_kernel_is_always_there():
    assert checksum.kernels()[0] == "portable"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the features")
def test_the_system_sees_the_same_features():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        found = set(file.read().split())
    assert ("sse42" in checksum.kernels()) == ("sse4_2" in found)
    assert ("armv8" in checksum.kernels()) == ("crc32" in found)


@pytest.mark.parametrize(("data", "expected"), VECTORS)
def test_vectors(data, expected, kernel):
    assert checksum.crc32c(data, kernel=kernel) == oracle(data) == expected


@pytest.mark.parametrize("size", SIZES)
def test_sizes_around_those_of_lanes(size, kernel):
    data = np.random.default_rng(size).bytes(size)
    assert checksum.crc32c(data, kernel=kernel) == oracle(data)


@given(st.binary(max_size=2000), st.integers(0, 9))
def test_kernels_agree(data, skipped):
    found = {checksum.crc32c(memoryview(data)[skipped:], kernel=k) for k in checksum.kernels()}
    assert found == {oracle(data[skipped:])}
    assert checksum.crc32c(data) == oracle(data)


@given(st.integers(0, 60000), st.integers(0, 2**32 - 1))
def test_kernels_agree_on_more_than_the_oracle_can(size, seed):
    data = np.random.default_rng(seed).bytes(size)
    assert len({checksum.crc32c(data, kernel=k) for k in checksum.kernels()}) == 1


@needs_guard_pages
def test_nothing_outside_is_read(kernel):
    memory = Guarded(40000)
    for size in SIZES:
        data = np.random.default_rng(size).bytes(size)
        expected = checksum.crc32c(data, kernel="portable")
        assert checksum.crc32c(memory.at_end(data), kernel=kernel) == expected
        assert checksum.crc32c(memory.at_start(data), kernel=kernel) == expected


def test_the_mask_is_that_of_tfrecord():
    # The length 4 and its checksum, as TensorFlow's TFRecordWriter begins a file of b"abcd".
    assert checksum.masked(0) == 0xA282EAD8
    value = 0xE3069283
    rotated = (value >> 15 | value << 17) & 0xFFFFFFFF
    assert checksum.masked(value) == (rotated + 0xA282EAD8) & 0xFFFFFFFF


def test_an_unknown_kernel():
    with pytest.raises(ValueError, match="no kernel 'quick' for this processor; there are: port"):
        checksum.crc32c(b"", kernel="quick")


def test_numpy_is_not_imported():
    command = "import sys; from tensorwire._core import checksum; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]


def test_the_gil_is_released():
    data = os.urandom(64 << 20)
    done = threading.Event()

    def work() -> None:
        for _ in range(3):
            checksum.crc32c(data, kernel="portable")
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not done.is_set():
        turns += 1
        time.sleep(0.001)
    thread.join()
    assert turns >= 5
