from projected cimport ColumnStore
from tensorwire._core.projection cimport Projection
from tensorwire._core.reading cimport RowFaults


cdef class Decoded:
    cdef readonly Projection projection
    cdef readonly tuple inputs       # `Rows`, one chunk behind the other
    cdef readonly size_t nulls       # rows that are null or bad
    cdef readonly size_t limit       # bytes that the arrays may take
    cdef ColumnStore store           # filled by `project`, then handed over
    cdef RowFaults faults
    cdef list _arrays
    cdef list _starts

    cdef int hand_over(self) except -1
