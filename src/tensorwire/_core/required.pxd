from tensorwire._core.message cimport Message


cdef bint required_complete(Message self) except -1
cdef list required_missing(Message self)
