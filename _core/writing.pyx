"""Writing messages, each from its last unit to its first, without recursion.

Messages that were built in memory may be nested as deep as memory allows.
"""

from cpython.object cimport PyObject
from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc

from tensorwire._core.changes cimport (
    edit_length, edit_write, object_write, pair_open, text_write,
)
from tensorwire._core.edits cimport Edit
from tensorwire._core.frames cimport (
    frame_close, frame_open, frame_open_bytes, frame_open_message, frame_open_span, frame_settle,
)
from tensorwire._core.index cimport Piece
from tensorwire._core.message cimport Message
from tensorwire._core.numbers cimport number_copy, number_is_zero, number_write, numbers_write
from tensorwire._core.output cimport (
    output_payload, output_range, output_set_item_begin, output_set_item_end, output_varint,
)
from tensorwire._core.padding cimport padding_write
from tensorwire._core.splice cimport changed_element
from tensorwire._core.units cimport (
    ENTRY_KEY, ENTRY_VALUE, FRAME_FOREIGN, MARK_DISORDER, ORDER_UNKNOWN, UNIT_BYTES, UNIT_DEFAULT,
    UNIT_EDIT, UNIT_ENTRY, UNIT_FOREIGN, UNIT_ITEM, UNIT_MEMBER, UNIT_OBJECT, UNIT_PAIR, UNIT_RANGE,
    UNIT_RUN, UNIT_STRAY, Frame, Unit, field_implicit, unit_add, units_collect,
)
from wire cimport (
    FAULT_CHANGED, FAULT_NO_MEMORY, FIELD_REPEATED, FieldPlan, fault_set, kind_packable, plan_field,
    tag_decode,
)


cdef int frames_write(Encoder *self) noexcept nogil:
    cdef Frame *frame
    cdef Unit unit
    cdef const Edit *entry
    cdef int status
    while self.frame_count:                # progress: a unit or change is written, a frame ends
        frame = &self.frames[self.frame_count - 1]
        if self.unit_count > frame.first:
            self.unit_count -= 1
            unit = self.units[self.unit_count]  # a copy: writing it may move the stack
            status = _write(self, &unit)
        elif frame.edits:
            frame.edits -= 1
            entry = &(<Message> frame.message).edits.items[frame.edits]
            status = edit_write(self, entry, edit_length(entry))
        else:
            frame_close(self)
            continue
        if status < 0:
            return -1
    return 0


cdef int _write(Encoder *self, const Unit *unit) noexcept nogil:
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    if self.checking and not _may_lack(unit):
        return 0
    if unit.kind == UNIT_ITEM:
        return _write_item(self, unit)
    if unit.kind == UNIT_RANGE:
        output_range(self.out, frame.base + unit.start, <size_t> unit.word - unit.start,
                     frame.owner)
        return 0
    if unit.kind == UNIT_EDIT:
        return edit_write(self, <const Edit *> <size_t> unit.word, unit.start)
    if unit.kind == UNIT_OBJECT:
        return object_write(self, unit.field, <PyObject *> <size_t> unit.word)
    if unit.kind == UNIT_RUN:
        return numbers_write(self, unit)
    if unit.kind == UNIT_ENTRY:
        return _open_entry(self, unit)
    if unit.kind == UNIT_PAIR:
        return pair_open(self, unit)
    if unit.kind == UNIT_FOREIGN:
        return frame_open_span(self, unit.field, unit.start, <size_t> unit.word, FRAME_FOREIGN)
    if unit.kind == UNIT_MEMBER:
        return _write_member(self, frame, unit)
    if unit.kind == UNIT_STRAY:
        output_varint(self.out, unit.word)
        output_varint(self.out, unit.field.tag)
    elif unit.kind == UNIT_DEFAULT:
        _write_default(self, unit.field)
    elif unit.kind == UNIT_BYTES:
        return text_write(self, NULL, <PyObject *> <size_t> unit.word)
    return 0


