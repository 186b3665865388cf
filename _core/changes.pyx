"""Writing what was changed: numbers, objects, lists and maps of edits."""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint64_t

from cursor cimport Item, item_read
from objects cimport dict_next, object_bits, object_text
from tensorwire._core.edits cimport (
    EDIT_CLEARED, EDIT_LIST, EDIT_MAP, EDIT_MESSAGE, EDIT_NUMBER, Edit, List, word_is_item,
    word_item, word_object,
)
from tensorwire._core.entries cimport pairs_sort
from tensorwire._core.frames cimport frame_open, frame_open_message, frame_open_span
from tensorwire._core.message cimport Message
from tensorwire._core.numbers cimport number_write, numbers_write_list
from tensorwire._core.output cimport output_payload, output_range
from tensorwire._core.padding cimport padding_write
from tensorwire._core.splice cimport changed_element
from tensorwire._core.units cimport (
    ENTRY_KEY, ENTRY_VALUE, UNIT_EDIT, UNIT_OBJECT, UNIT_PAIR, Frame, field_implicit, unit_add,
)
from wire cimport (
    FAULT_CHANGED, FieldPlan, MessagePlan, fault_set, kind_packable, plan_field,
)


cdef size_t edit_length(const Edit *entry) noexcept nogil:
    return entry.value.list.count if entry.state == EDIT_LIST else 0


cdef int edit_write(Encoder *self, const Edit *entry, size_t left) noexcept nogil:
    cdef const FieldPlan *field = entry.field
    if field.message != NULL:
        return _write_messages(self, entry, left)
    if self.checking or entry.state == EDIT_CLEARED:
        return 0
    if entry.state == EDIT_NUMBER:
        if entry.value.bits or not field_implicit(field, 0):
            number_write(self.out, field, entry.value.bits)
        return 0
    if entry.state != EDIT_LIST:
        return text_write(self, field, entry.value.object)
    if kind_packable(field.kind):
        numbers_write_list(self.out, field, entry.value.list)
        return 0
    return _write_texts(self, field, entry.value.list)


# -- strings and bytes ----------------------------------------------------------------------------

cdef int text_write(Encoder *self, const FieldPlan *field, PyObject *text) noexcept nogil:
    cdef const uint8_t *at = NULL
    cdef size_t length = 0
    if object_text(text, &at, &length) < 0:
        return -1
    if field == NULL:
        output_range(self.out, at, length, text)
    elif length == 0 and field_implicit(field, 0):
        return 0
    elif self.padding != NULL:
        return padding_write(self, field, at, length, text)
    else:
        output_payload(self.out, at, length, text, field.tag)
    return 0


cdef int _read_item(Encoder *self, const FieldPlan *field, size_t at, Item *item) noexcept nogil:
    """An element that still lies in the bytes of the innermost message."""
    cdef PyObject *message = self.frames[self.frame_count - 1].message
    if item_read((<Message> message).base, at, (<Message> message).whole.stop, item,
                 &self.fault) < 0:
        return -1
    if item.tag != field.tag:
        return fault_set(&self.fault, FAULT_CHANGED, at, 0, 0)
    return 0


cdef int _write_texts(Encoder *self, const FieldPlan *field, const List *values) noexcept nogil:
    """The strings or bytes of a list, some of which lie in the bytes."""
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef size_t i
    cdef uint64_t word
    cdef Item item
    for i in range(values.count, 0, -1):
        word = (<uint64_t *> values.values)[i - 1]
        if not word_is_item(word):
            if text_write(self, field, word_object(word)) < 0:
                return -1
            continue
        if _read_item(self, field, word_item(word), &item) < 0:
            return -1
        output_payload(self.out, frame.base + item.start, item.stop - item.start, frame.owner,
                       field.tag)
    return 0


# -- messages -------------------------------------------------------------------------------------

cdef int _write_messages(Encoder *self, const Edit *entry, size_t left) noexcept nogil:
    if self.checking and not entry.field.message.needs_required:
        return 0
    if entry.state == EDIT_MESSAGE:
        return frame_open_message(self, entry.value.object, entry.field)
    if entry.state == EDIT_MAP:
        return _push_pairs(self, entry.field, entry.value.object)
    if entry.state == EDIT_LIST:
        return _write_elements(self, entry, left)
    return 0


cdef int _write_elements(Encoder *self, const Edit *entry, size_t left) noexcept nogil:
    """From the last on, until one is opened. Neighbours in canonical bytes go at once."""
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef const uint64_t *words = <const uint64_t *> entry.value.list.values
    cdef bint canonical = frame.whole
    cdef size_t start = 0, stop = 0
    cdef PyObject *child
    cdef Item item
    while left:                            # progress: one less
        left -= 1
        if not word_is_item(words[left]):
            child = word_object(words[left])
        else:
            child = changed_element(frame.message, word_item(words[left]))
        if child == NULL:
            if _read_item(self, entry.field, word_item(words[left]), &item) < 0:
                return -1
            if canonical and item.after == start:
                start = item.at
                continue
        output_range(self.out, frame.base + start, stop - start, frame.owner)
        if child == NULL and canonical:
            start, stop = item.at, item.after
            continue
        return _open_element(self, entry, left, child, &item)
    output_range(self.out, frame.base + start, stop - start, frame.owner)
    return 0


cdef int _open_element(Encoder *self, const Edit *entry, size_t left, PyObject *child,
                       const Item *item) noexcept nogil:
    """Opens one element, a message object or else an item; the others wait below it."""
    if left:
        if unit_add(self, UNIT_EDIT, entry.field, <size_t> entry) < 0:
            return -1
        self.units[self.unit_count - 1].start = left
    if child != NULL:
        return frame_open_message(self, child, entry.field)
    return frame_open_span(self, entry.field, item.start, item.stop, 0)


cdef int object_write(Encoder *self, const FieldPlan *field, PyObject *value) noexcept nogil:
    cdef uint64_t bits = 0
    if field.message != NULL:
        return frame_open_message(self, value, field)
    if not kind_packable(field.kind):
        return text_write(self, field, value)
    if object_bits(field.kind, value, &bits) < 0:
        return -1
    number_write(self.out, field, bits)
    return 0


# -- maps -----------------------------------------------------------------------------------------

cdef int _push_pairs(Encoder *self, const FieldPlan *field, PyObject *items) noexcept nogil:
    """One unit for each entry: in the order of the dict, or of the keys."""
    cdef size_t first = self.unit_count
    cdef Py_ssize_t at = 0
    cdef void *key
    cdef void *value
    while dict_next(items, &at, &key, &value):  # progress: the dict's next pair
        if unit_add(self, UNIT_PAIR, field, <size_t> value) < 0:
            return -1
        self.units[self.unit_count - 1].start = <size_t> key
    if not self.deterministic:
        return 0
    return pairs_sort(plan_field(field.message, ENTRY_KEY), &self.units[first],
                      self.unit_count - first, &self.fault)


cdef int pair_open(Encoder *self, const Unit *unit) noexcept nogil:
    cdef const MessagePlan *plan = unit.field.message
    if frame_open(self, plan, unit.field.tag) == NULL:
        return -1
    if unit_add(self, UNIT_OBJECT, plan_field(plan, ENTRY_KEY), unit.start) < 0:
        return -1
    return unit_add(self, UNIT_OBJECT, plan_field(plan, ENTRY_VALUE), unit.word)
