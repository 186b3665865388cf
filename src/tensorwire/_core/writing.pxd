from tensorwire._core.units cimport Encoder


# Writes what is left of all open messages. 0; -1 and a fault, a Python exception, or `lacking`.
cdef int frames_write(Encoder *self) noexcept nogil
