"""What the methods of messages do that is more than one call."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_CLEAR
from libc.stdint cimport uint32_t, uint64_t

from tensorwire._core.access cimport field_read
from tensorwire._core.coerce cimport message_like
from tensorwire._core.edits cimport (
    EDIT_LIST, EDIT_MAP, EDIT_MESSAGE, Edit, List, word_is_item, word_object,
)
from tensorwire._core.encode cimport encode_limited
from tensorwire._core.merge cimport message_merge_from
from tensorwire._core.message cimport Message, message_name
from tensorwire._core.node cimport MESSAGE_DIRTY, MESSAGE_NO_UNKNOWN, NODE_OWNED, Node
from tensorwire._core.parse cimport MessageType, message_parsed
from tensorwire._core.plan cimport PlanSet
from tensorwire._core.present cimport fields_present
from tensorwire._core.required cimport required_complete, required_missing
from tensorwire._core.tree cimport message_is_blank, message_take, message_touch
from class_lookup cimport class_lookup
from wire cimport FieldPlan, kind_is_message


# Where a class keeps its `MessageType`, as in message.pyx.
cdef str TYPE_KEY = "tensorwire.type"


cdef uint32_t oneof_named(Message self, name) except? 0:
    cdef tuple names = (<PlanSet> self.plan.head.set).messages[self.plan.head.index][2]
    if isinstance(name, bytes):
        name = name.decode()
    if not isinstance(name, str):
        raise ValueError(f"a field is named by a string, not {type(name).__name__}")
    return names.index(name) + 1 if name in names else 0


cdef Message message_same_type(Message self, other, str method):
    try:
        return message_like(self.plan, other)
    except TypeError:
        wanted, got = message_name(self.plan), type(other).__name__
        raise TypeError(f"Parameter to {method}() must be instance of same class: expected "
                        f"{wanted} got {got}.") from None


cdef object message_parse(Message self, data):
    cdef Message parsed = message_parsed(self.plan, data)
    message_touch(self)                    # first: it may run code
    if message_is_blank(self) and self.children == NULL and self.edits == NULL:
        message_take(self, parsed)
        if self.parent == NULL:            # nobody relies on its being marked
            self.flags &= ~<uint32_t> MESSAGE_DIRTY
    else:
        message_merge_from(self, parsed, True)
    return memoryview(data).nbytes


cdef bytes message_serialize(Message self, tuple positional, deterministic, bint complete):
    if len(positional) > 1:
        raise TypeError(f"one positional argument at most, not {len(positional)}")
    if complete and not required_complete(self):
        missing = required_missing(self)
        error = (<PlanSet> self.plan.head.set).error.encode_error
        raise error(f"Message {message_name(self.plan)} is missing required fields: "
                    f"{','.join(missing)}")
    return encode_limited(self, bool(positional[0]) if positional else bool(deterministic))


cdef int message_discard_unknown(Message self) except -1:
    """What is only shown later inherits the flag; what is there already gets it here.

    A submessage that is only shown and absent gets the flag, and stays absent.
    """
    cdef list pending = [self], below
    cdef Message message
    while pending:                         # progress: every message is taken out once
        message = pending.pop()
        below = []
        _collect_below(message, below)     # before it is changed, which moves children
        pending += below
        if message is self or message.flags & NODE_OWNED or message.owner != NULL:
            message_touch(message)
            if message.edits != NULL:
                Py_CLEAR(message.edits.unknown)
        message.flags |= MESSAGE_NO_UNKNOWN
    return 0


cdef int _collect_below(Message self, list below) except -1:
    """All messages right below one."""
    cdef uint32_t i
    cdef PyObject *node
    if self.children != NULL:
        for i in range(self.children.room):
            node = self.children.nodes[i]
            if node != NULL and isinstance(<Node> node, Message):
                below.append(<Node> node)
    if self.edits != NULL:
        for i in range(self.edits.count):
            _collect_entry(&self.edits.items[i], below)
    return 0


cdef int _collect_entry(const Edit *entry, list below) except -1:
    cdef List *values
    cdef uint64_t word
    cdef size_t i
    if entry.state == EDIT_MESSAGE:
        below.append(<object> entry.value.object)
    elif entry.state == EDIT_MAP:
        for value in (<dict> entry.value.object).values():
            if isinstance(value, Message):
                below.append(value)
    elif entry.state == EDIT_LIST and kind_is_message(entry.field.kind):
        values = entry.value.list
        for i in range(values.count):
            word = (<uint64_t *> values.values)[i]
            if not word_is_item(word):
                below.append(<object> word_object(word))
    return 0


# -- fields by descriptor -------------------------------------------------------------------------

cdef list message_list_fields(Message self):
    cdef list present = []
    cdef const FieldPlan *field
    cls = type(self)
    for address in fields_present(self):
        field = <const FieldPlan *> <size_t> address
        value = field_read(self, field, None)
        if value is not None:              # the bytes of a file may have changed since
            present.append((_descriptor(self, cls, field), value))
    return present


cdef object _descriptor(Message self, cls, const FieldPlan *field):
    """Upstream's own tables cost more than reading most fields: each is asked for once."""
    cdef MessageType kind = <MessageType> class_lookup(cls, TYPE_KEY)
    known = kind.descriptors.get(field.number)
    if known is None:
        known = kind.descriptors[field.number] = field_descriptor(cls, field)
    return known


cdef object field_descriptor(cls, const FieldPlan *field):
    """Upstream's where the class came from upstream, else our description."""
    message = cls.DESCRIPTOR
    known = message.fields_by_number.get(field.number)
    if known is None:
        known = message.file.pool.FindExtensionByNumber(message, field.number)
    return known