cdef int _write_member(Encoder *self, const Frame *frame, const Unit *unit) noexcept nogil:
    """An item of a message set, of a type that the schema lacks."""
    cdef size_t length = <size_t> unit.word - unit.start
    cdef uint32_t tag = 0
    if tag_decode(frame.base + unit.at, frame.base + unit.start, &tag) <= 0:
        return fault_set(&self.fault, FAULT_CHANGED, unit.at, 0, 0)
    output_set_item_end(self.out)
    output_range(self.out, frame.base + unit.start, length, frame.owner)
    output_set_item_begin(self.out, length, tag >> 3)
    return 0


cdef inline bint _may_lack(const Unit *unit) noexcept nogil:
    """Whether required fields may be missing below."""
    if unit.order == ORDER_UNKNOWN or unit.field == NULL or unit.field.message == NULL:
        return False
    return unit.field.message.needs_required


cdef int _write_item(Encoder *self, const Unit *unit) noexcept nogil:
    cdef const FieldPlan *field = unit.field
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef size_t length
    if field.message != NULL:
        return _open_item(self, unit)
    if kind_packable(field.kind):
        if field.flags & FIELD_REPEATED:
            return numbers_write(self, unit)
        if field_implicit(field, frame.flags) and number_is_zero(field.kind, frame.base, unit):
            return 0
        number_copy(self.out, field.kind, frame.base, unit)
        output_varint(self.out, field.tag)
    else:
        length = <size_t> unit.word - unit.start
        if length == 0 and field_implicit(field, frame.flags):
            return 0
        if self.padding != NULL:
            return padding_write(self, field, frame.base + unit.start, length, frame.owner)
        output_payload(self.out, frame.base + unit.start, length, frame.owner, field.tag)
    return 0


cdef void _write_default(Encoder *self, const FieldPlan *field) noexcept nogil:
    if kind_packable(field.kind):
        number_write(self.out, field, 0)
        return
    output_varint(self.out, 0)
    output_varint(self.out, field.tag)


cdef int _open_item(Encoder *self, const Unit *unit) noexcept nogil:
    """A submessage. The items of a singular one are its pieces."""
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef size_t below = self.unit_count, count, i
    cdef PyObject *child
    cdef Piece *pieces
    cdef int status
    if unit.field.flags & FIELD_REPEATED:
        child = changed_element(frame.message, unit.at)
        if child != NULL:
            return frame_open_message(self, child, unit.field)
        return frame_open_span(self, unit.field, unit.start, <size_t> unit.word, 0)
    while below > frame.first and self.units[below - 1].order == unit.order:
        below -= 1                         # progress: towards the frame's first unit
    if below == self.unit_count:
        return frame_open_span(self, unit.field, unit.start, <size_t> unit.word, 0)
    count = self.unit_count - below + 1
    pieces = <Piece *> malloc(count * sizeof(Piece))  # no wrap: a Unit is larger
    if pieces == NULL:
        return fault_set(&self.fault, FAULT_NO_MEMORY, 0, 0, 0)
    for i in range(count - 1):
        pieces[i].start = self.units[below + i].start
        pieces[i].stop = <size_t> self.units[below + i].word
    pieces[count - 1].start, pieces[count - 1].stop = unit.start, <size_t> unit.word
    self.unit_count = below
    status = frame_open_bytes(self, unit.field, pieces, count, 0)
    free(pieces)
    return status


cdef int _open_entry(Encoder *self, const Unit *unit) noexcept nogil:
    """A map entry, and the defaults of what it lacks: those come first, and the last counts."""
    cdef Frame outer = self.frames[self.frame_count - 1]
    cdef const FieldPlan *field = unit.field
    cdef Frame *frame = frame_open(self, field.message, field.tag)
    cdef Piece piece
    cdef int marks
    if frame == NULL:
        return -1
    frame.base, frame.owner, frame.flags = outer.base, outer.owner, outer.flags
    if (unit_add(self, UNIT_DEFAULT, plan_field(field.message, ENTRY_KEY), 0) < 0
            or unit_add(self, UNIT_DEFAULT, plan_field(field.message, ENTRY_VALUE), 0) < 0):
        return -1
    piece.start, piece.stop = unit.start, <size_t> unit.word
    marks = units_collect(self, &piece, 1, NULL)
    return frame_settle(self, marks if marks < 0 else marks | MARK_DISORDER)
