from libc.stdint cimport int32_t, uint16_t

from wire cimport EnumPlan, MessagePlan


cdef struct Layout:
    # How many items of each kind a set's one allocation holds.
    size_t plans
    size_t enums
    size_t fields
    size_t dense
    size_t numbers


cdef Layout layout_measure(tuple messages, tuple enumerations) except *
cdef size_t layout_size(Layout *layout) noexcept
# Length of the table from field number to slot, for fields that ascend.
cdef size_t dense_count_of(tuple fields) except? 0
cdef int32_t *enum_fill(EnumPlan *plan, int32_t *numbers, values) except NULL
cdef void dense_fill(MessagePlan *plan, uint16_t *dense, size_t count) noexcept
cdef void actions_fill(MessagePlan *plan) noexcept
