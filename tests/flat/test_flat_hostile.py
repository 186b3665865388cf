"""Buffers made to hurt a verifier: each abuse as a sentence, with its verdict."""

import gc
import os
import struct
import threading
import time

import flat_oracle
import flat_raw
import numpy as np
import pytest
from flat_oracle import Rules

from tensorwire import flat
from tensorwire.errors import DecodeError, LimitError
from tensorwire.limits import Limits

SANITIZED = "asan" in os.environ.get("LD_PRELOAD", "")
SLOWER = 20 if SANITIZED else 1


def verify(data, root, **options):
    return flat_raw.schema().verify(data, root, **options)


def refused(data, root, reason=None, kind=DecodeError, **options):
    with pytest.raises(kind, match=reason) as caught:
        verify(data, root, **options)
    return caught.value


def seconds(call, times=5):
    """The least of some tries: other processes make them longer, nothing makes them shorter."""
    found = []
    for _ in range(times):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


# What is shared, and what overlaps.


@pytest.mark.parametrize("distinct", [False, True])
def test_a_vector_of_250_000_strings_that_10_000_tables_share_is_verified_once(distinct):
    data = flat_raw.shared_strings(10_000, 250_000, distinct)
    assert len(data) < 1.1 * 2**20
    found = verify(data, "Many")
    assert found.tables == (10_001 if distinct else 2)
    assert 250_000 <= found.vectors <= 270_000
    assert seconds(lambda: verify(data, "Many")) < 0.020 * SLOWER


def test_small_parts_that_are_shared_are_no_more_than_their_limit():
    for length in range(1, 12):
        out = flat_raw.head()
        out += flat_raw.table(16, 24)
        out += flat_raw.offsets(24, np.full(20_000, 24 + 4 + 80_000, np.int64))
        out += flat_raw.chain(length, len(out))
        found = verify(bytes(out), "Kids")
        assert (found.depth, found.vectors) == (1 + length, 1)
        assert seconds(lambda data=bytes(out): verify(data, "Kids"), 3) < 0.020 * SLOWER


def test_vectors_that_overlap_word_by_word_end_at_the_limit_of_work():
    small = flat_raw.overlapping_vectors(200)
    assert verify(small, "Many", limits=Limits(flat_work=1000)).depth == 2
    assert flat_oracle.verify(flat_raw.schema().declarations, small, "Many").ok
    large = flat_raw.overlapping_vectors(1 << 18)
    assert seconds(lambda: refused(large, "Many", "flat_work", LimitError), 3) < 0.3 * SLOWER


def test_texts_that_overlap_word_by_word_end_at_the_limit_of_work():
    data = flat_raw.overlapping_texts(1 << 18)
    assert verify(data, "Names").vectors == 1 + (1 << 18)  # what is no text is not looked at

    def call():
        refused(data, "Names", "flat_work", LimitError, strict=True)

    assert seconds(call, 3) < 0.3 * SLOWER
    verify(flat_raw.overlapping_texts(3), "Names", strict=True)


# Depth.


@pytest.mark.parametrize("first", ["shallow", "deep"])
def test_what_was_met_shallow_is_not_reached_too_deep(first):
    for deep, fine in ((33, True), (34, False), (50, False)):
        data = flat_raw.joined(3, deep, 30, first)
        if fine:
            assert verify(data, "Kids").depth == 64
        else:
            refused(data, "Kids", "nested deeper than 64")
            verify(data, "Kids", limits=Limits(flat_depth=1 + deep + 30))
            refused(data, "Kids", "deeper", limits=Limits(flat_depth=deep + 30))


def test_64_tables_below_one_another_are_fine_and_65_are_not():
    for length in (1, 63, 64):
        found = verify(bytes(flat_raw.head() + flat_raw.chain(length, 16)), "Node")
        assert (found.depth, found.tables) == (length, length)
    refused(bytes(flat_raw.head() + flat_raw.chain(65, 16)), "Node", "nested deeper than 64")


def test_many_tables_below_one_another_need_no_stack():
    data = bytes(flat_raw.head() + flat_raw.chain(200_000, 16))
    limits = Limits(flat_depth=2_000_000)
    assert verify(data, "Node", limits=limits).depth == 200_000
    error = refused(data[:-8], "Node", "leads out of the buffer", limits=limits)
    assert len(error.path) < 10_000


