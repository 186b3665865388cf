"""What the bytes say of a map field: repeated entries, as a dict.

Source of the rules: protobuf.dev/programming-guides/encoding, "Maps"; measured on upb where the
page is silent: an entry with a field that is neither key nor value is an unknown field as a whole.
"""

from cpython.object cimport PyObject

from cursor cimport Item, field_takes
from tensorwire._core.access cimport field_read
from tensorwire._core.children cimport child_at, message_lone
from tensorwire._core.find cimport Found, message_find, message_scan, message_scan_found
from tensorwire._core.index cimport Scan, scan_next
from tensorwire._core.message cimport Message, message_class, message_fault, message_new
from tensorwire._core.node cimport MESSAGE_CANONICAL, MESSAGE_NO_UNKNOWN, key_of_item
from tensorwire._core.plan cimport PlanSet
from tensorwire._core.tree cimport node_attach
from wire cimport (
    Fault, FieldPlan, MessagePlan, kind_is_message, map_key_plan, map_value_plan, plan_field,
)


cdef object map_default(const FieldPlan *field, str name):
    cdef const MessagePlan *plan = field.message
    return vars((<PlanSet> plan.head.set).class_at(plan.head.index))[name].default


cdef bint _is_known(Message entry) except -1:
    """Whether every item of an entry is its key or its value."""
    cdef const FieldPlan *field
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status
    message_scan(entry, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status < 0:
            raise message_fault(entry, &fault)
        if status == 0:
            return True
        field = plan_field(entry.plan, item.tag >> 3)
        if field == NULL or not field_takes(entry.plan, field, &item):
            return False


cdef Message _entry_at(Message parent, const FieldPlan *field, const Item *item):
    return message_new(field.message, parent.owner, parent.base, item.start, item.stop,
                       parent.flags & (MESSAGE_CANONICAL | MESSAGE_NO_UNKNOWN))


cdef dict map_read(Message parent, const FieldPlan *field):
    """The last of equal keys wins, in the place of the first."""
    cdef bint messages = kind_is_message(map_value_plan(field).kind)
    cdef dict entries = {}
    cdef Message entry
    cdef Found found
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status
    message_find(parent, field, &found)
    if found.count == 0:
        return entries
    # What may run other code, which may change the parent, comes before the bytes are looked at.
    default = map_default(field, "key")
    value_default = None if messages else map_default(field, "value")
    if messages:
        message_class(map_value_plan(field).message)
    message_find(parent, field, &found)
    if found.count == 0:
        return entries
    message_scan_found(parent, &found, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status < 0:
            raise message_fault(parent, &fault)
        if status == 0:
            break
        if item.tag != field.tag:
            continue
        entry = _entry_at(parent, field, &item)
        if _is_known(entry):
            entry.key = key_of_item(item.at)  # an entry stands alone: this says where it was
            entries[field_read(entry, map_key_plan(field), default)] = entry
    return _values(parent, field, entries, value_default)


cdef dict _values(Message parent, const FieldPlan *field, dict entries, default):
    cdef bint messages = kind_is_message(map_value_plan(field).kind)
    cdef Message entry
    for key, entry in entries.items():
        if messages:
            entries[key] = _value_message(parent, field, entry)
        else:
            entries[key] = field_read(entry, map_value_plan(field), default)
    return entries


cdef Message _value_message(Message parent, const FieldPlan *field, Message entry):
    cdef PyObject *live = child_at(parent, field, entry.key)
    cdef Message value
    cdef Found found
    if live != NULL:
        return <Message> live
    message_find(entry, map_value_plan(field), &found)
    value = message_lone(entry, map_value_plan(field), &found)
    node_attach(value, parent, field, entry.key)
    return value
