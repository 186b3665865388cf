"""Spans of strings and bytes: what they stand for, and that a wrong one reads nothing outside."""

from __future__ import annotations

import mmap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorwire._core.spans import BYTES, TEXT, TEXT_OR_BYTES, gather_spans, span_objects
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import NUMPY_NAMES
from tensorwire.errors import DecodeError

SPAN = np.dtype(NUMPY_NAMES["bytes"])


def spans(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(list(pairs), dtype=SPAN)


@st.composite
def inputs(draw):
    """(sources, spans, what they stand for)."""
    buffers = draw(st.lists(st.binary(max_size=12), max_size=8))
    sources = Sources.of(buffers)
    pairs, wanted = [], []
    for _ in range(draw(st.integers(0, 10)) if buffers else 0):
        number = draw(st.integers(0, len(buffers) - 1))
        start = draw(st.integers(0, len(buffers[number])))
        stop = draw(st.integers(start, len(buffers[number])))
        pairs.append((int(sources.starts[number]) + start, stop - start))
        wanted.append(buffers[number][start:stop])
    if draw(st.booleans()):
        order = sorted(range(len(pairs)), key=lambda place: pairs[place])
        pairs, wanted = [pairs[place] for place in order], [wanted[place] for place in order]
    return sources, spans(*pairs), wanted


@given(inputs())
def test_spans_are_slices(made):
    sources, pairs, wanted = made
    assert span_objects(sources.buffers, sources.starts, pairs, BYTES) == wanted
    block, (placed, again) = gather_spans(sources.buffers, sources.starts, [pairs, pairs])
    assert block.tobytes() == b"".join(wanted) * 2
    own = Sources.of([block])
    for each in (placed, again):
        assert each.dtype == SPAN
        assert span_objects(own.buffers, own.starts, each, BYTES) == wanted


@given(inputs(), st.data())
def test_what_is_not_valid_is_none(made, data):
    sources, pairs, wanted = made
    valid = data.draw(st.lists(st.booleans(), min_size=len(wanted), max_size=len(wanted)))
    shown = [one if there else None for one, there in zip(wanted, valid, strict=True)]
    mask = np.array(valid, dtype=bool)
    assert span_objects(sources.buffers, sources.starts, pairs, BYTES, mask) == shown


@given(st.lists(st.binary(max_size=6), max_size=5), st.integers(-3, 40), st.integers(-3, 40))
def test_any_span_is_right_or_refused(buffers, start, length):
    sources = Sources.of(buffers)
    right = None
    for buffer, begin in zip(buffers, sources.starts.tolist(), strict=False):
        if begin <= start and length > 0 and start + length <= begin + len(buffer):
            right = buffer[start - begin : start - begin + length]
    one = spans((start, length))
    if right is None and length:
        with pytest.raises(DecodeError, match=f"a span of {length} bytes lies outside"):
            span_objects(sources.buffers, sources.starts, one, BYTES)
        with pytest.raises(DecodeError, match="outside of its buffer"):
            gather_spans(sources.buffers, sources.starts, [one])
    else:
        assert span_objects(sources.buffers, sources.starts, one, BYTES) == [right or b""]


EXTREMES = [-(2**63), -1, 0, 1, 2, 2**31, 2**62, 2**63 - 1]


@given(
    st.lists(st.sampled_from(EXTREMES) | st.integers(0, 20), min_size=4, max_size=4),
    st.lists(st.tuples(st.sampled_from(EXTREMES), st.sampled_from(EXTREMES)), max_size=4),
)
def test_addresses_may_lie(starts, pairs):
    """Whatever the addresses of buffers say, nothing outside of a buffer is read."""
    buffers = [b"abc", b"defg", b""]
    addresses = np.array(starts, dtype=np.int64)
    one = spans(*pairs)
    try:
        found = span_objects(buffers, addresses, one, BYTES)
    except DecodeError:
        with pytest.raises(DecodeError):
            gather_spans(buffers, addresses, [one])
        return
    assert all(text in b"abc" or text in b"defg" for text in found)
    assert gather_spans(buffers, addresses, [one])[0].tobytes() == b"".join(found)


def test_lengths_that_add_up_to_too_much():
    with pytest.raises(DecodeError):
        gather_spans([b"a"], np.array([0, 1]), [spans((0, 2**63 - 1), (0, 2**63 - 1))])


def test_text():
    sources = Sources.of(["é€".encode() + b"\xff", b"x"])
    pairs = spans((0, 2), (2, 3), (0, 0), (6, 1))
    assert span_objects(sources.buffers, sources.starts, pairs, TEXT) == ["é", "€", "", "x"]
    wrong = spans((0, 6))
    with pytest.raises(DecodeError, match="a string is not UTF-8 at byte 5"):
        span_objects(sources.buffers, sources.starts, wrong, TEXT)
    found = span_objects(sources.buffers, sources.starts, wrong, TEXT_OR_BYTES)
    assert found == ["é€".encode() + b"\xff"]


def test_any_buffer_is_a_source(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"mapped")
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    buffers = [
        b"by",
        bytearray(b"ar"),
        memoryview(b"-view-")[1:5],
        np.frombuffer(b"np", "u1"),
        mapped,
    ]
    sources = Sources.of(buffers)
    pairs = spans((0, 2), (2, 2), (4, 4), (8, 2), (10, 6))
    found = span_objects(buffers, sources.starts, pairs, TEXT)
    assert found == ["by", "ar", "view", "np", "mapped"]
    assert gather_spans(buffers, sources.starts, [pairs])[0].tobytes() == b"byarviewnpmapped"
    buffers[1].append(1)  # no export is left behind
    mapped.close()


@pytest.mark.parametrize(
    ("buffers", "error"),
    [([3], TypeError), (["text"], TypeError), ([memoryview(b"abcd")[::2]], BufferError)],
)
def test_what_is_no_source(buffers, error):
    with pytest.raises(error):
        span_objects(buffers, np.array([0, 1]), spans((0, 1)), BYTES)


def test_arguments_that_do_not_fit():
    with pytest.raises(ValueError, match="1 buffers need 2 addresses, not 3"):
        span_objects([b"a"], np.array([0, 1, 2]), spans((0, 1)), BYTES)
    with pytest.raises(ValueError, match="1 spans, but 2 of validity"):
        span_objects([b"a"], np.array([0, 1]), spans((0, 1)), BYTES, np.ones(2, dtype=bool))
    with pytest.raises(ValueError, match="pairs"):
        span_objects([b"a"], np.array([0, 1]), np.zeros(3, dtype=np.int64), BYTES)


def test_no_buffers():
    none = np.zeros(1, dtype=np.int64)
    assert span_objects([], none, spans((0, 0)), TEXT) == [""]
    assert gather_spans([], none, [])[0].tobytes() == b""
    with pytest.raises(DecodeError):
        span_objects([], none, spans((0, 1)), TEXT)
