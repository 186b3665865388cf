from tensorwire._core.message cimport Message
from tensorwire._core.units cimport Encoder


# The encoded message. What has required fields missing is encoded all the same.
cdef bytes encode_bytes(Message message, bint deterministic)
# The same. Raises EncodeError for more than 2 GiB - 1.
cdef bytes encode_limited(Message message, bint deterministic)
# The bytes that encoding takes.
cdef size_t encode_size(Message message) except? 0
# Whether two messages of one type hold the same: their deterministic encodings are equal.
cdef bint encode_equal(Message a, Message b) except -1
# Raises what made an encoder of the message fail.
cdef int encode_failed(Message message, Encoder *encoder) except -1
