from flat cimport FlatObject
from flat_projected cimport FlatProjectionPlan
from tensorwire._core.flat_plan cimport FlatPlans


cdef class FlatProjection:
    cdef readonly FlatPlans plans
    cdef readonly tuple nodes    # of each: (values, seen, starts, table), numbers or -1
    cdef readonly tuple names    # of each, for errors
    cdef const FlatObject *object
    cdef FlatProjectionPlan plan
    cdef list dtypes             # of the arrays; None: which are there
    cdef list _blocks

    cdef void *_new(self, size_t count, size_t size) except NULL
    cdef int _fill(self, list nodes, list tables) except -1
