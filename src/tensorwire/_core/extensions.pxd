from tensorwire._core.message cimport Message


cdef class Extensions:
    cdef Message message


cdef Extensions extensions_of(Message message)
