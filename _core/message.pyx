"""Message: a view of verified bytes, with what was changed in it since."""

from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF, Py_XINCREF
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy

from tensorwire._core.construct cimport message_set_field
from tensorwire._core.edits cimport edits_free, edits_relink
from tensorwire._core.encode cimport encode_equal, encode_size
from tensorwire._core.extensions cimport extensions_of
from tensorwire._core.faults cimport fault_error
from tensorwire._core.index cimport Index, Piece, index_free
from tensorwire._core.merge cimport message_clone, message_copy_from, message_merge_from
from tensorwire._core.methods cimport (
    message_discard_unknown, message_list_fields, message_parse, message_same_type,
    message_serialize, oneof_named,
)
from tensorwire._core.node cimport (
    KEY_NONE, MESSAGE_CANONICAL, NODE_OWNED, Node, children_free, children_orphan, children_remove,
    node_alloc, node_init, node_let_go,
)
from tensorwire._core.parse cimport MessageType
from tensorwire._core.plan cimport PlanSet
from tensorwire._core.present cimport field_present, oneof_member
from tensorwire._core.required cimport required_complete, required_missing
from tensorwire._core.tree cimport message_clear, message_clear_field, message_touch
from class_lookup cimport class_lookup
from wire cimport (
    FAULT_CHANGED, FIELD_PRESENCE, Fault, FieldPlan, MessagePlan,
    fault_set, pointer_acquire,
)

cimport cython

# Where a class keeps its `MessageType`. No field name has a dot, so none can hide it.
TYPE_KEY = "tensorwire.type"

# Well-known types that compare equal to plain objects; upstream's classes for them know how.
PLAIN = {"google.protobuf.Struct": dict, "google.protobuf.ListValue": list}

# What higher layers do for messages: "text" prints one, "reduce" pickles one.
hooks = {}


cdef extern from *:
    """
    /* Takes instances of the class out of garbage collection, which every Python class asks for and
     * no message needs: it refers to bytes or a Source only. And gives them a destructor that drops
     * those and frees. It cannot free a subclass's instance, which has a collector's header, and
     * an instance has to keep the class of its plan: so no subclasses, and no change of class.
     * REQUIRES: no instance and no subclass yet, no slots beyond Message's. */
    static void (*message_dropper)(PyObject *);
    static void message_dealloc(PyObject *self)
    {
        PyTypeObject *type = Py_TYPE(self);
        message_dropper(self);
        PyObject_Free(self);
        Py_DECREF(type);
    }
    static inline void message_class_seal(PyObject *cls, void (*drop)(PyObject *),
                                          vectorcallfunc call)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        message_dropper = drop;
        type->tp_vectorcall = call;        /* keywords come without a dict of them */
        type->tp_flags &= ~(unsigned long)(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE);
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
        type->tp_traverse = NULL;
        type->tp_clear = NULL;
        type->tp_free = PyObject_Free;
        type->tp_dealloc = message_dealloc;
    }
    """
    ctypedef object (*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *)
    void message_class_seal(object cls, void (*drop)(PyObject *) noexcept, vectorcallfunc call)
    Py_ssize_t PyVectorcall_NARGS(size_t nargs)


