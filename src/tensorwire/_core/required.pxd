from tensorwire._core.message cimport Message
from tensorwire._core.units cimport Encoder


# Whether all required fields are set, here and below.
cdef bint required_complete(Message self) except -1
# The paths of those that are not, as upstream writes them.
cdef list required_missing(Message self)
# Whether the message that the frame on top was just opened for lacks a required field.
cdef bint frame_lacks(const Encoder *self) noexcept nogil
