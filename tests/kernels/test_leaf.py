"""One varint and one string, by the leaf headers: against the oracle and Python's own decoder."""

import ctypes
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard import Guarded, needs_guard_pages
from kernels import oracle

pytestmark = needs_guard_pages
ROOM = Guarded(4096)


def valid(leaf, data: bytes) -> bool:
    """The header's verdict, the same with the data at either guard page."""
    verdicts = {
        bool(leaf.check_utf8(placed.ctypes.data, len(data)))
        for placed in (ROOM.at_end(data), ROOM.at_start(data))
    }
    assert len(verdicts) == 1
    return verdicts.pop()


def python_says(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_every_two_bytes(leaf):
    for lead in range(0x80, 0x100):
        for second in range(0x100):
            data = bytes([lead, second])
            assert valid(leaf, data) == python_says(data), data


def test_every_lead_and_second_byte_of_longer_characters(leaf):
    """Table 3-7 limits the second byte by the lead; the others are 80..BF throughout."""
    for lead in range(0xDF, 0x100):
        for second in range(0x100):
            for tail in (b"\x80", b"\xbf", b"\x80\x80", b"\xbf\xbf", b"\x7f\x80", b"\x80\xc0"):
                data = bytes([lead, second]) + tail
                assert valid(leaf, data) == python_says(data), data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xed\xa0\x80",  # a surrogate
        b"\xc0\x80",  # NUL in two bytes
        b"\xe0\x9f\xbf",  # overlong
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",  # 110000
        b"\xf4\x8f\xbf\xbf",  # 10FFFF
        "naïve – 𝄞".encode(),
    ],
)
@pytest.mark.parametrize("before", [*range(18), 63, 64, 65])
@pytest.mark.parametrize("after", [0, 1, 7, 8, 9])
def test_known_characters_between_ascii(leaf, before, data, after):
    text = b"a" * before + data + b"z" * after
    assert valid(leaf, text) == python_says(text)


def test_characters_cut_anywhere(leaf):
    text = "aß€𝄞" * 5
    data = text.encode()
    for stop in range(len(data)):
        assert valid(leaf, data[:stop]) == python_says(data[:stop])


@settings(deadline=None)
@given(data=st.one_of(st.binary(max_size=40), st.text(max_size=20).map(str.encode)))
def test_any_bytes_as_text(leaf, data):
    assert valid(leaf, data) == python_says(data)


def decoded(leaf, data: bytes) -> tuple[int, int]:
    """(result, value) of the header's decoder on exactly ``data``."""
    out = ctypes.c_uint64(0)
    used = leaf.decode(ROOM.at_end(data).ctypes.data, len(data), ctypes.byref(out))
    return used, out.value


@pytest.mark.parametrize("behind", [0, 1, 2, 9, 10, 20])
@pytest.mark.parametrize("length", range(1, 11))
def test_one_varint(leaf, length, behind):
    draw = random.Random(length)
    for _ in range(50):
        body = bytes(draw.randrange(0x80, 0x100) for _ in range(length - 1))
        varint = body + bytes([draw.randrange(0x80)])
        data = varint + bytes(draw.randrange(0x100) for _ in range(behind))
        assert decoded(leaf, data) == (length, oracle.value_of(varint))


@pytest.mark.parametrize("length", range(30))
def test_a_varint_without_end(leaf, length):
    assert decoded(leaf, b"\x80" * length)[0] == (0 if length < 10 else -1)


def test_sizes(leaf):
    for bits in range(64):
        for value in (2**bits - 1, 2**bits, 2 ** (bits + 1) - 1):
            assert leaf.size_of(value) == len(oracle.encode(value))
            assert leaf.bits_set(value) == value.bit_count()
