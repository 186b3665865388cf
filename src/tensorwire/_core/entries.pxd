from libc.stdint cimport uint8_t

from tensorwire._core.units cimport Frame, Unit
from wire cimport Fault, FieldPlan, MessagePlan


# 1 if every item of an entry is its key or its value, 0 if not, -1 and a fault.
cdef int entry_check(const MessagePlan *plan, const uint8_t *base, size_t start, size_t stop,
                     Fault *fault) noexcept nogil
# Sorts entries of one map by their keys, and of equal ones keeps the last. `count` in and out.
cdef int entries_settle(const Frame *frame, Unit *units, size_t *count,
                        Fault *fault) noexcept nogil
# Sorts pairs of a changed map by their keys. -1: a Python exception, or a fault.
# REQUIRES: the interpreter's lock.
cdef int pairs_sort(const FieldPlan *key, Unit *units, size_t count, Fault *fault) noexcept nogil
