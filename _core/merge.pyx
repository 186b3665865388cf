"""Copying and merging messages. A copy shares the bytes; only what was changed is copied.

Source of the rules: protobuf.dev/programming-guides/encoding, "Last One Wins".
"""

from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy

from cursor cimport Item, field_takes
from tensorwire._core.access cimport field_assign_bits, field_assign_object, field_bits, field_read
from tensorwire._core.children cimport message_child
from tensorwire._core.edits cimport (
    EDIT_LIST, EDIT_MAP, EDIT_MESSAGE, EDIT_OBJECT, Edit, List, edits_take, list_free, list_new,
    list_width, word_is_item, word_object, word_of_object,
)
from tensorwire._core.find cimport message_scan
from tensorwire._core.index cimport Scan, scan_next
from tensorwire._core.lists cimport (
    TAKE_AS_IS, list_checked, list_length, list_numbers, list_splice,
)
from tensorwire._core.maps cimport Map, map_edit, map_entries, map_put
from tensorwire._core.message cimport Message, message_fault, message_new, pieces_copy
from tensorwire._core.node cimport (
    MESSAGE_CANONICAL, MESSAGE_DIRTY, MESSAGE_NO_UNKNOWN, NODE_OWNED, Node, children_add,
)
from tensorwire._core.present cimport field_present, fields_present
from tensorwire._core.tree cimport (
    element_own, message_clear_field, message_emptied, message_is_blank, message_own, message_take,
    message_touch, node_move,
)
from tensorwire._core.unknown cimport unknown_add, unknown_bytes
from wire cimport (
    FIELD_MAP, FIELD_REPEATED, Fault, FieldPlan, kind_is_message, kind_packable, plan_field,
)


cdef extern from "Python.h":
    int Py_EnterRecursiveCall(const char *where) except *  # nonzero, of any kind, on error
    void Py_LeaveRecursiveCall()
    bint PyGC_Disable()
    bint PyGC_Enable()


# -- copies ---------------------------------------------------------------------------------------

cdef Message message_clone(Message self):
    """Without the collector: making a dict could start it, and so code that changes the message."""
    cdef bint collecting = PyGC_Disable()
    try:
        return _clone(self)
    finally:
        if collecting:
            PyGC_Enable()


cdef Message _clone(Message self):
    cdef uint32_t kept = MESSAGE_CANONICAL | MESSAGE_NO_UNKNOWN | MESSAGE_DIRTY, i
    cdef Message copy = message_new(self.plan, self.owner, self.base, self.whole.start,
                                    self.whole.stop, self.flags & kept)
    copy.pieces = pieces_copy(self)
    if self.flags & MESSAGE_DIRTY == 0:
        return copy
    Py_EnterRecursiveCall(" while copying a message")
    try:
        if self.edits != NULL:
            for i in range(self.edits.count):
                _clone_entry(copy, &self.edits.items[i])
            if self.edits.unknown != NULL:
                unknown_add(copy, b"".join(<list> self.edits.unknown))
        if self.children != NULL:
            for i in range(self.children.room):
                if (self.children.nodes[i] != NULL
                        and (<Node> self.children.nodes[i]).flags & NODE_OWNED):
                    _clone_element(copy, <Message> self.children.nodes[i])
    finally:
        Py_LeaveRecursiveCall()
    return copy


cdef int _clone_element(Message copy, Message element) except -1:
    """A changed element of a repeated field: found by its item, as in the original."""
    cdef Message fresh = _clone(element)
    element_own(copy, element.field, fresh)
    fresh.key = element.key
    children_add(&copy.children, <PyObject *> fresh)
    Py_INCREF(fresh)
    return 0


cdef int _clone_entry(Message copy, const Edit *entry) except -1:
    cdef Edit *fresh
    cdef List *values
    cdef Message child
    if entry.state == EDIT_MESSAGE:
        child = _clone(<Message> entry.value.object)
        message_own(copy, entry.field, child)
        return 0
    if entry.state == EDIT_LIST:
        values = _clone_list(copy, entry.field, entry.value.list)
        fresh = edits_take(&copy.edits, entry.field)
        fresh.state = EDIT_LIST
        fresh.value.list = values
        return 0
    if entry.state == EDIT_MAP:
        entries = _clone_map(copy, entry.field, <dict> entry.value.object)
        fresh = edits_take(&copy.edits, entry.field)
        fresh.state = EDIT_MAP
        fresh.value.object = <PyObject *> entries
        Py_INCREF(entries)
        return 0
    fresh = edits_take(&copy.edits, entry.field)
    fresh.state, fresh.value = entry.state, entry.value
    if entry.state == EDIT_OBJECT:
        Py_INCREF(<object> entry.value.object)
    return 0


cdef List *_clone_list(Message copy, const FieldPlan *field, List *source) except NULL:
    cdef List *values = list_new(field.kind, source.count)
    cdef bint messages = kind_is_message(field.kind)
    cdef uint64_t *words = <uint64_t *> values.values
    cdef uint64_t word
    cdef object fresh
    if kind_packable(field.kind):
        if source.count:
            memcpy(values.values, source.values, source.count * list_width(field.kind))
        values.count = source.count
        return values
    try:
        while values.count < source.count:  # progress: one element each time
            word = (<uint64_t *> source.values)[values.count]
            if not word_is_item(word):
                fresh = <object> word_object(word)
                if messages:
                    fresh = _clone(<Message> fresh)
                    element_own(copy, field, <Message> fresh)
                Py_INCREF(fresh)
                word = word_of_object(<PyObject *> fresh)
            words[values.count] = word
            values.count += 1
    except BaseException:
        list_free(values, field.kind)
        raise
    return values