# Buffers inside buffers.


def test_ten_thousand_buffers_inside_one_another_need_no_stack():
    data = flat_raw.boxes(10_000)
    found = verify(data, "Box")
    assert (found.tables, found.depth) == (10_001, 1)
    refused(data[:-8], "Box")
    refused(bytes([*data[:-4], 1, 1, 1, 1]), "Box")


def test_a_buffer_inside_another_ends_where_its_bytes_end():
    inner = bytes(flat_raw.head() + flat_raw.table(16, 24) + flat_raw.words(0))
    outer = flat_raw.head() + flat_raw.table(16, 24)
    tail = bytes(64)
    whole = bytes(outer + flat_raw.words(len(inner)) + inner + tail)
    schema = flat.Schema.from_fbs_text(flat_raw.TEXT.replace('"Box"', '"Names"'))
    schema.verify(whole, "Box")
    for length in range(len(inner)):
        cut = bytes(outer + flat_raw.words(length) + inner + tail)
        with pytest.raises(DecodeError) as caught:
            schema.verify(cut, "Box")
        assert caught.value.path.startswith("inside")
        assert caught.value.offset <= 28 + length


# Sizes before buffers.


@pytest.mark.parametrize("width", [4, 8])
def test_a_size_may_not_promise_more_than_there_is(width):
    body = bytes(flat_raw.head() + flat_raw.chain(2, 16))
    form = "<I" if width == 4 else "<Q"
    for size in (0, 1, len(body) - 1, len(body)):  # behind a smaller one lie bytes that are read
        assert verify(struct.pack(form, size) + body, "Node", size_prefixed=width).depth == 2
    most = 2 ** (8 * width)
    for size in (len(body) + 1, most // 2, most - 1, most - width, most - len(body)):
        refused(struct.pack(form, size) + body, "Node", "leave the buffer", size_prefixed=width)


@pytest.mark.parametrize("width", [0, 4, 8])
def test_short_buffers_are_refused(width):
    for length in range(12 + width):
        for filler in (0, 1, 4, 0x80, 0xFF):
            data = bytes([filler]) * length
            with pytest.raises(DecodeError):
                verify(data, "Node", size_prefixed=width)
            for name in ("ABCD", b"\xff\0\1\2"):
                with pytest.raises(DecodeError):
                    verify(data, "Node", size_prefixed=width, identifier=name)


# Threads.


def test_threads_verify_one_buffer_at_once():
    data = flat_raw.shared_strings(10_000, 250_000, True)
    broken = data[:-8]
    found = []

    def work():
        for _ in range(10):
            found.append(repr(verify(data, "Many")))
            with pytest.raises(DecodeError):
                verify(broken, "Many")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40 and len(set(found)) == 1


def test_nothing_is_left_behind():
    resource = pytest.importorskip("resource")
    good = flat_raw.shared_strings(3_000, 3_000, True)
    deep = bytes(flat_raw.head() + flat_raw.chain(3_000, 16))
    most = []
    for _ in range(4):
        for _ in range(100):
            verify(good, "Many")
            refused(good[:-8], "Many")
            refused(deep[:-8], "Node", limits=Limits(flat_depth=5_000))
        gc.collect()
        most.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert most[-1] - most[1] < 20_000 * (10 if SANITIZED else 1), most


def test_the_memory_is_counted_by_tables_not_by_bytes():
    """A vector of a million numbers and one table: nothing to remember."""
    schema = flat.Schema.from_fbs_text("table T { v: [int]; } root_type T;")
    start = bytes(flat_raw.head() + flat_raw.table(16, 24) + flat_raw.words(1 << 20))
    data = start + bytes(4 << 20)
    assert seconds(lambda: schema.verify(data)) < 0.001 * SLOWER


def test_strict_is_never_more_lenient():
    for data, root in (
        (flat_raw.joined(3, 40, 30, "deep"), "Kids"),
        (flat_raw.boxes(3)[:-9], "Box"),
        (flat_raw.shared_strings(3, 3, True)[:-8], "Many"),
    ):
        for strict in (False, True):
            refused(data, root, strict=strict)
            rules = Rules(strict=strict, max_tables=None)
            assert not flat_oracle.verify(flat_raw.schema().declarations, data, root, rules).ok
