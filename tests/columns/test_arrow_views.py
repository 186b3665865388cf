"""Spans as views or as offsets and data, against a plain reading of the format."""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorwire._core.arrow_views import (
    span_gather,
    span_offsets,
    span_totals,
    span_views,
)
from tensorwire._core.span_source import SpanSource
from tensorwire.columns.arrow.strings import BUFFERS_KEPT, Origin, string_buffers
from tensorwire.columns.sources import Sources
from tensorwire.errors import LimitError

SPAN = np.dtype([("start", "<i8"), ("length", "<i8")])


def spans_of(pairs):
    return np.array(list(pairs), SPAN) if pairs else np.zeros(0, SPAN)


def source_of(buffers):
    sizes = [0 if buffer is None else len(buffer) for buffer in buffers]
    return SpanSource(buffers, np.cumsum([0, *sizes], dtype="<i8"))


def read_views(views, windows):
    """Columnar.html, "Variable-size Binary View Layout", value by value."""
    found = []
    for view in views:
        view = view.tobytes()
        length = int.from_bytes(view[:4], "little", signed=True)
        if length <= 12:
            assert view[4 + length :] == bytes(12 - length)
            found.append(view[4 : 4 + length])
            continue
        index, offset = (int.from_bytes(view[at : at + 4], "little") for at in (8, 12))
        assert offset < 2**31
        value = windows[index][offset : offset + length]
        assert len(value) == length and value[:4] == view[4:8]
        found.append(value)
    return found


def views_of(buffers, spans, gathers=False, **sizes):
    source = source_of(buffers)
    views = np.full(len(spans), b"\xaa" * 16, "V16")
    into = np.empty(span_totals(spans, 12)[0], "u1") if gathers else None
    named = span_views(source, spans, views, into, **sizes)
    owners = [into.tobytes()] if gathers else buffers
    windows = [bytes(owners[at] or b"")[start:stop] for at, start, stop in named]
    return views, windows


@st.composite
def drawn(draw):
    """Buffers, some empty or None, and spans that lie in them, in any order."""
    buffers = draw(st.lists(st.none() | st.binary(max_size=50), min_size=1, max_size=6))
    starts = np.cumsum([0, *(len(buffer or b"") for buffer in buffers)]).tolist()
    pairs = [(0, 0)]
    for start, stop in pairwise(starts):
        for _ in range(draw(st.integers(0, 4))):
            at = draw(st.integers(start, stop))
            pairs.append((at, draw(st.integers(0, stop - at))))
    return buffers, spans_of(draw(st.permutations(pairs)))


def plain(buffers, spans):
    text = b"".join(buffer or b"" for buffer in buffers)
    return [text[start : start + length] for start, length in spans.tolist()]


@given(drawn(), st.booleans(), st.integers(1, 20), st.integers(0, 30))
def test_views_say_what_the_spans_say(given_, gathers, step, more):
    buffers, spans = given_
    sizes = {"step": step, "limit": step + 50 + more}
    views, windows = views_of(buffers, spans, gathers, **sizes)
    assert read_views(views, windows) == plain(buffers, spans)
    assert all(len(window) <= sizes["limit"] for window in windows)


@given(st.binary(min_size=200, max_size=400), st.data())
def test_large_buffers_become_overlapping_windows(text, data):
    pairs = data.draw(st.lists(st.tuples(st.integers(0, 150), st.integers(0, 50)), max_size=20))
    for gathers in (False, True):
        views, windows = views_of([text], spans_of(pairs), gathers, step=16, limit=50)
        assert read_views(views, windows) == plain([text], spans_of(pairs))
        assert all(len(window) <= 50 for window in windows)


def test_windows_without_a_view_are_empty():
    text = bytes(range(250))
    views, windows = views_of([text, text], spans_of([(2, 20), (40, 20)]), step=32, limit=64)
    assert [len(window) for window in windows] == [64, 64]
    assert read_views(views, windows) == [text[2:22], text[40:60]]
    assert views_of([text], spans_of([(2, 12), (9, 3)]))[1] == []


@given(drawn())
def test_offsets_and_data_say_what_the_spans_say(given_):
    buffers, spans = given_
    for bits in (32, 64):
        offsets = np.full(len(spans) + 1, -1, f"<i{bits // 8}")
        data = np.empty(span_offsets(spans, offsets, bits=bits), "u1")
        span_gather(source_of(buffers), spans, data)
        values = plain(buffers, spans)
        assert offsets.tolist() == np.cumsum([0, *map(len, values)]).tolist()
        assert data.tobytes() == b"".join(values)


OUTSIDE = [
    (0, 11),
    (10, 1),
    (9, 2),
    (4, 7),
    (-1, 1),
    (-1, 2**63 - 1),
    (3, -1),
    (0, -(2**63)),
    (2**63 - 1, 1),
    (2**63 - 1, 2**63 - 1),
    (-(2**63), 5),
    (5, 2**63 - 1),
    (2, 4),  # from one buffer into the next
]


