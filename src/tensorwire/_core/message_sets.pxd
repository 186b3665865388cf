from libc.stdint cimport uint8_t

from wire cimport MessagePlan


# Whether such a message may hold a message set. REQUIRES: message_sets_epoch != 0.
cdef bint reaches_message_sets(const MessagePlan *plan) except -1
# The bytes with every item of a message set as a plain field.
cdef bytes message_sets_flattened(const MessagePlan *plan, const uint8_t *base, size_t start,
                                  size_t stop)