cdef dict _clone_map(Message copy, const FieldPlan *field, dict source):
    cdef dict entries = {}
    cdef Message child
    for key, value in source.items():
        if isinstance(value, Message):
            child = _clone(<Message> value)
            element_own(copy, field, child)
            value = child
        entries[key] = value
    return entries


cdef int message_copy_from(Message self, Message other) except -1:
    cdef Message copy
    if self is other:
        return 0
    copy = message_clone(other)            # before clearing: it may lie inside of self
    cdef list staying = _unset_nodes(self)
    cdef Message ghost = message_emptied(self)  # dropped at the end: that may run code
    cdef Node node
    if not staying:
        message_take(self, copy)
        return 0
    for node in staying:
        if node.parent == <PyObject *> ghost and node.flags & NODE_OWNED == 0:
            node_move(ghost, self, <PyObject *> node)
            if isinstance(node, Map):
                (<Map> node).known = None
    return message_merge_from(self, copy)


cdef list _unset_nodes(Message self):
    """What somebody holds of fields that are unset: it stays a child, and gets what comes."""
    cdef list nodes = [], present
    cdef uint32_t i
    cdef Node node
    if self.children == NULL or self.children.count == 0:
        return nodes
    present = fields_present(self)
    for i in range(self.children.room if self.children != NULL else 0):
        if self.children.nodes[i] != NULL:
            node = <Node> self.children.nodes[i]
            if node.key & 1 == 0 and <size_t> node.field not in present:
                nodes.append(node)
    return nodes


# -- merging --------------------------------------------------------------------------------------

cdef int message_merge_from(Message self, Message other, bint explicit=False) except -1:
    message_touch(self)
    if _is_within(self, other) or _is_within(other, self):
        other = message_clone(other)       # what is merged must not change meanwhile
    if message_is_blank(self) and self.children == NULL and self.edits == NULL:
        message_take(self, message_clone(other))
        return 0
    Py_EnterRecursiveCall(" while merging messages")
    try:
        for address in fields_present(other, explicit):
            _merge_field(self, other, <const FieldPlan *> <size_t> address, explicit)
        unknown = unknown_bytes(other)
        if unknown:
            unknown_add(self, unknown)
    finally:
        Py_LeaveRecursiveCall()
    return 0


cdef bint _is_within(Message inner, Message outer) noexcept:
    """Whether one message is the other, or lies in it."""
    cdef PyObject *at = <PyObject *> inner
    while at != NULL:                      # progress: towards the root
        if at == <PyObject *> outer:
            return True
        at = (<Node> at).parent
    return False


cdef bint _switched(Message other, const FieldPlan *field) except -1:
    """Whether the bytes hold another member of the field's oneof as well, which came before."""
    cdef const FieldPlan *met
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status
    message_scan(other, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status < 0:
            raise message_fault(other, &fault)
        if status == 0:
            return False
        met = plan_field(other.plan, item.tag >> 3)
        if met != NULL and met != field and met.oneof == field.oneof and field_takes(
                other.plan, met, &item):
            return True


cdef int _merge_field(Message self, Message other, const FieldPlan *field,
                      bint explicit) except -1:
    if field.flags & FIELD_MAP:
        return map_merge(self, field, map_entries(other, field))
    if kind_packable(field.kind):
        return _merge_numbers(self, other, field)
    value = field_read(other, field, None)
    if value is None:                      # the bytes of a file have changed since
        return 0
    if field.flags & FIELD_REPEATED:
        return _append_all(self, field, list_checked(self, field, value, TAKE_AS_IS))
    if kind_is_message(field.kind):
        # What is held of an unset field is not let go: it gets what comes, as upstream's does.
        if (explicit and field.oneof and field_present(self, field)
                and _switched(other, field)):
            message_clear_field(self, field)
        return message_merge_from(message_child(self, field), <Message> value, explicit)
    return field_assign_object(self, field, value)  # bytes where a string is not UTF-8


cdef int _merge_numbers(Message self, Message other, const FieldPlan *field) except -1:
    """By their bits: a Python float would make a signalling NaN a quiet one."""
    if field.flags & FIELD_REPEATED:
        return _append_all(self, field, list_numbers(other, field))
    return field_assign_bits(self, field, field_bits(other, field))


cdef int _append_all(Message self, const FieldPlan *field, List *fresh) except -1:
    cdef Py_ssize_t length
    try:
        length = list_length(self, field)
    except BaseException:
        list_free(fresh, field.kind)
        raise
    return list_splice(self, field, length, length, fresh)


cdef int map_merge(Message self, const FieldPlan *field, dict source) except -1:
    """Equal keys are replaced, messages as a whole."""
    map_edit(self, field)
    for key, value in list(source.items()):
        if isinstance(value, Message):
            value = message_clone(<Message> value)
        map_put(self, field, key, value)
    return 0