@pytest.mark.parametrize("pair", OUTSIDE)
@pytest.mark.parametrize("count", [1, 5000])
def test_a_span_that_leaves_its_buffer_is_an_error(pair, count):
    source = source_of([b"abcd", b"efghij"])
    spans = spans_of([(0, 1)] * (count - 1) + [pair])
    room = np.empty(100_000, "u1")
    for gathered in (None, np.empty(1000, "u1")):
        with pytest.raises(ValueError, match=f"span {count - 1} of {pair[1]} bytes from"):
            span_views(source, spans, np.empty(count, "V16"), gathered)
    with pytest.raises(ValueError, match=f"span {count - 1} of {pair[1]} bytes from"):
        span_gather(source, spans, room)


def test_negative_lengths_have_no_offsets():
    for bits in (32, 64):
        with pytest.raises(ValueError, match="span 1 of -1 bytes"):
            span_offsets(spans_of([(0, 1), (0, -1)]), np.empty(3, f"i{bits // 8}"), bits=bits)


def test_more_than_offsets_can_count():
    huge = spans_of([(0, 2**30), (0, 2**30)])
    with pytest.raises(LimitError, match=r"value 1 pass the 2147483647 bytes .*'large_string'"):
        span_offsets(huge, np.empty(3, "<i4"), bits=32)
    assert span_offsets(huge, np.empty(3, "<i8"), bits=64) == 2**31
    with pytest.raises(LimitError):
        span_offsets(spans_of([(0, 2**62)] * 2), np.empty(3, "<i8"), bits=64)
    with pytest.raises(LimitError):
        span_totals(spans_of([(0, 2**62)] * 2), 12)


def test_a_value_beyond_the_limit_of_views():
    with pytest.raises(LimitError, match="value 0 of 40 bytes passes the 30 bytes"):
        views_of([bytes(100)], spans_of([(0, 40)]), step=10, limit=30)


def test_room_that_is_too_small_is_not_overrun():
    source = source_of([b"x" * 100])
    spans = spans_of([(0, 20), (20, 20)])
    with pytest.raises(ValueError, match="changed while they were read"):
        span_views(source, spans, np.empty(2, "V16"), np.empty(39, "u1"))
    with pytest.raises(ValueError, match="changed while they were read"):
        span_gather(source, spans, np.empty(39, "u1"))
    with pytest.raises(ValueError, match="32 bytes are to be written, not 16"):
        span_views(source, spans, np.empty(1, "V16"))
    with pytest.raises(ValueError, match="12 bytes are to be written"):
        span_offsets(spans, np.empty(2, "<i4"), bits=32)


def test_no_buffers_hold_empty_spans_only():
    source = SpanSource((), np.zeros(1, "<i8"))
    views = np.empty(2, "V16")
    assert span_views(source, spans_of([(0, 0), (5, 0)]), views) == []
    assert views.tobytes() == bytes(32)
    with pytest.raises(ValueError, match="span 0 of 1 bytes"):
        span_views(source, spans_of([(0, 1)]), np.empty(1, "V16"))
    with pytest.raises(ValueError, match="span 0 of 1 bytes"):
        span_gather(source, spans_of([(0, 1)]), np.empty(1, "u1"))


@pytest.mark.parametrize("starts", [[0], [0, 4, 4], [0, 5], [1, 0], [-1, 3], [4, 2**63 - 1]])
def test_starts_that_do_not_fit_the_buffers(starts):
    with pytest.raises(ValueError, match=r"starts|cannot reach"):
        SpanSource([b"abcd"], np.array(starts, "<i8"))


def test_what_is_no_span():
    source = source_of([b"abcd"])
    with pytest.raises(ValueError, match="pairs of int64"):
        span_views(source, np.zeros(3, "<i8"), np.empty(1, "V16"))
    with pytest.raises(BufferError):
        span_views(source, spans_of([(0, 1)]), bytes(16))


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("format", ["vu", "vz", "u", "z", "U", "Z"])
def test_string_buffers(format, many):
    rows = [b"", b"short", b"a value of some length"] * (BUFFERS_KEPT if many else 3)
    buffers = rows if many else [b"".join(rows)]
    starts = np.cumsum([0, *map(len, buffers)], dtype="<i8")
    ends = np.cumsum([0, *map(len, rows)]).tolist()
    spans = spans_of([(at, len(row)) for at, row in zip(ends, rows, strict=False)])
    made = string_buffers(format, spans, Origin(Sources(buffers, starts)))
    if format.startswith("v"):
        assert len(made) == 3 and made[2].tolist() == [len(made[1])]
        assert read_views(made[0], [bytes(made[1])]) == rows
    else:
        assert made[1].tobytes() == b"".join(rows)
        assert made[0].itemsize == (8 if format.isupper() else 4)


def test_kernels_let_other_threads_run():
    count = 400_000
    source = source_of([b"0123456789abcdef" * count])
    spans = spans_of([(0, 0)] * count)
    spans["start"], spans["length"] = np.arange(count) * 16, 16
    results = [np.empty(count, "V16") for _ in range(4)]
    work = [threading.Thread(target=span_views, args=(source, spans, out)) for out in results]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len({out.tobytes() for out in results}) == 1
