from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cpython.object cimport PyObject

from cursor cimport Item
from tensorwire._core.edits cimport Edits
from tensorwire._core.index cimport Entry, Index, Piece, Scan
from tensorwire._core.node cimport Children, Node
from wire cimport Fault, FieldPlan, MessagePlan


cdef struct Pieces:
    size_t count
    Piece items[1]           # `count` of them


cdef struct Found:
    # What a message holds of one field.
    size_t count             # items; 0: absent
    size_t first             # offset of the first item, from the base
    Item last
    Entry *entry             # NULL where the message has no index


cdef class Message(Node):
    cdef const MessagePlan *plan
    cdef PyObject *owner     # bytes or Source; NULL for an empty message
    cdef const uint8_t *base  # the owner's first byte
    cdef Piece whole         # all pieces lie inside
    cdef Pieces *pieces      # NULL: one piece, the whole
    cdef void *index         # Index, or NO_INDEX; published once
    cdef uint64_t hint       # number << 32 | offset from the start: lower numbers lie before it
    cdef Children *children  # live nodes below, NULL for none yet
    cdef Edits *edits        # what was changed, NULL for nothing


cdef Message message_new(const MessagePlan *plan, PyObject *owner, const uint8_t *base,
                         size_t start, size_t stop, uint32_t flags)
# The field of that name. Raises ValueError.
cdef const FieldPlan *message_field(Message self, name) except NULL
# What the message holds of the field.
cdef int message_find(Message self, const FieldPlan *field, Found *found) except -1
# Where a scan for that field may start. REQUIRES: canonical, in one piece.
cdef size_t message_skip_to(Message self, uint32_t number, size_t *budget) noexcept
cdef object message_fault(Message self, Fault *fault)
cdef object message_changed(Message self, size_t offset)
cdef void message_scan(Message self, Scan *scan) noexcept
# A scan that starts at the first item found. REQUIRES: found.count > 0.
cdef void message_scan_found(Message self, const Found *found, Scan *scan) noexcept
# The index, made now if it is not there yet and pays or is forced; else NO_INDEX.
cdef Index *message_index(Message self, bint forced) except NULL
