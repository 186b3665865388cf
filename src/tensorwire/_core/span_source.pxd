from cpython.buffer cimport Py_buffer
from libc.stdint cimport int64_t, uint8_t

from arrow_spans cimport Cursor


cdef class Held:
    cdef Py_buffer view


cdef class SpanSource:
    cdef readonly tuple buffers
    cdef int64_t *starts         # one more than buffers
    cdef int64_t count           # of buffers
    cdef const uint8_t **data    # their first bytes
    cdef list held               # those that had to be borrowed

    cdef int _take(self) except -1
    cdef Cursor cursor(self) noexcept
