from libc.stdint cimport uint32_t

from tensorwire._core.layout cimport Layout
from wire cimport EnumPlan, MessagePlan


# How often message set types, or extensions since there are some, were made known; 0: none are.
cdef uint32_t message_sets_epoch


cdef class PlanSet:
    cdef void *_block
    cdef MessagePlan *plans
    cdef EnumPlan *enums
    cdef readonly tuple messages
    cdef readonly tuple enumerations
    cdef readonly tuple imports
    cdef readonly list classes
    cdef readonly object error
    cdef object _factory
    cdef dict _index
    cdef dict _enum_index
    cdef list _slots
    cdef dict _extensions    # type index -> extensions as given, by slot
    cdef list _held          # sets of the files that declare them
    cdef uint32_t _count     # of plans

    cdef dict slots(self, uint32_t index)
    cdef tuple field_at(self, uint32_t index, uint32_t slot)
    cdef object class_at(self, uint32_t index)
    cdef const MessagePlan *message_named(self, str name) except? NULL
    cdef const EnumPlan *enum_named(self, str name) except? NULL
    cdef dict labels_at(self, uint32_t index, uint32_t slot)
    cdef int _require(self, uint32_t index) except -1
    cdef int _extend(self, uint32_t index, tuple specs, PlanSet origin) except -1
    cdef int _fill(self, Layout *layout) except -1
    cdef int _fill_needs(self) except -1
