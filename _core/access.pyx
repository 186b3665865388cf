"""Reading any field, and setting a scalar one."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint64_t

from elements cimport element_bits
from scalar cimport item_object
from tensorwire._core.children cimport message_child
from tensorwire._core.edits cimport (
    EDIT_NUMBER, EDIT_OBJECT, Edit, edit_clear, edits_find, edits_take,
)
from tensorwire._core.maps cimport map_of
from tensorwire._core.find cimport Found, message_find
from tensorwire._core.message cimport Message
from tensorwire._core.repeated cimport repeated_of
from tensorwire._core.tree cimport message_clear_field, message_touch, oneof_other
from tensorwire._core.values cimport edit_object, number_bits, text_object
from wire cimport (
    FIELD_MAP, FIELD_PRESENCE, FIELD_REPEATED, FieldPlan, kind_is_message, kind_packable,
)


cdef object field_read(Message self, const FieldPlan *field, default):
    cdef Edit *entry
    cdef Found found
    if field.flags & FIELD_REPEATED:
        return map_of(self, field) if field.flags & FIELD_MAP else repeated_of(self, field)
    if kind_is_message(field.kind):
        return message_child(self, field)
    if self.edits != NULL:
        entry = edits_find(self.edits, field.number)
        if entry != NULL:
            return edit_object(entry, default)
    message_find(self, field, &found)
    if found.count == 0:
        return default
    return item_object(field.kind, self.base, &found.last)


cdef uint64_t field_bits(Message self, const FieldPlan *field) except? 0:
    cdef Edit *entry = edits_find(self.edits, field.number)
    cdef Found found
    if entry != NULL:
        return entry.value.bits if entry.state == EDIT_NUMBER else 0
    message_find(self, field, &found)
    if found.count == 0:
        return 0
    return element_bits(field.kind, self.base + found.last.start, found.last.value)


cdef int field_assign(Message self, const FieldPlan *field, value) except -1:
    cdef uint64_t bits
    if kind_packable(field.kind):
        number_bits(self.plan, field, value, &bits)
        return field_assign_bits(self, field, bits)
    return field_assign_object(self, field, text_object(field, value))


cdef inline bint _implicit(const FieldPlan *field) noexcept:
    """Whether setting the default is the same as clearing."""
    return field.flags & FIELD_PRESENCE == 0


cdef int field_assign_bits(Message self, const FieldPlan *field, uint64_t bits) except -1:
    cdef const FieldPlan *other
    cdef Edit *entry
    if bits == 0 and _implicit(field):
        return message_clear_field(self, field)
    message_touch(self)
    other = oneof_other(self, field) if field.oneof else NULL
    entry = edits_take(&self.edits, field)
    entry.state = EDIT_NUMBER
    entry.value.bits = bits
    if other != NULL:                      # last: it may run code
        message_clear_field(self, other)
    return 0


cdef int field_assign_object(Message self, const FieldPlan *field, value) except -1:
    cdef const FieldPlan *other
    cdef Edit *entry
    cdef Edit old
    if _implicit(field) and len(value) == 0:
        return message_clear_field(self, field)
    message_touch(self)
    other = oneof_other(self, field) if field.oneof else NULL
    entry = edits_take(&self.edits, field)
    old = entry[0]
    entry.state = EDIT_OBJECT
    entry.value.object = <PyObject *> value
    Py_INCREF(value)
    if other != NULL:                      # last, with the next: both may run code
        message_clear_field(self, other)
    edit_clear(&old)
    return 0
