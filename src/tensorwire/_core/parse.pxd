from libc.stdint cimport uint32_t

from tensorwire._core.message cimport Message
from tensorwire._core.plan cimport PlanSet
from wire cimport MessagePlan


cdef class MessageType:
    cdef readonly PlanSet plans
    cdef readonly uint32_t index
    cdef const MessagePlan *plan
    cdef dict descriptors    # field number -> descriptor, of those asked for


# A message read from any buffer. Raises DecodeError, TypeError.
cdef Message message_parsed(const MessagePlan *plan, data)
