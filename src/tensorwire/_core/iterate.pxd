from tensorwire._core.repeated cimport Repeated


# An iterator over the elements of a repeated field.
cdef object iterate(Repeated field)
