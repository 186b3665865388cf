"""Records as they come in: where each lies, without copying any."""

from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memcpy

cimport cython


cdef enum:
    ROWS_LIST
    ROWS_OFFSETS32
    ROWS_OFFSETS64
    ROWS_SPANS
    ROWS_VIEWS
    ROWS_PLACED              # spans on the buffers of other rows

cdef enum:
    VIEW_BYTES = 16          # of one view of Arrow's binary_view layout
    VIEW_INLINE = 12         # bytes that lie in the view itself


cdef extern from *:
    """
    #include "platform.h"

    /* Objects lie anywhere: the one so many places on is asked for while this one is looked at. */
    #define ROWS_AHEAD 16
    #define ROWS_MARK_EVERY 512 /* rows of a list between two whose address is noted */

    typedef struct {
        const uint8_t *at;
        size_t length;
        uint64_t origin;
    } RowPlace;

    /* None, or `bytes`. */
    static inline size_t bytes_size(PyObject *self)
    {
        return self == Py_None ? 0 : (size_t)PyBytes_GET_SIZE(self);
    }

    /* Adds up the sizes of items that are `bytes` or None, and puts them into a tuple, if one is
       given. 0: others are among them. */
    static int rows_add_up(PyObject *const *items, size_t count, PyObject *tuple, uint64_t *marks,
                           size_t *nbytes)
    {
        int is_plain = 1;
        for (size_t i = 0; i < count; i++) {
            PyObject *one = items[i];
            if (i + ROWS_AHEAD < count) TW_PREFETCH(items[i + ROWS_AHEAD]);
            if (i % ROWS_MARK_EVERY == 0) marks[i / ROWS_MARK_EVERY] = *nbytes;
            if (PyBytes_CheckExact(one)) *nbytes += (size_t)PyBytes_GET_SIZE(one);
            else is_plain &= one == Py_None;
            if (tuple) {
                Py_INCREF(one);
                PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, one);
            }
        }
        return is_plain;
    }

    /* Rows of a tuple of `bytes` and None, which holds them, and nothing in them changes: no GIL
       is needed. `marks`: what rows_add_up() noted. */
    static void rows_listed(PyObject *tuple, const uint64_t *marks, size_t first, size_t count,
                            void *into)
    {
        PyObject *const *items = ((PyTupleObject *)tuple)->ob_item;
        size_t total = (size_t)PyTuple_GET_SIZE(tuple);
        RowPlace *out = (RowPlace *)into;
        uint64_t origin = marks[first / ROWS_MARK_EVERY];
        for (size_t i = first / ROWS_MARK_EVERY * ROWS_MARK_EVERY; i < first; i++)
            origin += bytes_size(items[i]);
        for (size_t i = first; i < first + count; i++, out++) {
            if (i + ROWS_AHEAD < total) TW_PREFETCH(items[i + ROWS_AHEAD]);
            out->origin = origin;
            out->length = bytes_size(items[i]);
            out->at = items[i] == Py_None ? NULL : (const uint8_t *)PyBytes_AS_STRING(items[i]);
            if (out->length) TW_PREFETCH(out->at + out->length - 1);
            origin += out->length;
        }
    }

    /* Rows that lie behind one another; fewer than `count`: the next leaves the buffer. */
    #define SPANS_BETWEEN(name, type)                                                    \
        static inline size_t name(const uint8_t *base, size_t nbytes, const void *offsets, \
                                  size_t count, void *into)                              \
        {                                                                                \
            RowPlace *out = (RowPlace *)into;                                            \
            for (size_t i = 0; i < count; i++) {                                         \
                type pair[2]; /* looked at once, and perhaps not aligned */              \
                memcpy(pair, (const uint8_t *)offsets + i * sizeof(type), sizeof pair);  \
                type start = pair[0], stop = pair[1];                                    \
                if (start < 0 || stop < start || (uint64_t)stop > nbytes) return i;      \
                out[i].at = base + start;                                                \
                out[i].length = (size_t)(stop - start);                                  \
                out[i].origin = (uint64_t)start;                                         \
            }                                                                            \
            return count;                                                                \
        }
    SPANS_BETWEEN(spans_between, int32_t)
    SPANS_BETWEEN(spans_between64, int64_t)
    """
    const size_t ROWS_MARK_EVERY
    size_t bytes_size(PyObject *self)
    bint rows_add_up(PyObject **items, size_t count, PyObject *tuple, uint64_t *marks,
                     size_t *nbytes)
    void rows_listed(PyObject *tuple, const uint64_t *marks, size_t first, size_t count,
                     void *into) nogil
    size_t spans_between(const uint8_t *base, size_t nbytes, const void *offsets, size_t count,
                         void *into) nogil
    size_t spans_between64(const uint8_t *base, size_t nbytes, const void *offsets, size_t count,
                           void *into) nogil

