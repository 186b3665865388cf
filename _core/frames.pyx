"""Opening and closing messages that are being written: one frame per level, innermost last."""

from cpython.object cimport PyObject
from libc.stdint cimport uint32_t

from tensorwire._core.edits cimport Edits
from tensorwire._core.index cimport Piece
from tensorwire._core.message cimport Message, Pieces
from tensorwire._core.node cimport MESSAGE_NO_UNKNOWN
from tensorwire._core.output cimport (
    output_number, output_range, output_set_item_begin, output_set_item_end, output_size,
    output_varint,
)
from tensorwire._core.padding cimport PADDING_PAYLOAD
from tensorwire._core.required cimport frame_lacks
from tensorwire._core.splice cimport (
    message_is_changed, message_is_whole, units_of_message, units_of_unknown,
)
from tensorwire._core.units cimport (
    FRAME_NO_UNKNOWN, ORDER_UNKNOWN, frame_push, units_collect, units_settle,
)
from tensorwire._core.verify cimport verify
from wire cimport WIRE_END, WIRE_LEN, WIRE_START, Fault, FieldPlan, MessagePlan

cdef enum:
    VERIFY_DEPTH = 100       # no more is needed: deeper ones are written item by item


cdef Frame *frame_open(Encoder *self, const MessagePlan *plan, uint32_t tag) noexcept nogil:
    cdef Frame *frame = frame_push(self)
    if frame == NULL:
        return NULL
    frame.in_set = False
    if tag & 7 == WIRE_START:
        output_varint(self.out, tag - WIRE_START + WIRE_END)
    elif tag and self.frames[self.frame_count - 2].plan.message_set:
        frame.in_set = True
        output_set_item_end(self.out)
    frame.plan, frame.tag, frame.flags = plan, tag, 0
    frame.base, frame.owner, frame.message = NULL, NULL, NULL
    frame.first = self.unit_count
    frame.whole = False
    frame.edits = 0
    frame.mark = output_size(self.out)
    return frame


cdef void frame_close(Encoder *self) noexcept nogil:
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    self.frame_count -= 1
    if frame.in_set:
        output_set_item_begin(self.out, output_size(self.out) - frame.mark, frame.tag >> 3)
    elif frame.tag:
        if frame.tag & 7 == WIRE_LEN:
            output_number(self.out, output_size(self.out) - frame.mark, frame.tag)
        else:
            output_varint(self.out, frame.tag)


cdef int frame_settle(Encoder *self, int marks) noexcept nogil:
    if marks < 0 or units_settle(self, marks) < 0:
        return -1
    return _check(self)


cdef inline int _check(Encoder *self) noexcept nogil:
    if self.checking and frame_lacks(self):
        self.lacking = True
        return -1
    return 0


cdef int frame_open_bytes(Encoder *self, const FieldPlan *field, const Piece *pieces, size_t count,
                     uint32_t flags) noexcept nogil:
    cdef Frame outer = self.frames[self.frame_count - 1]
    cdef Frame *frame
    if self.checking and not field.message.needs_required:
        return 0
    frame = frame_open(self, field.message, field.tag)
    if frame == NULL:
        return -1
    frame.base, frame.owner = outer.base, outer.owner
    frame.flags = outer.flags & FRAME_NO_UNKNOWN | flags
    if count == 1 and frame.flags == 0 and _is_canonical(self, frame, pieces):
        return 0
    return frame_settle(self, units_collect(self, pieces, count, NULL))


cdef int frame_open_span(Encoder *self, const FieldPlan *field, size_t start, size_t stop,
                         uint32_t flags) noexcept nogil:
    cdef Piece piece
    piece.start, piece.stop = start, stop
    return frame_open_bytes(self, field, &piece, 1, flags)


cdef inline bint _is_opened(Encoder *self, size_t length) noexcept nogil:
    """Whether bytes that could go as they stand may hold a payload that is to be aligned."""
    return self.padding != NULL and length >= PADDING_PAYLOAD


cdef bint _is_canonical(Encoder *self, const Frame *frame, const Piece *piece) noexcept nogil:
    """Whether a submessage is canonical by itself; then it is written as it stands.

    Another pass over the bytes costs a third of writing them item by item. Those that were gone
    over in vain are counted: there are never more than twice as many as bytes in all.
    """
    cdef size_t length = piece.stop - piece.start
    cdef Fault fault
    if length > self.doubt or frame.plan.reaches_sets or _is_opened(self, length):
        return False
    if verify(frame.base, piece.start, piece.stop, frame.plan, VERIFY_DEPTH, &fault) == 1:
        output_range(self.out, frame.base + piece.start, length, frame.owner)
        return True
    self.doubt -= length
    return False


cdef Frame *_open_object(Encoder *self, PyObject *message, uint32_t tag) noexcept nogil:
    cdef Frame *frame = frame_open(self, (<Message> message).plan, tag)
    cdef size_t length
    if frame == NULL:
        return NULL
    frame.base, frame.owner = (<Message> message).base, (<Message> message).owner
    if (<Message> message).flags & MESSAGE_NO_UNKNOWN:
        frame.flags = FRAME_NO_UNKNOWN
    length = (<Message> message).whole.stop - (<Message> message).whole.start
    if message_is_whole(message) and not _is_opened(self, length):
        frame.whole = frame.owner != NULL
    else:
        self.doubt += length
    return frame


cdef int _collect(Encoder *self, PyObject *message) noexcept nogil:
    """Units of all that lies in the bytes of a message. The marks, or -1 and a fault."""
    cdef Pieces *pieces = (<Message> message).pieces
    if pieces == NULL:
        return units_collect(self, &(<Message> message).whole, 1, NULL)
    return units_collect(self, pieces.items, pieces.count, NULL)


cdef inline uint32_t _count_edits(const Edits *edits) noexcept nogil:
    return 0 if edits == NULL else edits.count


cdef int frame_open_message(Encoder *self, PyObject *message,
                            const FieldPlan *field) noexcept nogil:
    cdef Frame *frame
    cdef size_t start
    if self.checking and not (<Message> message).plan.needs_required:
        return 0
    frame = _open_object(self, message, 0 if field == NULL else field.tag)
    if frame == NULL:
        return -1
    if message_is_changed(message):
        frame.message = message
        if frame.owner == NULL and not frame.plan.has_ranges:
            frame.edits = _count_edits((<Message> message).edits)
            if units_of_unknown(self, (<Message> message).edits) < 0:
                return -1
        elif units_of_message(self, message) < 0:
            return -1
    elif frame.whole:
        start = (<Message> message).whole.start
        output_range(self.out, frame.base + start, (<Message> message).whole.stop - start,
                     frame.owner)
    elif frame.owner != NULL:
        return frame_settle(self, _collect(self, message))
    return _check(self)


cdef int frame_open_unknown(Encoder *self, PyObject *message) noexcept nogil:
    cdef Frame *frame = _open_object(self, message, 0)
    cdef size_t kept, i
    if frame == NULL:
        return -1
    kept = frame.first
    if frame.owner != NULL and frame.flags & FRAME_NO_UNKNOWN == 0:
        if _collect(self, message) < 0:
            return -1
    for i in range(kept, self.unit_count):
        if self.units[i].order == ORDER_UNKNOWN:
            self.units[kept] = self.units[i]
            kept += 1
    self.unit_count = kept
    return units_of_unknown(self, (<Message> message).edits)
