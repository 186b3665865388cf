"""Spans of strings and bytes: the objects they stand for, and their bytes gathered in one block.

A span is (start, length) in the one space of addresses of many buffers (`tensorwire.columns.
sources`). Nothing about it is trusted, neither spans nor addresses nor sizes: each use is checked
against the buffer itself, so that a wrong span is an error and never a read outside.
"""

from cpython.buffer cimport PyBuffer_IsContiguous
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.memoryview cimport PyMemoryView_FromObject, PyMemoryView_GET_BUFFER
from cpython.ref cimport Py_INCREF
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport INT64_MAX, int64_t, uint8_t
from libc.string cimport memcpy

from tensorwire.errors import DecodeError

cimport cython

#: What `span_objects` makes of a span.
BYTES = 0
TEXT = 1                 # UTF-8; anything else is an error
TEXT_OR_BYTES = 2        # str where it is UTF-8, else bytes

cdef struct Piece:
    const uint8_t *at
    size_t size

cdef struct Cursor:
    const int64_t *starts    # of the buffers: one more than there are
    const Piece *pieces
    size_t count
    size_t place             # the buffer of the last span that was found


@cython.final
cdef class _Pieces:
    """Where buffers lie in memory; holds them, so that they stay there."""

    cdef Piece *items
    cdef size_t count
    cdef tuple owners
    cdef list held

    def __cinit__(self, buffers):
        cdef size_t i
        cdef Py_buffer *view
        self.owners = tuple(buffers)
        self.held = []
        self.count = len(self.owners)
        self.items = <Piece *> PyMem_Malloc((self.count + 1) * sizeof(Piece))
        if self.items == NULL:
            raise MemoryError
        for i, owner in enumerate(self.owners):
            if PyBytes_CheckExact(owner):
                self.items[i].at = <const uint8_t *> PyBytes_AS_STRING(owner)
                self.items[i].size = <size_t> PyBytes_GET_SIZE(owner)
                continue
            export = PyMemoryView_FromObject(owner)
            view = PyMemoryView_GET_BUFFER(export)
            if not PyBuffer_IsContiguous(view, b"C"):
                raise BufferError(f"source {i} is not contiguous")
            self.held.append(export)
            self.items[i].at = <const uint8_t *> view.buf
            self.items[i].size = <size_t> view.len

    def __dealloc__(self):
        PyMem_Free(self.items)


cdef Cursor cursor_at(_Pieces pieces, const int64_t[::1] starts) except *:
    """At the first buffer. The cursor is as long-lived as both arguments."""
    cdef Cursor cursor
    if <size_t> starts.shape[0] != pieces.count + 1:
        raise ValueError(f"{pieces.count} buffers need {pieces.count + 1} addresses, "
                         f"not {starts.shape[0]}")
    cursor.starts, cursor.pieces = &starts[0], pieces.items
    cursor.count, cursor.place = pieces.count, 0
    return cursor


cdef inline bint _is_here(const Cursor *self, size_t place, int64_t start) noexcept nogil:
    return self.starts[place] <= start < self.starts[place + 1]


cdef void _seek(Cursor *self, int64_t start) noexcept nogil:
    """To the last buffer that begins at ``start`` or before. REQUIRES: one buffer at least."""
    cdef size_t low = 0, high = self.count, middle
    if self.place + 1 < self.count and _is_here(self, self.place + 1, start):
        self.place += 1
        return
    while high - low > 1:                  # progress: either bound moves to the middle
        middle = low + (high - low) // 2
        if self.starts[middle] <= start:
            low = middle
        else:
            high = middle
    self.place = low


cdef inline const uint8_t *span_find(Cursor *self, int64_t start, int64_t length) noexcept nogil:
    """The first byte of a span of one byte or more, NULL where it lies outside of any buffer."""
    cdef size_t offset
    cdef const Piece *piece
    if start < 0 or length <= 0 or self.count == 0:
        return NULL
    if not _is_here(self, self.place, start):
        _seek(self, start)
    if self.starts[self.place] < 0 or start < self.starts[self.place]:
        return NULL
    offset = <size_t> (start - self.starts[self.place])    # both from 0 on: no wrap
    piece = &self.pieces[self.place]
    if offset > piece.size or <size_t> length > piece.size - offset:
        return NULL
    return piece.at + offset


cdef object _outside(int64_t start, int64_t length):
    return DecodeError(f"a span of {length} bytes lies outside of its buffer", start)


cdef const int64_t[::1] _numbers(spans) except *:
    """Spans as numbers: starts at even places, lengths behind them."""
    import numpy

    cdef const int64_t[::1] numbers = numpy.ascontiguousarray(spans).view("<i8")
    if numbers.shape[0] % 2:
        raise ValueError("spans are pairs of start and length")
    return numbers


