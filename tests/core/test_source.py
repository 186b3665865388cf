"""Source over memory: what is borrowed, what is copied, spans, and the exported buffer."""

import array
import ctypes
import gc
import mmap
import pickle
import sys
import threading

import numpy as np
import pytest

from tensorwire._core.source import Source

TEXT = b"0123456789abcdef"


class OddBytes(bytes):
    """A subclass, which could export memory of its own."""


def address(buffer):
    return np.frombuffer(buffer, np.uint8).__array_interface__["data"][0]


def anonymous_map(content):
    held = mmap.mmap(-1, len(content))
    held[:] = content
    return held


MUTABLE = {
    "bytearray": bytearray,
    "memoryview of a bytearray": lambda b: memoryview(bytearray(b)),
    "ndarray": lambda b: np.frombuffer(b, np.uint8).copy(),
    "array": lambda b: array.array("B", b),
    "mmap": anonymous_map,
    "ctypes": lambda b: (ctypes.c_ubyte * len(b))(*b),
}
READ_ONLY = {
    "memoryview of bytes": memoryview,
    "read-only memoryview of a bytearray": lambda b: memoryview(bytearray(b)).toreadonly(),
    "read-only ndarray": lambda b: np.frombuffer(b, np.uint8),
    "bytes subclass": OddBytes,
}


def cases(table):
    return [pytest.param(make, id=name) for name, make in table.items()]


def test_bytes_are_borrowed():
    source = Source(TEXT)
    assert address(source) == address(TEXT)
    assert (source.size, len(source), source.mode) == (16, 16, "memory")
    assert (source.path, source.absolute_path, source.identity) == (None, None, None)


def test_bytes_stay_alive_with_their_source():
    content = bytes(bytearray(b"x" * 1000))
    before = sys.getrefcount(content)
    source = Source(content)
    assert sys.getrefcount(content) == before + 1
    del source
    assert sys.getrefcount(content) == before


def test_another_source_is_borrowed():
    first = Source(bytearray(TEXT))
    second = Source(first)
    where = address(first)
    del first
    gc.collect()
    assert address(second) == where
    assert bytes(second) == TEXT


@pytest.mark.parametrize("make", cases(MUTABLE | READ_ONLY))
def test_every_other_buffer_is_copied(make):
    owner = make(TEXT)
    source = Source(owner)
    assert address(source) != address(owner)
    assert bytes(source) == TEXT


@pytest.mark.parametrize("make", cases(MUTABLE))
def test_a_copy_does_not_follow_its_owner(make):
    owner = make(TEXT)
    source = Source(owner)
    owner[0] = 0
    assert bytes(source) == TEXT


@pytest.mark.parametrize("make", cases(MUTABLE | READ_ONLY))
def test_borrowing_on_request_shares_the_memory(make):
    owner = make(TEXT)
    source = Source(owner, borrow=True)
    assert address(source) == address(owner)
    assert bytes(source) == TEXT


@pytest.mark.parametrize("make", cases(MUTABLE))
def test_a_borrowed_buffer_shows_the_callers_writes(make):
    owner = make(TEXT)
    source = Source(owner, borrow=True)
    owner[0] = 90
    assert bytes(source) == b"Z" + TEXT[1:]


def test_a_copied_bytearray_can_be_resized_at_once():
    owner = bytearray(TEXT)
    source = Source(owner)
    owner.extend(b"more")
    assert bytes(source) == TEXT


def test_a_borrowed_bytearray_is_pinned_until_the_last_array_dies():
    owner = bytearray(TEXT)
    values = np.frombuffer(Source(owner, borrow=True), np.uint8)
    with pytest.raises(BufferError):
        owner.extend(b"more")
    del values
    owner.extend(b"more")
    assert len(owner) == 20


def test_a_copied_mmap_can_be_closed_and_a_borrowed_one_cannot():
    copied, borrowed = anonymous_map(TEXT), anonymous_map(TEXT)
    source, pin = Source(copied), Source(borrowed, borrow=True)
    copied.close()
    assert bytes(source) == TEXT
    with pytest.raises(BufferError):
        borrowed.close()
    del pin
    borrowed.close()


def test_a_large_buffer_is_copied_whole():
    content = np.random.default_rng(1).integers(0, 256, 3 << 20, np.uint8)
    assert np.array_equal(np.frombuffer(Source(content), np.uint8), content)


def test_elements_of_any_width_count_as_bytes():
    values = np.arange(6, dtype="<f8").reshape(2, 3)
    source = Source(values)
    assert source.size == 48
    assert bytes(source) == values.tobytes()


@pytest.mark.parametrize("borrow", [False, True])
@pytest.mark.parametrize(
    "owner",
    [
        memoryview(TEXT)[::2],
        memoryview(TEXT)[::-1],
        np.arange(12.0)[::3],
        np.asfortranarray(np.arange(12).reshape(3, 4)),
    ],
    ids=["every second byte", "reversed", "strided array", "Fortran order"],
)
def test_scattered_buffers_are_refused(owner, borrow):
    with pytest.raises(BufferError, match="not C-contiguous; pass bytes"):
        Source(owner, borrow=borrow)


