from libc.stdint cimport uint32_t

from wire cimport EnumPlan, MessagePlan


cdef struct Layout:
    # How many items of each kind a set's one allocation holds.
    size_t plans
    size_t enums
    size_t fields
    size_t dense
    size_t numbers


cdef class PlanSet:
    cdef void *_block
    cdef MessagePlan *plans
    cdef EnumPlan *enums
    cdef readonly tuple messages
    cdef readonly tuple enumerations
    cdef readonly list classes
    cdef readonly object error
    cdef object _factory
    cdef dict _index
    cdef list _slots

    cdef dict slots(self, uint32_t index)
    cdef object class_at(self, uint32_t index)
    cdef int _fill(self, Layout *layout) except -1