def span_objects(buffers, const int64_t[::1] starts, spans, int kind, valid=None) -> list:
    """What spans stand for, as a list of str or bytes; None where ``valid`` is False.

    ``spans``: array of pairs of int64; ``kind``: BYTES, TEXT or TEXT_OR_BYTES;
    ``valid``: array of bool, one for each span, or None. Cheapest where spans ascend.
    Raises: ``DecodeError`` for a span outside of its buffer, and under TEXT for what is no UTF-8.
    """
    cdef _Pieces pieces = _Pieces(buffers)
    cdef Cursor cursor = cursor_at(pieces, starts)
    cdef const int64_t[::1] numbers = _numbers(spans)
    cdef size_t count = <size_t> numbers.shape[0] // 2, i
    cdef const uint8_t[:] mask = None if valid is None else valid.view("u1")
    cdef const uint8_t *at
    cdef int64_t length
    if mask is not None and <size_t> mask.shape[0] != count:
        raise ValueError(f"{count} spans, but {mask.shape[0]} of validity")
    cdef list made = PyList_New(<Py_ssize_t> count)
    for i in range(count):
        if mask is not None and not mask[i]:
            one = None
        elif numbers[2 * i + 1] == 0:
            one = b"" if kind == 0 else ""
        else:
            length = numbers[2 * i + 1]
            at = span_find(&cursor, numbers[2 * i], length)
            if at == NULL:
                raise _outside(numbers[2 * i], length)
            one = _object(at, length, kind, numbers[2 * i])
        Py_INCREF(one)
        PyList_SET_ITEM(made, <Py_ssize_t> i, one)
    return made


cdef object _object(const uint8_t *at, int64_t length, int kind, int64_t start):
    if kind == 0:
        return PyBytes_FromStringAndSize(<const char *> at, <Py_ssize_t> length)
    try:
        return PyUnicode_DecodeUTF8(<const char *> at, <Py_ssize_t> length, NULL)
    except UnicodeDecodeError as error:
        if kind == 1:
            raise DecodeError("a string is not UTF-8", start + error.start) from None
        return PyBytes_FromStringAndSize(<const char *> at, <Py_ssize_t> length)


def gather_spans(buffers, const int64_t[::1] starts, list columns) -> tuple:
    """The bytes of all spans one behind the other, and the spans of each column in that block.

    ``columns``: arrays of pairs of int64, as in `span_objects`. Returns (block, spans):
    an array of bytes and a list of arrays like ``columns``; empty spans are (0, 0). Two spans that
    overlap are two copies.
    Raises: ``DecodeError`` for a span outside of its buffer.
    """
    import numpy

    cdef _Pieces pieces = _Pieces(buffers)
    cdef Cursor cursor = cursor_at(pieces, starts)
    cdef size_t total = 0, used = 0
    cdef const int64_t[::1] numbers
    cdef int64_t[::1] placed
    cdef uint8_t[::1] room
    for spans in columns:
        numbers = _numbers(spans)
        total += _checked_sum(&cursor, numbers, total)
    block = numpy.empty(total, dtype="u1")
    room = block
    gathered = []
    for spans in columns:
        numbers = _numbers(spans)
        made = numpy.zeros(spans.shape, dtype=spans.dtype)
        placed = made.view("<i8")
        used = _gather(&cursor, numbers, placed, room, used)
        gathered.append(made)
    block.flags.writeable = False
    return block, gathered


@cython.boundscheck(False)             # i < count, half of the numbers
cdef size_t _checked_sum(Cursor *cursor, const int64_t[::1] numbers, size_t before) except? 0:
    """The lengths of a column's spans, each of which lies in its buffer."""
    cdef size_t count = <size_t> numbers.shape[0] // 2, i = 0, total = 0
    cdef size_t most = <size_t> INT64_MAX - before       # REQUIRES: before <= INT64_MAX
    cdef bint wrong = False
    with nogil:
        for i in range(count):
            if numbers[2 * i + 1] == 0:
                continue
            if span_find(cursor, numbers[2 * i], numbers[2 * i + 1]) == NULL:
                wrong = True
                break
            if <size_t> numbers[2 * i + 1] > most - total:
                wrong = True
                break
            total += <size_t> numbers[2 * i + 1]
    if wrong:
        raise _outside(numbers[2 * i], numbers[2 * i + 1])
    return total


@cython.boundscheck(False)             # i < count, half of the numbers; `placed` has their shape
cdef size_t _gather(Cursor *cursor, const int64_t[::1] numbers, int64_t[::1] placed,
                    uint8_t[::1] room, size_t used) except? 0:
    """Copies a column's bytes behind the ``used`` ones; how many are used then.

    All is checked again: another thread may have written into the array of spans.
    """
    cdef size_t count = <size_t> numbers.shape[0] // 2, i = 0
    cdef size_t size = <size_t> room.shape[0]
    cdef uint8_t *out = NULL
    cdef const uint8_t *at
    cdef int64_t start, length = 0
    cdef bint wrong = False
    if size:
        out = &room[0]
    with nogil:
        for i in range(count):
            start, length = numbers[2 * i], numbers[2 * i + 1]
            if length == 0:
                continue
            at = span_find(cursor, start, length)
            if at == NULL or <size_t> length > size - used:     # used <= size: no wrap
                wrong = True
                break
            memcpy(out + used, at, <size_t> length)
            placed[2 * i], placed[2 * i + 1] = <int64_t> used, length
            used += <size_t> length
    if wrong:
        raise _outside(numbers[2 * i], length)
    return used
