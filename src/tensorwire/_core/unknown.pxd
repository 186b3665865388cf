from tensorwire._core.message cimport Message


# All unknown fields of one message, as they stand in the bytes and were added since.
cdef bytes unknown_bytes(Message self)
# Adds encoded unknown fields.
cdef int unknown_add(Message self, bytes more) except -1
