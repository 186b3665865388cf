from cpython.buffer cimport Py_buffer
from libc.stdint cimport int64_t, uint8_t, uint64_t


cdef struct RowSpan:
    const uint8_t *at        # NULL: a null row
    size_t length
    uint64_t origin          # address of the first byte among the sources of the chunk


cdef class Rows:
    cdef readonly size_t count
    cdef readonly size_t nbytes      # of the buffers that records lie in
    cdef int _kind
    cdef tuple _held
    cdef Py_buffer *_views
    cdef size_t _view_count
    cdef size_t _data_count          # of ROWS_VIEWS: buffers behind the views
    cdef RowSpan *_spans             # of ROWS_PLACED
    cdef uint64_t *_marks            # of ROWS_LIST: addresses of some rows
    cdef uint64_t *_origins          # of ROWS_VIEWS: address of the first byte of each buffer
    cdef const uint8_t *_base
    cdef const void *_places
    cdef const int64_t *_lengths
    cdef const uint8_t *_validity
    cdef size_t _bit_offset
    cdef Rows _inner                 # rows on whose buffers these lie, or None

    cdef int _hold(self, buffer) except -1
    cdef int _take(self, buffer) except -1
    cdef int _hold_validity(self, validity, size_t bit_offset) except -1
    # Where the rows [first, first + count) lie; less than `count`: the numbers of that row are
    # wrong. REQUIRES: rows that there are.
    cdef size_t fill(self, size_t first, size_t count, RowSpan *out) noexcept nogil
    cdef bint _span(self, size_t row, RowSpan *out) noexcept nogil
    cdef bint _view(self, size_t row, RowSpan *out) noexcept nogil


# Room for `count` spans, all null rows as yet, on the buffers of `inner`.
cdef Rows rows_within(Rows inner, size_t count)
