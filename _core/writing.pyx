"""Writing messages, each from its last unit to its first, without recursion.

Messages that were built in memory may be nested as deep as memory allows.
"""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from cursor cimport Item, item_read
from objects cimport dict_next, object_bits, object_text
from tensorwire._core.edits cimport (
    EDIT_LIST, EDIT_MAP, EDIT_MESSAGE, EDIT_NUMBER, Edit, List, word_is_item, word_item,
    word_object,
)
from tensorwire._core.entries cimport pairs_sort
from tensorwire._core.frames cimport (
    frame_close, frame_open, frame_open_bytes, frame_open_message, frame_settle,
)
from tensorwire._core.index cimport Piece
from tensorwire._core.message cimport Message
from tensorwire._core.output cimport output_range, output_varint
from tensorwire._core.numbers cimport (
    number_copy, number_is_zero, number_write, numbers_write, numbers_write_list,
)
from tensorwire._core.splice cimport changed_element, units_of_list
from tensorwire._core.units cimport (
    FRAME_FOREIGN, MARK_DISORDER, ORDER_UNKNOWN, UNIT_BYTES, UNIT_DEFAULT, UNIT_EDIT, UNIT_ENTRY,
    UNIT_FOREIGN, UNIT_ITEM, UNIT_OBJECT, UNIT_PAIR, UNIT_RANGE, UNIT_RUN, UNIT_STRAY, Frame, Unit,
    UnitKind, unit_order, unit_push, units_collect,
)
from wire cimport (
    FAULT_CHANGED, FAULT_NO_MEMORY, FIELD_PRESENCE, FIELD_REPEATED, FIELD_REQUIRED, FieldPlan,
    MessagePlan, fault_set, kind_packable, plan_field,
)

cdef enum:
    # protobuf.dev/programming-guides/encoding, "Maps"
    ENTRY_KEY = 1
    ENTRY_VALUE = 2


cdef int frames_write(Encoder *self) noexcept nogil:
    cdef Unit unit
    while self.frame_count:                # progress: a unit is written, or a frame ends
        if self.unit_count == self.frames[self.frame_count - 1].first:
            frame_close(self)
            continue
        self.unit_count -= 1
        unit = self.units[self.unit_count]  # a copy: writing it may move the stack
        if _write(self, &unit) < 0:
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
        return _write_edit(self, unit)
    if unit.kind == UNIT_OBJECT:
        return _write_object(self, unit.field, <PyObject *> <size_t> unit.word)
    if unit.kind == UNIT_RUN:
        return numbers_write(self, unit)
    if unit.kind == UNIT_ENTRY:
        return _open_entry(self, unit)
    if unit.kind == UNIT_PAIR:
        return _open_pair(self, unit)
    if unit.kind == UNIT_FOREIGN:
        return _open_span(self, unit, FRAME_FOREIGN)
    if unit.kind == UNIT_STRAY:
        output_varint(self.out, unit.word)
        output_varint(self.out, unit.field.tag)
    elif unit.kind == UNIT_DEFAULT:
        _write_default(self, unit.field)
    elif unit.kind == UNIT_BYTES:
        return _write_text(self, NULL, <PyObject *> <size_t> unit.word)
    return 0


cdef inline bint _may_lack(const Unit *unit) noexcept nogil:
    """Whether required fields may be missing below."""
    if unit.order == ORDER_UNKNOWN or unit.field == NULL or unit.field.message == NULL:
        return False
    return unit.field.message.needs_required


cdef inline bint _implicit(const FieldPlan *field, uint32_t flags) noexcept nogil:
    """Whether the default is not written."""
    if flags & FRAME_FOREIGN:
        return field.flags & (FIELD_PRESENCE | FIELD_REPEATED) == 0
    return field.flags & (FIELD_PRESENCE | FIELD_REPEATED | FIELD_REQUIRED) == 0


cdef int _write_item(Encoder *self, const Unit *unit) noexcept nogil:
    cdef const FieldPlan *field = unit.field
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef size_t length
    if field.message != NULL:
        return _open_item(self, unit)
    if kind_packable(field.kind):
        if field.flags & FIELD_REPEATED:
            return numbers_write(self, unit)
        if _implicit(field, frame.flags) and number_is_zero(field.kind, frame.base, unit):
            return 0
        number_copy(self.out, field.kind, frame.base, unit)
    else:
        length = <size_t> unit.word - unit.start
        if length == 0 and _implicit(field, frame.flags):
            return 0
        output_range(self.out, frame.base + unit.start, length, frame.owner)
        output_varint(self.out, length)
    output_varint(self.out, field.tag)
    return 0


cdef void _write_default(Encoder *self, const FieldPlan *field) noexcept nogil:
    if kind_packable(field.kind):
        number_write(self.out, field, 0)
        return
    output_varint(self.out, 0)
    output_varint(self.out, field.tag)


