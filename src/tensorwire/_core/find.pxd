from libc.stdint cimport uint32_t

from cursor cimport Item
from tensorwire._core.index cimport Entry, Index, Scan
from tensorwire._core.message cimport Message
from wire cimport FieldPlan


cdef struct Found:
    # What a message holds of one field.
    size_t count             # items; 0: absent
    size_t first             # offset of the first item, from the base
    Item last
    Entry *entry             # NULL where the message has no index


# What the message holds of the field.
cdef int message_find(Message self, const FieldPlan *field, Found *found) except -1
# Where a scan for that field may start. REQUIRES: canonical, in one piece.
cdef size_t message_skip_to(Message self, uint32_t number, size_t *budget) noexcept
cdef void message_scan(Message self, Scan *scan) noexcept
# A scan that starts at the first item found. REQUIRES: found.count > 0.
cdef void message_scan_found(Message self, const Found *found, Scan *scan) noexcept
# The index, made now if it is not there yet and pays or is forced; else NO_INDEX.
cdef Index *message_index(Message self, bint forced) except NULL
