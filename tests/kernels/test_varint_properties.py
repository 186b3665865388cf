"""Hypothesis: lists of values and bare bytes, every kernel against the oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import oracle
from kernels.compare import check
from tensorwire._core import bulk

KERNELS = bulk.kernels()

# Lengths are drawn first: uniform 64-bit numbers nearly all take nine or ten bytes.
values = st.integers(0, 63).flatmap(lambda bits: st.integers(0, 2 ** (bits + 1) - 1))
padded = st.builds(oracle.encode, values, st.integers(0, 10))
stretches = st.builds(lambda varint, times: varint * times, padded, st.integers(1, 90))
columns = st.lists(st.one_of(padded, stretches), max_size=40).map(b"".join)
# Bytes that are mostly continuation bytes, or mostly not: both faults become likely.
continuing = st.sampled_from([0x80, 0xFF, 0x81, 0x01, 0x00, 0x7F])
hostile = st.lists(st.one_of(continuing, st.integers(0, 255)), max_size=300).map(bytes)


def exactly(data: bytes) -> np.ndarray:
    """A copy without the NUL that ``bytes`` keep behind their end: a sanitizer sees any overrun."""
    return np.array(np.frombuffer(data, np.uint8))


@pytest.mark.parametrize("name", KERNELS)
@settings(deadline=None)
@given(data=columns)
def test_sound_columns(name, data):
    check(exactly(data), name)


@pytest.mark.parametrize("name", KERNELS)
@settings(deadline=None)
@given(data=columns, cut=st.integers(0, 12), tail=hostile)
def test_corrupted_columns(name, data, cut, tail):
    check(exactly(data[: len(data) - min(cut, len(data))] + tail), name, ("int64", "int32"))


@pytest.mark.parametrize("name", KERNELS)
@settings(deadline=None)
@given(data=hostile)
def test_any_bytes(name, data):
    check(exactly(data), name, ("uint64", "sint32", "bool"))
