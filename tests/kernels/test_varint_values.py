"""Every kernel gives the oracle's values, whatever the lengths, their order and their padding."""

import random

import numpy as np
import pytest

from kernels import oracle
from kernels.compare import check, decoded
from tensorwire._core import bulk

LENGTHS = range(1, 11)


def of_length(length: int, draw: random.Random) -> int:
    """A value whose shortest encoding has ``length`` bytes."""
    low = 2 ** (7 * (length - 1)) if length > 1 else 0
    return draw.randrange(low, min(2 ** (7 * length), 2**64))


@pytest.mark.parametrize("length", LENGTHS)
def test_each_length_at_each_position(kernel, length):
    draw = random.Random(length)
    for position in range(64):
        head = bytes(draw.randrange(128) for _ in range(position))
        body = oracle.encode(of_length(length, draw))
        check(head + body + bytes(range(100)), kernel, ("int64", "sint32"))


@pytest.mark.parametrize("length", LENGTHS)
def test_columns_of_one_length(kernel, length):
    draw = random.Random(length)
    check(b"".join(oracle.encode(of_length(length, draw)) for _ in range(300)), kernel)


@pytest.mark.parametrize("longest", LENGTHS)
def test_columns_up_to_a_length(kernel, longest):
    draw = random.Random(longest)
    lengths = [draw.randint(1, longest) for _ in range(500)]
    check(b"".join(oracle.encode(of_length(length, draw)) for length in lengths), kernel)


@pytest.mark.parametrize("length", LENGTHS)
def test_padded_values(kernel, length):
    column = b"".join(oracle.encode(i % 128, 1 + i % length) for i in range(300))
    check(column, kernel)


def test_a_column_that_switches_kernel_in_each_window(kernel):
    draw = random.Random(7)
    column = b""
    for _ in range(40):
        length = draw.choice([1, 1, 2, 3, 4, 5, 8, 9, 10])
        column += b"".join(oracle.encode(of_length(length, draw)) for _ in range(70 // length))
    check(column, kernel)


def test_sentinels_among_small_numbers(kernel):
    column = b"".join(oracle.encode(2**64 - 1 if i % 17 == 3 else i % 90) for i in range(2000))
    check(column, kernel)


@pytest.mark.parametrize("position", range(66))
def test_a_long_value_in_each_position_of_a_window(kernel, position):
    check(b"\x05" * position + oracle.encode(2**64 - 1) * 2 + b"\x06" * 90, kernel)


@pytest.mark.parametrize("surplus", [1, 2, 3, 0x40, 0x7E, 0x7F])
def test_surplus_bits_of_the_tenth_byte_are_dropped(kernel, surplus):
    value = b"\x80" * 9 + bytes([surplus])
    check(b"\x01" * 40 + value * 12 + b"\x01" * 80, kernel)


def test_ends_of_the_ranges(kernel):
    edges = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 2**31, 2**64 - 1]
    for edge in edges:
        check(b"\x01" * 70 + oracle.encode(edge) + b"\x01" * 70, kernel)
        check(oracle.encode(edge) * 30, kernel)


@pytest.mark.parametrize("kind", oracle.KINDS)
def test_an_empty_run(kernel, kind):
    assert bulk.varint_count(b"", kernel=kernel) == 0
    assert decoded(b"", kind, kernel) == []
    assert bulk.varint_canonical(b"", kind, kernel=kernel)


def test_all_kernels_agree_on_a_large_run(kernel):
    draw = np.random.default_rng(3)
    lengths = draw.integers(1, 64, 30_000)
    values = draw.integers(0, 2**63, 30_000, dtype=np.uint64) >> lengths.astype(np.uint64)
    data = b"".join(oracle.encode(value) for value in values.tolist())
    assert len(data) > 32768  # the GIL is released
    assert decoded(data, "uint64", kernel) == values.tolist()
    assert decoded(data, "sint32", kernel) == decoded(data, "sint32", "scalar")