@cython.no_gc
cdef class Message(Node):
    """Base of the message classes that a schema makes: encoded bytes, and what was changed since.

    Fields are attributes, named as in the schema, and behave as those of upstream's classes do.
    Lifetime: a message keeps the bytes it lies on; one that only shows a part of another message
    keeps that one too.
    Threads: safe to read from many; to change, from one at a time.
    """

    def __cinit__(self, *args, **kwargs):
        cdef object cls = type(self)
        cdef PyObject *kind = class_lookup(cls, TYPE_KEY)
        if kind == NULL:
            raise TypeError(f"{type(self).__name__} belongs to no schema")
        _fill(self, (<MessageType> kind).plan)

    def __init__(self, **fields):
        for name, value in fields.items():
            message_set_field(self, name, value)

    def __dealloc__(self):
        _drop(<PyObject *> self)

    # -- presence --

    def HasField(self, name, /):
        """Whether a field with presence, or any member of a oneof, is set.

        Raises: ``ValueError`` for unknown names and for fields without presence: repeated ones,
        and scalars of implicit presence. Source: upstream's method of that name.
        """
        cdef uint32_t oneof = oneof_named(self, name)
        cdef const FieldPlan *field
        if oneof:
            return oneof_member(self, oneof) != NULL
        field = message_field(self, name)
        if field.flags & FIELD_PRESENCE == 0:
            raise ValueError(f"field {name} has no presence: unset and default are the same")
        return field_present(self, field)

    def __contains__(self, name):
        return self.HasField(name)

    def WhichOneof(self, name, /):
        """Name of the member that is set, or None. Raises ``ValueError`` for an unknown oneof."""
        cdef uint32_t oneof = oneof_named(self, name)
        cdef const FieldPlan *field
        if not oneof:
            raise ValueError(f"{message_name(self.plan)} has no oneof {name!r}")
        field = oneof_member(self, oneof)
        return None if field == NULL else field_name(self.plan, field)

    def ListFields(self):
        """``(descriptor, value)`` of every field that is present, ascending by number."""
        return message_list_fields(self)

    def ClearField(self, name, /):
        """Unsets a field, or the set member of a oneof. Raises ``ValueError`` for unknown names.

        A submessage or container that somebody holds keeps its content and stands alone.
        """
        cdef uint32_t oneof = oneof_named(self, name)
        cdef const FieldPlan *field = oneof_member(self, oneof) if oneof else message_field(
            self, name)
        if field != NULL:
            message_clear_field(self, field)

    def Clear(self):
        """Unsets everything, unknown fields too."""
        message_clear(self)

    def SetInParent(self):
        """Marks this message, and all that it lies in, as present."""
        message_touch(self)

    def DiscardUnknownFields(self):
        """Drops unknown fields, here and in all submessages."""
        message_discard_unknown(self)

    def UnknownFields(self):
        """Not supported, as upstream: use ``unknown_fields.UnknownFieldSet``."""
        raise NotImplementedError("use UnknownFieldSet(message)")

    # -- merging and parsing --

    def CopyFrom(self, other, /):
        """Replaces the content by a copy of another message's. Bytes are shared, not copied."""
        message_copy_from(self, message_same_type(self, other, "CopyFrom"))

    def MergeFrom(self, other, /):
        """Merges another message in: scalars are replaced, repeated fields grow."""
        message_merge_from(self, message_same_type(self, other, "MergeFrom"))

    def ParseFromString(self, data, /):
        """Replaces the content by what ``data`` encodes; returns its length in bytes.

        Copies: as ``FromString``. Raises: ``DecodeError``; the message is then empty.
        """
        message_clear(self)
        return message_parse(self, data)

    def MergeFromString(self, data, /):
        """Merges what ``data`` encodes; returns its length in bytes. Raises ``DecodeError``."""
        return message_parse(self, data)

    # -- serialising --

    def SerializeToString(self, *positional, deterministic=False):
        """The encoding. ``deterministic``: map entries in the order in which upstream sorts them.

        Copies: nothing if the message is an unchanged whole ``bytes`` object.
        Raises: ``EncodeError`` naming the required fields that are missing.
        """
        return message_serialize(self, positional, deterministic, True)

    def SerializePartialToString(self, *positional, deterministic=False):
        """The encoding, whether or not required fields are set."""
        return message_serialize(self, positional, deterministic, False)

    def ByteSize(self):
        """The length of the encoding in bytes, without encoding."""
        return encode_size(self)

    def IsInitialized(self, errors=None):
        """Whether all required fields are set, here and below. ``errors`` gets missing paths."""
        if required_complete(self):
            return True
        if errors is not None:
            errors.extend(required_missing(self))
        return False

    def FindInitializationErrors(self):
        """Paths of the required fields that are missing, such as ``reps[0].a``."""
        return required_missing(self)

    # -- extensions --

    @property
    def Extensions(self):
        """The extension fields, by descriptor. Types without ranges for them have none."""
        if not self.plan.has_ranges:
            raise AttributeError(f"{message_name(self.plan)} has no extension ranges")
        return extensions_of(self)

    def HasExtension(self, extension, /):
        """Whether a singular extension is set. Raises ``KeyError`` for any other."""
        return extensions_of(self).has(extension)

    def ClearExtension(self, extension, /):
        """Unsets an extension."""
        extensions_of(self).drop(extension)

    # -- as an object --

    def __eq__(self, other):
        if not isinstance(other, Message) or (<Message> other).plan != self.plan:
            if isinstance(other, PLAIN.get(message_name(self.plan), ())):
                return self._internal_compare(other)
            return NotImplemented
        return encode_equal(self, <Message> other)

    def __repr__(self):
        return hooks["text"](self) if "text" in hooks else f"<{message_name(self.plan)}>"

    def __str__(self):                     # not what somebody made of a class's repr, as onnx does
        return Message.__repr__(self)

    def __copy__(self):
        return message_clone(self)

    def __deepcopy__(self, memo=None, /):
        return message_clone(self)

    def __reduce__(self):
        return hooks["reduce"](self)

    def __getstate__(self):
        return {"serialized": self.SerializePartialToString()}

    def __setstate__(self, state):
        self.ParseFromString(state["serialized"])

    __hash__ = None


