from libc.stdint cimport uint32_t

from tensorwire._core.plan cimport PlanSet
from wire cimport MessagePlan


cdef class MessageType:
    cdef readonly PlanSet plans
    cdef readonly uint32_t index
    cdef const MessagePlan *plan
