from libc.stdint cimport int64_t

from flat cimport FlatEnum, FlatObject
from tensorwire._core.flat_plan cimport FlatPlans


cdef class FlatNames:
    cdef readonly FlatPlans plans
    cdef list fields                # by position of the object: names of its fields to positions
    cdef list members               # by position of the enum: names to numbers
    cdef list attributes            # by position of the object: each field's names as an attribute
    cdef readonly bint wide         # some field has an offset of 64 bits

    cdef dict fields_of(self, const FlatObject *plan)
    cdef dict members_of(self, const FlatEnum *plan)
    cdef list attributes_of(self, const FlatObject *plan)

# The number that a name stands for, or None.
cdef object names_number(FlatNames self, const FlatEnum *plan, str name)
