from tensorwire._core.message cimport Message


cdef bytes encode_bytes(Message self, bint deterministic)
cdef size_t encode_size(Message self) except? 0
cdef bint encode_equal(Message self, Message other) except -1