cdef object _call(PyObject *cls, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``cls(**fields)``, as a vectorcall. The class is a sealed one."""
    cdef PyObject *kind = class_lookup(<object> cls, TYPE_KEY)
    cdef Py_ssize_t place = 0
    cdef Message self
    if PyVectorcall_NARGS(nargsf):
        raise TypeError(f"{(<object> cls).__name__} takes fields by keyword only")
    self = message_blank((<MessageType> kind).plan)
    if kwnames != NULL:
        for name in <tuple> kwnames:
            message_set_field(self, name, <object> args[place])
            place += 1
    return self


cdef void _drop(PyObject *place) noexcept:
    """Lets go of what a dying message holds. Casts in place: a reference would revive it."""
    cdef PyObject *parent = (<Message> place).parent
    # First of all: what is let go of below may run code, which may hold nodes of this one.
    if (<Message> place).edits != NULL:
        edits_relink((<Message> place).edits, NULL)
    if (<Message> place).children != NULL and (<Message> place).children.count:
        children_orphan((<Message> place).children)
    if parent != NULL and (<Message> place).flags & NODE_OWNED == 0:
        if (<Message> place).key != KEY_NONE:
            children_remove((<Message> parent).children, place)
        (<Message> place).parent = NULL
        node_let_go(parent)
    if (<Message> place).edits != NULL:
        edits_free((<Message> place).edits)
    if (<Message> place).children != NULL:
        children_free((<Message> place).children)
    if (<Message> place).index != NULL:
        index_free(<Index *> (<Message> place).index)
    if (<Message> place).pieces != NULL:
        PyMem_RawFree((<Message> place).pieces)
    Py_XDECREF((<Message> place).owner)


def seal(cls, /):
    """Makes a message class final, and its instances cheap to drop. Called by what made the class.

    Raises: ``TypeError`` for anything but a direct subclass of `Message` without slots of its own.
    """
    if not isinstance(cls, type) or cls.__base__ is not Message:
        raise TypeError(f"{cls!r} is no direct subclass of Message")
    if cls.__basicsize__ != Message.__basicsize__:
        raise TypeError(f"{cls!r} has slots or a dictionary of its own")
    message_class_seal(cls, _drop, _call)


cdef str message_name(const MessagePlan *plan):
    return (<PlanSet> plan.head.set).messages[plan.head.index][0]


cdef str field_name(const MessagePlan *plan, const FieldPlan *field):
    return (<PlanSet> plan.head.set).field_at(plan.head.index, field.slot)[1]


cdef const FieldPlan *message_field(Message self, name) except NULL:
    cdef PlanSet plans = <PlanSet> self.plan.head.set
    cdef object slot = plans.slots(self.plan.head.index).get(name)
    if slot is None and isinstance(name, bytes):
        slot = plans.slots(self.plan.head.index).get(name.decode())
    if slot is None:
        raise ValueError(f'Protocol message {type(self).__name__} has no "{name}" field.')
    return &self.plan.fields[<uint32_t> slot]


cdef inline void *message_class(const MessagePlan *plan) except NULL:
    cdef void *cls = pointer_acquire(<void **> &plan.head.cls)
    if cls == NULL:
        (<PlanSet> plan.head.set).class_at(plan.head.index)
        cls = pointer_acquire(<void **> &plan.head.cls)
    return cls


cdef Message message_new(const MessagePlan *plan, PyObject *owner, const uint8_t *base,
                         size_t start, size_t stop, uint32_t flags):
    """A view of ``[start, stop)``. REQUIRES: the bytes were verified against ``plan``."""
    cdef Message self = <Message> node_alloc(message_class(plan))
    _fill(self, plan)
    Py_XINCREF(owner)
    self.owner = owner
    self.base = base
    self.whole.start = start
    self.whole.stop = stop
    self.flags = flags
    return self


cdef inline void _fill(Message self, const MessagePlan *plan) noexcept:
    """A message without bytes, without a parent."""
    node_init(self)
    self.flags = MESSAGE_CANONICAL
    self.plan = plan
    self.owner = NULL
    self.base = NULL
    self.whole.start = self.whole.stop = 0
    self.pieces = NULL
    self.index = NULL
    self.hint = 0
    self.children = NULL
    self.edits = NULL


cdef Message message_blank(const MessagePlan *plan):
    return message_new(plan, NULL, NULL, 0, 0, MESSAGE_CANONICAL)


cdef Pieces *pieces_copy(Message self) except? NULL:
    cdef Pieces *copy
    cdef size_t size
    if self.pieces == NULL:
        return NULL
    size = sizeof(Pieces) + self.pieces.count * sizeof(Piece)
    copy = <Pieces *> PyMem_RawMalloc(size)
    if copy == NULL:
        raise MemoryError
    memcpy(copy, self.pieces, size)
    return copy


cdef object message_fault(Message self, Fault *fault):
    """The exception for a fault met while reading: the bytes changed since they were verified."""
    return fault_error(self.plan, self.base, self.whole.start, self.whole.stop, fault)


cdef object message_changed(Message self, size_t offset):
    """The exception for bytes that are still items, but not the ones that were found before."""
    cdef Fault fault
    fault_set(&fault, FAULT_CHANGED, offset, 0, 0)
    return message_fault(self, &fault)
