"""Sub-byte elements against the oracle, and inside of their bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard import Guarded, needs_guard_pages
from kernels import oracle
from tensorwire._core import bulk

FORMS = [(bits, is_signed) for bits in (2, 4, 6) for is_signed in (False, True)]


def nbytes(count: int, bits: int) -> int:
    return -(-count * bits // 8)


def unpacked(data, out: np.ndarray, bits: int, is_signed: bool) -> list[int]:
    bulk.unpack_bits(data, out, bits, is_signed)
    return out.view(np.int8 if is_signed else np.uint8).tolist()


def test_by_hand():
    out = np.zeros(4, np.uint8)
    assert unpacked(b"\x21\xf8", out, 4, False) == [1, 2, 8, 15]
    assert unpacked(b"\x21\xf8", out, 4, True) == [1, 2, -8, -1]
    assert unpacked(b"\xe4", out, 2, False) == [0, 1, 2, 3]
    assert unpacked(b"\xe4", out, 2, True) == [0, 1, -2, -1]
    # 1, 2, 3, 63 as 24 bits, low first: 111111 000011 000010 000001
    assert unpacked(b"\x81\x30\xfc", out, 6, False) == [1, 2, 3, 63]


@pytest.mark.parametrize(("bits", "is_signed"), FORMS)
@settings(deadline=None)
@given(data=st.data())
def test_any_elements(bits, is_signed, data):
    count = data.draw(st.integers(0, 200))
    size = nbytes(count, bits)
    packed = data.draw(st.binary(min_size=size, max_size=size))
    exact = np.array(np.frombuffer(packed, np.uint8))
    wanted = oracle.unpack(packed, count, bits, is_signed)
    assert unpacked(exact, np.empty(count, np.uint8), bits, is_signed) == wanted


@needs_guard_pages
@pytest.mark.parametrize(("bits", "is_signed"), FORMS)
def test_inside_guard_pages(bits, is_signed):
    source, target = Guarded(4096), Guarded(4096)
    for count in range(300):
        packed = bytes((7 * i + 0xA5) & 0xFF for i in range(nbytes(count, bits)))
        wanted = oracle.unpack(packed, count, bits, is_signed)
        for place in (source.at_end, source.at_start):
            out = target.empty_at_end(count)
            assert unpacked(place(packed), out, bits, is_signed) == wanted


@pytest.mark.parametrize(("bits", "is_signed"), FORMS)
def test_large_enough_to_release_the_gil(bits, is_signed):
    packed = np.random.default_rng(bits).integers(0, 256, 48_000, np.uint8)
    out = np.empty(packed.size * 8 // bits, np.uint8)
    few = 300 * 8 // bits
    elements = unpacked(packed, out, bits, is_signed)
    assert elements[:few] == oracle.unpack(packed[:300].tobytes(), few, bits, is_signed)
    assert elements[-few:] == oracle.unpack(packed[-300:].tobytes(), few, bits, is_signed)


@pytest.mark.parametrize("bits", [0, 1, 3, 5, 7, 8, 64, -4])
def test_other_widths_are_refused(bits):
    with pytest.raises(ValueError, match=f"elements of {bits} bits; 2, 4 or 6 are known"):
        bulk.unpack_bits(b"", bytearray(), bits, False)


@pytest.mark.parametrize("size", [0, 2, 4, 100])
def test_the_sizes_must_fit(size):
    with pytest.raises(ValueError, match=f"5 elements of 4 bits take 3 bytes; the data has {size}"):
        bulk.unpack_bits(bytes(size), bytearray(5), 4, False)


def test_the_output_holds_bytes():
    with pytest.raises(ValueError, match="out has items of 2 bytes; 1 is needed"):
        bulk.unpack_bits(b"\0", np.zeros(1, np.int16), 4, True)


def test_the_output_is_writable():
    with pytest.raises(BufferError):
        bulk.unpack_bits(b"\0", b"\0\0", 4, False)
