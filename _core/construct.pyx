"""Building messages from keywords and dicts."""

from libc.stdint cimport SIZE_MAX

from tensorwire._core.access cimport field_assign
from tensorwire._core.children cimport message_child
from tensorwire._core.coerce cimport message_copied, message_fill
from tensorwire._core.edits cimport List
from tensorwire._core.lists cimport TAKE_DICTS, list_checked, list_splice
from tensorwire._core.maps cimport map_edit, map_put
from tensorwire._core.message cimport Message, message_field
from tensorwire._core.tree cimport message_touch
from tensorwire._core.values cimport scalar_checked
from wire cimport (
    FIELD_MAP, FIELD_REPEATED, FieldPlan, kind_is_message, map_key_plan, map_value_plan,
)


cdef extern from "Python.h":
    int Py_EnterRecursiveCall(const char *where) except *  # nonzero, of any kind, on error
    void Py_LeaveRecursiveCall()


cdef int message_set_fields(Message self, dict values) except -1:
    Py_EnterRecursiveCall(" while setting fields")
    try:
        for name, value in values.items():
            message_set_field(self, name, value)
    finally:
        Py_LeaveRecursiveCall()
    return 0


cdef int message_set_field(Message self, name, value) except -1:
    """None leaves the field unset."""
    cdef const FieldPlan *field = message_field(self, name)
    cdef List *fresh
    cdef Message child
    if value is None:
        return 0
    if field.flags & FIELD_MAP:
        return _fill_map(self, field, value)
    if field.flags & FIELD_REPEATED:
        fresh = list_checked(self, field, value, TAKE_DICTS)
        return list_splice(self, field, SIZE_MAX, SIZE_MAX, fresh)  # at the end
    if kind_is_message(field.kind):
        child = message_child(self, field)
        message_touch(child)
        return message_fill(child, value)
    return field_assign(self, field, value)


cdef int _fill_map(Message self, const FieldPlan *field, value) except -1:
    cdef const FieldPlan *held = map_value_plan(field)
    cdef bint messages = kind_is_message(held.kind)
    cdef dict fresh = {}
    for key, item in dict(value).items():
        key = scalar_checked(field.message, map_key_plan(field), key)
        fresh[key] = (message_copied(held.message, item, True) if messages
                      else scalar_checked(field.message, held, item))
    map_edit(self, field)
    for key, item in fresh.items():
        map_put(self, field, key, item)
    return 0
