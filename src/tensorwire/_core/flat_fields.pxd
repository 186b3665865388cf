from flat cimport FlatField, FlatObject
from tensorwire._core.flat_plan cimport FlatPlans
from tensorwire._core.flat_view cimport FlatTable, FlatView


cdef class FlatAttribute:
    cdef FlatPlans plans
    cdef const FlatObject *object
    cdef const FlatField *field
    cdef readonly str name
    cdef object default          # what an absent scalar reads as
    cdef dict members            # of an enum, by number; None: not asked for yet, or no enum

    cdef object number(self, FlatView view, size_t at)
    cdef object member(self, value)
    cdef object in_struct(self, FlatView view)
    cdef object in_table(self, FlatTable table)
    cdef object absent(self)
    cdef object elsewhere(self, FlatTable table, size_t at)
