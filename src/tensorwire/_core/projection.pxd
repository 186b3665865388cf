from projected cimport ProjectedScope, ProjectionPlan
from tensorwire._core.parse cimport MessageType


cdef class Projection:
    cdef readonly MessageType kind
    cdef readonly tuple nodes        # per node: arrays of values and presence, list, table; or -1
    cdef readonly bint reads_message_sets    # then rows must have been without_message_sets()
    cdef ProjectionPlan plan
    cdef list _blocks
    cdef bint _check_texts

    cdef void *_new(self, size_t count, size_t size) except NULL
    cdef int _fill(self, list scopes, dict layout) except -1
