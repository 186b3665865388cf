from cpython.object cimport PyObject
from libc.stdint cimport uint32_t

from tensorwire._core.index cimport Piece
from tensorwire._core.units cimport Encoder, Frame
from wire cimport FieldPlan, MessagePlan


# A frame on top, without bytes and units. NULL and a fault without memory.
cdef Frame *frame_open(Encoder *self, const MessagePlan *plan, uint32_t tag) noexcept nogil
# Ends the opening of a frame. `marks`: of its units, or -1. 0; -1, and a fault or `lacking`.
cdef int frame_settle(Encoder *self, int marks) noexcept nogil
# Opens the value of a field that lies in the bytes of the innermost message.
cdef int frame_open_bytes(Encoder *self, const FieldPlan *field, const Piece *pieces, size_t count,
                          uint32_t flags) noexcept nogil
# The same for one that lies in one item.
cdef int frame_open_span(Encoder *self, const FieldPlan *field, size_t start, size_t stop,
                         uint32_t flags) noexcept nogil
# Opens a message object: as the outermost message if `field` is NULL, else as a value of the field.
# REQUIRES, unless it is unchanged: the interpreter's lock.
cdef int frame_open_message(Encoder *self, PyObject *message, const FieldPlan *field) noexcept nogil
# Opens it for its unknown fields alone, as the outermost message.
cdef int frame_open_unknown(Encoder *self, PyObject *message) noexcept nogil
# Writes length and tag of the innermost message, which is complete.
cdef void frame_close(Encoder *self) noexcept nogil