cdef int _open_span(Encoder *self, const Unit *unit, uint32_t flags) noexcept nogil:
    """Opens the message that lies in one item."""
    cdef Piece piece
    piece.start, piece.stop = unit.start, <size_t> unit.word
    return frame_open_bytes(self, unit.field, &piece, 1, flags)


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
        return _open_span(self, unit, 0)
    while below > frame.first and self.units[below - 1].order == unit.order:
        below -= 1                         # progress: towards the frame's first unit
    if below == self.unit_count:
        return _open_span(self, unit, 0)
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
    if (_push(self, UNIT_DEFAULT, plan_field(field.message, ENTRY_KEY), 0) < 0
            or _push(self, UNIT_DEFAULT, plan_field(field.message, ENTRY_VALUE), 0) < 0):
        return -1
    piece.start, piece.stop = unit.start, <size_t> unit.word
    marks = units_collect(self, &piece, 1, NULL)
    return frame_settle(self, marks if marks < 0 else marks | MARK_DISORDER)


# -- changed fields -------------------------------------------------------------------------------

cdef int _push(Encoder *self, UnitKind kind, const FieldPlan *field, uint64_t word) noexcept nogil:
    cdef Unit *unit = unit_push(self)
    if unit == NULL:
        return -1
    unit.order, unit.kind, unit.field = unit_order(field), kind, field
    unit.at = unit.start = 0
    unit.word = word
    return 0


cdef int _write_edit(Encoder *self, const Unit *unit) noexcept nogil:
    cdef const Edit *entry = <const Edit *> <size_t> unit.word
    cdef const FieldPlan *field = unit.field
    if entry.state == EDIT_NUMBER:
        if entry.value.bits or not _implicit(field, 0):
            number_write(self.out, field, entry.value.bits)
        return 0
    if entry.state == EDIT_MESSAGE:
        return frame_open_message(self, entry.value.object, field)
    if entry.state == EDIT_MAP:
        return _push_pairs(self, field, entry.value.object)
    if entry.state != EDIT_LIST:
        return _write_text(self, field, entry.value.object)
    if field.message != NULL:
        return units_of_list(self, unit)
    if kind_packable(field.kind):
        numbers_write_list(self.out, field, entry.value.list)
        return 0
    return _write_texts(self, field, entry.value.list)


cdef int _write_text(Encoder *self, const FieldPlan *field, PyObject *text) noexcept nogil:
    """A string or bytes; without a field the bare bytes."""
    cdef const uint8_t *at = NULL
    cdef size_t length = 0
    if object_text(text, &at, &length) < 0:
        return -1
    if field != NULL and length == 0 and _implicit(field, 0):
        return 0
    output_range(self.out, at, length, text)
    if field != NULL:
        output_varint(self.out, length)
        output_varint(self.out, field.tag)
    return 0


cdef int _write_texts(Encoder *self, const FieldPlan *field, const List *values) noexcept nogil:
    """The strings or bytes of a changed list, some of which lie in the bytes."""
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef size_t i
    cdef uint64_t word
    cdef Item item
    for i in range(values.count, 0, -1):
        word = (<uint64_t *> values.values)[i - 1]
        if not word_is_item(word):
            if _write_text(self, field, word_object(word)) < 0:
                return -1
            continue
        if item_read(frame.base, word_item(word), (<Message> frame.message).whole.stop, &item,
                     &self.fault) < 0:
            return -1
        if item.tag != field.tag:
            return fault_set(&self.fault, FAULT_CHANGED, item.at, 0, 0)
        output_range(self.out, frame.base + item.start, item.stop - item.start, frame.owner)
        output_varint(self.out, item.stop - item.start)
        output_varint(self.out, field.tag)
    return 0


cdef int _write_object(Encoder *self, const FieldPlan *field, PyObject *value) noexcept nogil:
    cdef uint64_t bits = 0
    if field.message != NULL:
        return frame_open_message(self, value, field)
    if not kind_packable(field.kind):
        return _write_text(self, field, value)
    if object_bits(field.kind, value, &bits) < 0:
        return -1
    number_write(self.out, field, bits)
    return 0


cdef int _push_pairs(Encoder *self, const FieldPlan *field, PyObject *items) noexcept nogil:
    """One unit for each entry of a changed map: in the order of the dict, or of the keys."""
    cdef size_t first = self.unit_count
    cdef Py_ssize_t at = 0
    cdef void *key
    cdef void *value
    while dict_next(items, &at, &key, &value):  # progress: the dict's next pair
        if _push(self, UNIT_PAIR, field, <size_t> value) < 0:
            return -1
        self.units[self.unit_count - 1].start = <size_t> key
    if not self.deterministic:
        return 0
    return pairs_sort(plan_field(field.message, ENTRY_KEY), &self.units[first],
                      self.unit_count - first, &self.fault)


cdef int _open_pair(Encoder *self, const Unit *unit) noexcept nogil:
    cdef const MessagePlan *plan = unit.field.message
    cdef uint64_t key = unit.start
    if frame_open(self, plan, unit.field.tag) == NULL:
        return -1
    if _push(self, UNIT_OBJECT, plan_field(plan, ENTRY_KEY), key) < 0:
        return -1
    return _push(self, UNIT_OBJECT, plan_field(plan, ENTRY_VALUE), unit.word)
