from libc.stdint cimport uint8_t

from wire cimport Fault, MessagePlan


# The exception for a fault in the message at [start, stop), with its reason, offset and field path.
cdef object fault_error(const MessagePlan *plan, const uint8_t *base, size_t start, size_t stop,
                        Fault *fault)
# The fault of bytes that belong to no message.
cdef object fault_error_bare(Fault *fault)