cdef extern from "Python.h":
    PyObject *PyTuple_GET_ITEM(object, Py_ssize_t)
    PyObject **PySequence_Fast_ITEMS(object)
    tuple PyTuple_New(Py_ssize_t)


@cython.final
cdef class Rows:
    """One chunk of records, each a range of bytes, or none (a null row).

    Made by the static methods. Copies: nothing, but for records in a list that are neither
    ``bytes`` nor None. Lifetime: keeps the buffers it was made of, which must not change meanwhile;
    ranges are checked against them at each use all the same.
    """

    def __init__(self):
        raise TypeError("Rows are made by of_list, of_offsets, of_spans or of_views")

    def __dealloc__(self):
        cdef size_t i
        for i in range(self._view_count):
            PyBuffer_Release(&self._views[i])
        PyMem_Free(self._views)
        PyMem_Free(self._marks)
        PyMem_Free(self._spans)
        PyMem_Free(self._origins)

    def __len__(self):
        return <Py_ssize_t> self.count

    @staticmethod
    def of_list(records, /):
        """The records of a sequence of ``bytes`` (other buffers are copied) and None."""
        cdef Rows self = _new(ROWS_LIST, 0)
        cdef bint is_filled = type(records) is not list
        cdef tuple held = tuple(records) if is_filled else PyTuple_New(len(records))
        if not is_filled and len(held) != len(records):    # making the tuple may have run anything
            held, is_filled = tuple(records), True
        self.count = <size_t> len(held)
        self._marks = <uint64_t *> PyMem_Calloc(self.count / ROWS_MARK_EVERY + 1, sizeof(uint64_t))
        if self._marks == NULL:
            raise MemoryError
        if not rows_add_up(PySequence_Fast_ITEMS(held if is_filled else records), self.count,
                           NULL if is_filled else <PyObject *> held, self._marks, &self.nbytes):
            return Rows.of_list([_as_bytes(each, k) for k, each in enumerate(held)])
        self._held = held
        return self

    @staticmethod
    def of_offsets(buffer, offsets, validity=None, size_t bit_offset=0):
        """Records that lie behind one another: record ``i`` is ``buffer[offsets[i]:offsets[i+1]]``.

        ``offsets``: a contiguous buffer of int32 or int64, one more than there are records;
        ``validity``: a bitmap, lowest bit first, from ``bit_offset`` on, where 0 is a null row.
        """
        cdef Rows self = _new(ROWS_OFFSETS64, 3)
        cdef size_t width
        self._hold(buffer)
        self._base, self.nbytes = _bytes_of(&self._views[0]), <size_t> self._views[0].len
        self._hold(offsets)
        width = _int_width(&self._views[1], "offsets")
        if width == 4:
            self._kind = ROWS_OFFSETS32
        self._places = self._views[1].buf
        self.count = <size_t> self._views[1].len // width
        if self.count == 0:
            raise ValueError("offsets has one more number than there are records: it is empty")
        self.count -= 1
        self._hold_validity(validity, bit_offset)
        return self

    @staticmethod
    def of_spans(buffer, starts, lengths):
        """Records anywhere in a buffer: ``starts`` and ``lengths`` are contiguous int64 buffers."""
        cdef Rows self = _new(ROWS_SPANS, 3)
        self._hold(buffer)
        self._base, self.nbytes = _bytes_of(&self._views[0]), <size_t> self._views[0].len
        self._hold(starts)
        self._hold(lengths)
        if (_int_width(&self._views[1], "starts") != 8
                or _int_width(&self._views[2], "lengths") != 8):
            raise TypeError("starts and lengths must be int64")
        if self._views[1].len != self._views[2].len:
            raise ValueError("starts and lengths differ in length")
        self._places, self._lengths = self._views[1].buf, <const int64_t *> self._views[2].buf
        self.count = <size_t> self._views[1].len // 8
        return self

    @staticmethod
    def of_views(views, buffers, validity=None, size_t bit_offset=0):
        """Records as Arrow's binary_view has them: 16 bytes each, into ``buffers`` or in place."""
        cdef tuple held = tuple(buffers)
        cdef Rows self = _new(ROWS_VIEWS, <size_t> len(held) + 2)
        cdef size_t i
        self._hold(views)
        if self._views[0].len % VIEW_BYTES:
            raise ValueError("views must be 16 bytes each")
        self._base, self.nbytes = _bytes_of(&self._views[0]), <size_t> self._views[0].len
        self._places = self._views[0].buf
        self.count = <size_t> self._views[0].len // VIEW_BYTES
        self._origins = <uint64_t *> PyMem_Calloc(<size_t> len(held) + 1, sizeof(uint64_t))
        if self._origins == NULL:
            raise MemoryError
        for i in range(<size_t> len(held)):
            self._take(held[i])
            self._origins[i] = self.nbytes
            self.nbytes += <size_t> self._views[1 + i].len
        self._held += held
        self._data_count = self._view_count - 1
        self._hold_validity(validity, bit_offset)
        return self

    def sources(self):
        """``(buffers, sizes)``: what addresses of these rows count in, one behind the other.

        ``sizes`` is a block of int64.
        """
        cdef size_t i, count = self._data_count + 1 if self._kind == ROWS_VIEWS else 1
        cdef bytearray block
        cdef int64_t *sizes
        cdef tuple held = self._held
        if self._inner is not None:
            return self._inner.sources()
        if self._kind == ROWS_LIST:
            count = self.count
            if None in held:
                held = tuple([b"" if one is None else one for one in held])
        block = bytearray(count * sizeof(int64_t))
        sizes = <int64_t *> PyByteArray_AS_STRING(block)
        for i in range(count):
            if self._kind == ROWS_LIST:
                sizes[i] = <int64_t> bytes_size(PyTuple_GET_ITEM(held, <Py_ssize_t> i))
            else:
                sizes[i] = <int64_t> self._views[i].len
        return held[:count], block

    cdef int _hold(self, buffer) except -1:
        self._take(buffer)
        self._held = (self._held or ()) + (buffer,)
        return 0

    cdef int _take(self, buffer) except -1:
        cdef Py_buffer *view = &self._views[self._view_count]
        PyObject_GetBuffer(buffer, view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
        self._view_count += 1
        return 0

    cdef int _hold_validity(self, validity, size_t bit_offset) except -1:
        cdef Py_buffer *view
        if validity is None:
            return 0
        self._hold(validity)
        view = &self._views[self._view_count - 1]
        if <size_t> view.len * 8 < bit_offset or <size_t> view.len * 8 - bit_offset < self.count:
            raise ValueError(f"a validity bitmap of {view.len} bytes for {self.count} rows")
        self._validity = _bytes_of(view)
        self._bit_offset = bit_offset
        return 0

    cdef size_t fill(self, size_t first, size_t count, RowSpan *out) noexcept nogil:
        cdef size_t i, bit
        if self._kind == ROWS_LIST:
            rows_listed(<PyObject *> self._held, self._marks, first, count, out)
            return count
        if self._kind == ROWS_PLACED:
            memcpy(out, self._spans + first, count * sizeof(RowSpan))
            return count
        if self._kind == ROWS_OFFSETS32:
            count = spans_between(self._base, self.nbytes,
                                  <const uint8_t *> self._places + 4 * first, count, out)
        elif self._kind == ROWS_OFFSETS64:
            count = spans_between64(self._base, self.nbytes,
                                    <const uint8_t *> self._places + 8 * first, count, out)
        else:
            for i in range(count):
                if not self._span(first + i, &out[i]):
                    count = i
                    break
        for i in range(count if self._validity != NULL else 0):
            bit = self._bit_offset + first + i
            if self._validity[bit >> 3] >> (bit & 7) & 1 == 0:
                out[i].at = NULL
                out[i].length = 0
        return count

    cdef bint _span(self, size_t row, RowSpan *out) noexcept nogil:
        """Fills ``out``; False where the numbers leave the buffer."""
        cdef int64_t start, length
        if self._kind == ROWS_VIEWS:
            return self._view(row, out)
        memcpy(&start, <const uint8_t *> self._places + 8 * row, 8)    # perhaps not aligned
        memcpy(&length, <const uint8_t *> self._lengths + 8 * row, 8)
        if start < 0 or length < 0 or <uint64_t> start > self.nbytes:
            return False
        if <uint64_t> length > self.nbytes - <uint64_t> start:
            return False
        out.at = self._base + start
        out.length = <size_t> length
        out.origin = <uint64_t> start
        return True

    cdef bint _view(self, size_t row, RowSpan *out) noexcept nogil:
        cdef const uint8_t *view = self._base + row * VIEW_BYTES
        cdef int32_t length, number, offset
        cdef Py_buffer *data
        memcpy(&length, view, 4)
        if length < 0:
            return False
        out.length = <size_t> length
        if length <= VIEW_INLINE:
            out.at = view + 4
            out.origin = row * VIEW_BYTES + 4
            return True
        memcpy(&number, view + 8, 4)
        memcpy(&offset, view + 12, 4)
        if number < 0 or <size_t> number >= self._data_count or offset < 0:
            return False
        data = &self._views[1 + <size_t> number]
        if offset > data.len or length > data.len - offset:
            return False
        out.at = <const uint8_t *> data.buf + offset
        out.origin = self._origins[number] + <uint64_t> offset
        return True


cdef Rows _new(int kind, size_t views):
    cdef Rows self = Rows.__new__(Rows)
    self._kind = kind
    self._views = <Py_buffer *> PyMem_Calloc(views + 1, sizeof(Py_buffer))
    if self._views == NULL:
        raise MemoryError
    return self


cdef const uint8_t *_bytes_of(Py_buffer *view) noexcept:
    """The first byte; never NULL, which stands for a null row."""
    return <const uint8_t *> (view.buf if view.buf != NULL else <const void *> b"")


cdef bytes _as_bytes(one, size_t place):
    if one is None or type(one) is bytes:
        return one
    if isinstance(one, bytes):                    # of a subclass, such as NumPy's
        return bytes(one)
    try:
        view = memoryview(one)
    except (TypeError, ValueError):               # of NumPy, for what no buffer can hold
        raise TypeError(f"record {place} is {type(one).__name__}, not bytes") from None
    if view.itemsize != 1 or view.ndim != 1:      # numbers are no record by mistake
        raise TypeError(f"record {place} is {type(one).__name__} of numbers, not bytes")
    return bytes(view)


cdef size_t _int_width(Py_buffer *view, str name) except 0:
    code = (view.format or b"B").decode().lstrip("@=<")
    if code not in ("i", "l", "q") or view.itemsize not in (4, 8):
        raise TypeError(f"{name} must be int32 or int64, not items of format {code!r}")
    return <size_t> view.itemsize


cdef Rows rows_within(Rows inner, size_t count):
    cdef Rows self = _new(ROWS_PLACED, 0)
    self._inner = inner
    self.count, self.nbytes = count, inner.nbytes
    self._spans = <RowSpan *> PyMem_Calloc(count + 1, sizeof(RowSpan))
    if self._spans == NULL:
        raise MemoryError
    return self
