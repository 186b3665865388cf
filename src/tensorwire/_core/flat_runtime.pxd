from cpython.object cimport PyObject
from libc.stdint cimport int64_t


cdef class Table:
    cdef public object Bytes
    cdef int64_t pos        # `Pos`, unless it is odd
    cdef bint is_odd
    cdef object odd         # a `Pos` that is no int of 64 bits


# A table at a position that upstream would take.
cdef Table table_at(PyObject *buffer, int64_t pos)
# `np.frombuffer(buffer, dtype, count, start)`, the dtype that of a number's base type.
cdef object numbers_at(object buffer, int base, object count, object start)
