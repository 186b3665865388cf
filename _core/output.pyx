"""Finished outputs: joined into one ``bytes``, compared, or handed out range by range."""

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport (
    PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE,
)
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF, Py_XINCREF
from libc.stdint cimport uint8_t
from libc.string cimport memcmp, memcpy

cimport cython

cdef enum:
    # Below this size the lock is kept: releasing it costs 30 ns, copying the bytes about 3 us.
    NOGIL_BYTES = 32 * 1024


cdef void _hold(Output *out, size_t first) noexcept:
    """Keeps the owners of the segments from ``first`` on alive, whatever other threads do."""
    cdef size_t i
    for i in range(first, out.count):
        Py_XINCREF(<PyObject *> out.segments[i].owner)


cdef void _release(Output *out, size_t count) noexcept:
    cdef size_t i
    for i in range(count):
        Py_XDECREF(<PyObject *> out.segments[i].owner)


cdef bytes _whole(const Segment *segment):
    """The ``bytes`` object of which the segment is all, or None."""
    if segment.owner == NULL or not PyBytes_CheckExact(<object> segment.owner):
        return None
    held = <bytes> segment.owner
    if <size_t> PyBytes_GET_SIZE(held) != segment.length:
        return None
    return held


cdef void _join(const Output *out, uint8_t *to) noexcept nogil:
    """The last segment written comes first. REQUIRES: all of them are closed, and fit."""
    cdef size_t i
    for i in range(out.count, 0, -1):
        memcpy(to, out.segments[i - 1].at, out.segments[i - 1].length)
        to += out.segments[i - 1].length


cdef bytes output_bytes(Output *out):
    cdef size_t total = output_size(out)
    cdef bytes joined
    cdef uint8_t *to
    output_close(out)
    if out.failed or total > <size_t> -1 // 2:
        raise MemoryError
    if out.count == 1:
        joined = _whole(&out.segments[0])
        if joined is not None:
            return joined
    joined = PyBytes_FromStringAndSize(NULL, total)
    to = <uint8_t *> PyBytes_AS_STRING(joined)
    if total < NOGIL_BYTES:
        _join(out, to)
        return joined
    _hold(out, 0)
    with nogil:
        _join(out, to)
    _release(out, out.count)
    return joined


cdef bint _equal(const Output *a, const Output *b) noexcept nogil:
    """From the end on. REQUIRES: all segments are closed, and the lengths are the same."""
    cdef size_t i = 0, j = 0, x = 0, y = 0, length
    cdef const Segment *left
    cdef const Segment *right
    while i < a.count and j < b.count:     # progress: one segment at least comes to its end
        left, right = &a.segments[i], &b.segments[j]
        length = min(left.length - x, right.length - y)
        x += length
        y += length
        if (left.at + (left.length - x) != right.at + (right.length - y)
                and memcmp(left.at + (left.length - x), right.at + (right.length - y), length)):
            return False
        if x == left.length:
            i, x = i + 1, 0
        if y == right.length:
            j, y = j + 1, 0
    return True


cdef bint output_equal(Output *a, Output *b) except -1:
    cdef size_t total = output_size(a)
    cdef bint same
    output_close(a)
    output_close(b)
    if a.failed or b.failed:
        raise MemoryError
    if total != output_size(b):
        return False
    if total < NOGIL_BYTES:
        return _equal(a, b)
    _hold(a, 0)
    _hold(b, 0)
    with nogil:
        same = _equal(a, b)
    _release(a, a.count)
    _release(b, b.count)
    return same


# -- ranges ---------------------------------------------------------------------------------------

@cython.final
@cython.no_gc
cdef class Range:
    """One segment of a rope, as a read-only buffer that keeps the rope."""
    cdef Rope rope
    cdef const uint8_t *at
    cdef size_t length

    def __init__(self):
        raise TypeError("a range is part of an encoded message")

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, <void *> self.at, self.length, True, flags)


@cython.final
@cython.no_gc
cdef class Rope:
    """An encoded message in ranges; holds the owners of those that it refers to."""

    def __cinit__(self):
        output_begin(&self.out, False)
        self.held = 0

    def __dealloc__(self):
        _release(&self.out, self.held)
        output_end(&self.out)

    cdef list ranges(self):
        """Read-only memoryviews of all ranges, in the order of the bytes."""
        cdef list views
        cdef size_t i
        cdef Range view
        output_close(&self.out)
        if self.out.failed:
            raise MemoryError
        _hold(&self.out, self.held)        # before anything that may run code
        self.held = self.out.count
        views = []
        for i in range(self.out.count, 0, -1):
            view = Range.__new__(Range)
            view.rope = self
            view.at, view.length = self.out.segments[i - 1].at, self.out.segments[i - 1].length
            views.append(memoryview(view))
        return views
