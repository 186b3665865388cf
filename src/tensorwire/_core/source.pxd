from cpython.buffer cimport Py_buffer
from libc.stdint cimport uint8_t


cdef class Source:
    cdef const uint8_t *data     # never NULL; valid as long as this object
    cdef readonly size_t size
    cdef bytes owner             # the `bytes` object that holds the memory, or None
    cdef Py_buffer _view         # the borrowed export, where held by one
    cdef int _held               # what frees `data`: see source.pyx
    cdef readonly str path
    cdef readonly str absolute_path
    cdef readonly object identity

    cdef int _take_buffer(self, object exporter, bint borrow) except -1
    cdef int _take_map(self, int descriptor, size_t size) except -1
    cdef int _take_copy(self, int descriptor, size_t size) except -1
