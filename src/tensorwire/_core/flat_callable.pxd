from flat_classes cimport vectorcallfunc


cdef class FlatCallable:
    cdef vectorcallfunc call        # first: where CPython finds it is said by a number
    cdef readonly object original