def test_a_refused_buffer_is_released():
    owner = bytearray(TEXT)
    with memoryview(owner) as view, view[::2] as scattered, pytest.raises(BufferError):
        Source(scattered)
    owner.extend(b"more")


@pytest.mark.parametrize("owner", ["text", 5, None, [1, 2], object()])
def test_what_has_no_buffer_is_refused(owner):
    with pytest.raises(TypeError, match="bytes-like"):
        Source(owner)


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, OddBytes])
@pytest.mark.parametrize("borrow", [False, True])
def test_zero_bytes_is_a_source(make, borrow):
    source = Source(make(b""), borrow=borrow)
    assert (source.size, len(source), bytes(source)) == (0, 0, b"")
    assert source.span(0, 0) == b""
    assert address(source) != 0


def test_zero_bytes_of_an_array():
    assert bytes(Source(np.empty((0, 4)), borrow=True)) == b""


def test_spans_share_the_memory_and_are_read_only():
    source = Source(TEXT)
    view = source.span(10, 6)
    assert view == b"abcdef"
    assert view.readonly
    assert address(view) == address(TEXT) + 10
    with pytest.raises(TypeError):
        view[0] = 1


def test_a_span_keeps_its_source_alive():
    view = Source(bytearray(TEXT)).span(4, 4)
    gc.collect()
    assert bytes(view) == b"4567"


@pytest.mark.parametrize(("offset", "nbytes"), [(0, 0), (0, 16), (16, 0), (15, 1), (7, 3)])
def test_spans_inside(offset, nbytes):
    assert Source(TEXT).span(offset, nbytes) == TEXT[offset : offset + nbytes]


@pytest.mark.parametrize(
    ("offset", "nbytes"),
    [
        (0, 17),
        (16, 1),
        (17, 0),
        (-1, 1),
        (0, -1),
        (1, 16),
        (2**64 - 8, 16),
        (8, 2**64),
        (-(2**64), 1),
    ],
)
def test_spans_outside_name_the_numbers(offset, nbytes):
    text = f"span of {nbytes} bytes at {offset} leaves the source of 16 bytes"
    with pytest.raises(ValueError, match=text):
        Source(TEXT).span(offset, nbytes)


def test_a_span_of_no_number_is_a_type_error():
    with pytest.raises(TypeError):
        Source(TEXT).span("0", 1)
    with pytest.raises(TypeError):
        Source(TEXT).span(0.5, 1)


def test_the_exported_buffer_is_flat_read_only_bytes():
    view = memoryview(Source(bytearray(TEXT), borrow=True))
    assert (view.format, view.itemsize, view.shape, view.readonly) == ("B", 1, (16,), True)


def test_a_writable_export_is_refused():
    with pytest.raises((BufferError, TypeError)):
        (ctypes.c_ubyte * 16).from_buffer(Source(bytearray(TEXT), borrow=True))


def test_arrays_are_read_only_and_outlive_the_name():
    values = np.frombuffer(Source(bytearray(TEXT)), np.uint8, 4, 8)
    gc.collect()
    assert values.tobytes() == b"89ab"
    assert not values.flags.writeable
    with pytest.raises(ValueError, match="WRITEABLE"):
        values.flags.writeable = True


def test_memory_never_counts_as_changed():
    assert Source(bytearray(TEXT)).check_unchanged() is True


def test_repr_is_one_line_without_payload():
    assert repr(Source(TEXT)) == "<Source: memory, 16 bytes>"


def test_a_source_is_frozen_and_final():
    source = Source(TEXT)
    for name in ("size", "mode", "path", "identity", "other"):
        with pytest.raises(AttributeError):
            setattr(source, name, 1)
    with pytest.raises(TypeError):
        type("Sub", (Source,), {})


def test_a_source_does_not_pickle():
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Source(TEXT))


def test_threads_share_a_source():
    source = Source(np.arange(1 << 16, dtype="<u4"))
    failed, start = [], threading.Barrier(8)

    def read(seed):
        start.wait()
        failed.extend(
            i
            for i in range(seed, 1 << 16, 1009)
            if int.from_bytes(source.span(4 * i, 4), "little") != i
        )

    workers = [threading.Thread(target=read, args=(seed,)) for seed in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []


def test_sources_of_bytes_leave_no_memory_behind():
    owners = [bytearray(TEXT), np.frombuffer(TEXT, np.uint8), OddBytes(TEXT)]
    counts = [sys.getrefcount(owner) for owner in owners]
    for owner in owners:
        for _ in range(100):
            Source(owner)
            Source(owner, borrow=True)
    del owner
    assert [sys.getrefcount(owner) for owner in owners] == counts
