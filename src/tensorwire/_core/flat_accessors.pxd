from cpython.object cimport PyObject
from libc.stdint cimport int64_t

from flat_loose cimport LoosePath
from tensorwire._core.flat_callable cimport FlatCallable
from tensorwire._core.flat_runtime cimport Table
from tensorwire._core.flat_targets cimport Target

# What a method reads from a table; MISS where only the method that it replaces can say.
ctypedef object (*Reader)(Accessor, Table, int64_t)


cdef class Accessor(FlatCallable):
    cdef Reader reader
    cdef readonly object owner      # the class
    cdef Py_ssize_t place   # of the slot `_tab` in its instances
    cdef LoosePath path
    cdef int64_t length     # of a fixed array
    cdef int base
    cdef bint is_indexed
    cdef object default
    cdef Target target
    cdef readonly str shape


cdef object MISS
# The table of an instance, where the fast way may be gone; else None.
cdef Table accessor_table(Accessor self, PyObject *instance)
