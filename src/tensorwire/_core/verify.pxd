from libc.stdint cimport uint8_t

from wire cimport Fault, MessagePlan


# 1 if the bytes are exactly what our encoder would write, 0 if they are valid but not that,
# -1 and a filled fault.
cdef int verify(const uint8_t *base, size_t start, size_t stop, const MessagePlan *plan,
                int depth_limit, Fault *fault) noexcept nogil
