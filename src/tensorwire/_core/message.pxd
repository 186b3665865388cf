from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cpython.object cimport PyObject

from tensorwire._core.edits cimport Edits
from tensorwire._core.index cimport Piece
from tensorwire._core.node cimport Children, Node
from wire cimport Fault, FieldPlan, MessagePlan


cdef struct Pieces:
    size_t count
    Piece items[1]           # `count` of them


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
# The class of a plan, made now if it is not there yet: that may run any code.
cdef void *message_class(const MessagePlan *plan) except NULL
# A message without content, that stands alone.
cdef Message message_blank(const MessagePlan *plan)
cdef str message_name(const MessagePlan *plan)
cdef str field_name(const MessagePlan *plan, const FieldPlan *field)
# The field of that name. Raises ValueError.
cdef const FieldPlan *message_field(Message self, name) except NULL
cdef object message_fault(Message self, Fault *fault)
cdef object message_changed(Message self, size_t offset)
# The pieces of a message again, NULL for one piece.
cdef Pieces *pieces_copy(Message self) except? NULL
