"""Message: a view of a verified message, and finding its fields.

Nothing is located before it is asked for. A short message is scanned again for every read; one
with many items gets an index with an entry per *present* field.
"""

from cpython.mem cimport PyMem_RawFree
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF, Py_XINCREF
from libc.stdint cimport UINT32_MAX, uint8_t, uint32_t, uint64_t

from cursor cimport Item, field_takes, item_read
from tensorwire._core.edits cimport edits_free
from tensorwire._core.faults cimport fault_error
from tensorwire._core.index cimport (
    NO_INDEX, Entry, Index, Scan, index_build, index_entry, index_free, scan_begin,
    scan_next,
)
from tensorwire._core.node cimport (
    KEY_NONE, MESSAGE_CANONICAL, Node, children_free, children_remove, node_release,
)
from tensorwire._core.plan cimport PlanSet
from wire cimport (
    FAULT_CHANGED, FIELD_PRESENCE, FIELD_REPEATED, Fault, FieldPlan, MessagePlan, fault_set,
    plan_field, pointer_acquire, pointer_publish, skip_below, word_relaxed, word_store_relaxed,
)

cimport cython


cdef extern from *:
    """
    /* Memory of that type, without running its constructor. The caller sets every field: zeroing
     * all of it first costs 4 ns of 20. */
    static inline PyObject *message_alloc(void *cls)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        PyObject *self = (PyObject *)PyObject_Malloc((size_t)type->tp_basicsize);
        return self ? PyObject_Init(self, type) : PyErr_NoMemory();
    }

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
    static inline void message_class_seal(PyObject *cls, void (*drop)(PyObject *))
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        message_dropper = drop;
        type->tp_flags &= ~(unsigned long)(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE);
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
        type->tp_traverse = NULL;
        type->tp_clear = NULL;
        type->tp_free = PyObject_Free;
        type->tp_dealloc = message_dealloc;
    }
    """
    object message_alloc(void *cls)
    void message_class_seal(object cls, void (*drop)(PyObject *) noexcept)

cdef enum:
    # Items that a read may scan before an index is made; a scan of 48 costs about as much as
    # making the index (0.1 us).
    SCAN_ITEMS = 48


@cython.no_gc
cdef class Message(Node):
    """Base of the message classes that a schema makes; read-only view of encoded bytes.

    Fields are attributes, named as in the schema and read as upstream's classes read them.
    Lifetime: a message keeps the bytes it lies on, never its parent.
    Threads: safe to read from many.
    """

    def __cinit__(self, *args, **kwargs):
        raise TypeError(f"{type(self).__name__} is read from bytes: use FromString")

    def __dealloc__(self):
        _drop(<PyObject *> self)

    def HasField(self, name, /):
        """Whether a field with presence, or any member of a oneof, is set.

        Raises: ``ValueError`` for unknown names and for fields without presence: repeated ones,
        and scalars of implicit presence. Source: upstream's method of that name.
        """
        cdef const FieldPlan *field
        cdef Found found
        if name in _description(self)[2]:
            return self.WhichOneof(name) is not None
        field = message_field(self, name)
        if field.flags & FIELD_PRESENCE == 0:
            raise ValueError(f"field {name} has no presence: unset and default are the same")
        message_find(self, field, &found)
        return found.count != 0

    def WhichOneof(self, name, /):
        """Name of the member that is set, or None. Raises ``ValueError`` for an unknown oneof."""
        cdef Found found
        cdef uint32_t slot
        type_name, fields, oneofs, _ = _description(self)
        if name not in oneofs:
            raise ValueError(f"{type_name} has no oneof {name!r}")
        for slot in range(self.plan.field_count):
            if fields[slot][6] == name:
                message_find(self, &self.plan.fields[slot], &found)
                if found.count:
                    return fields[slot][1]
        return None

    def __repr__(self):
        return f"<{_description(self)[0]}, {_size(self)} bytes>"


cdef void _drop(PyObject *place) noexcept:
    """Lets go of what a dying message holds. Casts in place: a reference would revive it."""
    cdef PyObject *parent = (<Message> place).parent
    if parent != NULL:
        if (<Message> place).key != KEY_NONE:
            children_remove((<Message> parent).children, place)
        (<Message> place).parent = NULL
        node_release(parent)
    edits_free((<Message> place).edits)
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
    message_class_seal(cls, _drop)


cdef tuple _description(Message self):
    """``(full name, fields, oneof names, is map entry)`` of the message's type."""
    cdef PlanSet plans = <PlanSet> self.plan.head.set
    return plans.messages[self.plan.head.index]


cdef const FieldPlan *message_field(Message self, name) except NULL:
    cdef PlanSet plans = <PlanSet> self.plan.head.set
    cdef object slot = plans.slots(self.plan.head.index).get(name)
    if slot is None:
        raise ValueError(f"{_description(self)[0]} has no field {name!r}")
    return &self.plan.fields[<uint32_t> slot]


cdef size_t _size(Message self) noexcept:
    cdef size_t total = 0, i
    if self.pieces == NULL:
        return self.whole.stop - self.whole.start
    for i in range(self.pieces.count):
        total += self.pieces.items[i].stop - self.pieces.items[i].start
    return total


cdef Message message_new(const MessagePlan *plan, PyObject *owner, const uint8_t *base,
                         size_t start, size_t stop, uint32_t flags):
    """A view of ``[start, stop)``. REQUIRES: the bytes were verified against ``plan``."""
    cdef void *cls = pointer_acquire(<void **> &plan.head.cls)
    if cls == NULL:
        (<PlanSet> plan.head.set).class_at(plan.head.index)
        cls = pointer_acquire(<void **> &plan.head.cls)
    cdef Message self = <Message> message_alloc(cls)
    Py_XINCREF(owner)
    self.parent = NULL
    self.key = KEY_NONE
    self.field = NULL
    self.flags = flags
    self.plan = plan
    self.owner = owner
    self.base = base
    self.whole.start = start
    self.whole.stop = stop
    self.pieces = NULL
    self.index = NULL
    self.hint = 0
    self.children = NULL
    self.edits = NULL
    return self


cdef object message_fault(Message self, Fault *fault):
    """The exception for a fault met while reading: the bytes changed since they were verified."""
    return fault_error(self.plan, self.base, self.whole.start, self.whole.stop, fault)


cdef object message_changed(Message self, size_t offset):
    """The exception for bytes that are still items, but not the ones that were found before."""
    cdef Fault fault
    fault_set(&fault, FAULT_CHANGED, offset, 0, 0)
    return message_fault(self, &fault)


# -- scanning -----------------------------------------------------------------------------------

cdef void message_scan(Message self, Scan *scan) noexcept:
    if self.pieces == NULL:
        scan_begin(scan, self.base, &self.whole, 1)
    else:
        scan_begin(scan, self.base, self.pieces.items, self.pieces.count)


cdef void message_scan_found(Message self, const Found *found, Scan *scan) noexcept:
    message_scan(self, scan)
    # Progress: pieces ascend, and one of them holds the first item or ends right before it.
    while scan.stop < found.first and scan.piece + 1 != scan.piece_end:
        scan.piece += 1
        scan.stop = scan.piece.stop
    scan.at = found.first


cdef inline void _found_item(Found *found, const Item *item) noexcept nogil:
    if found.count == 0:
        found.first = item.at
    found.count += 1
    found.last = item[0]


cdef inline bint _clears(const MessagePlan *plan, const FieldPlan *field,
                         const Item *item) noexcept nogil:
    """Whether the item sets another member of the field's oneof."""
    cdef const FieldPlan *other = plan_field(plan, item.tag >> 3)
    return other != NULL and other.oneof == field.oneof and field_takes(plan, other, item)


cdef size_t message_skip_to(Message self, uint32_t number, size_t *budget) noexcept:
    """Where to look for a field: no lower number lies behind. REQUIRES: canonical, in one piece.

    The last such place is kept, so that reading one field again, or fields in order, starts there.
    """
    cdef uint64_t hint = word_relaxed(&self.hint)
    cdef size_t at = self.whole.start
    if hint >> 32 <= number:
        at += hint & UINT32_MAX
    at = skip_below(self.base + at, self.base + self.whole.stop, number << 3, budget) - self.base
    if budget[0] and at - self.whole.start <= UINT32_MAX:
        word_store_relaxed(&self.hint, <uint64_t> number << 32 | (at - self.whole.start))
    return at


cdef int _find_by_scan(Message self, const FieldPlan *field, Found *found, size_t budget,
                       Fault *fault) noexcept:
    """0: found or known absent; 1: the budget of items was used up; -1: a fault."""
    if self.flags & MESSAGE_CANONICAL and self.pieces == NULL:
        return _find_ascending(self, field, found, budget, fault)
    return _find_anywhere(self, field, found, budget, fault)


cdef inline int _find_ascending(Message self, const FieldPlan *field, Found *found, size_t budget,
                                Fault *fault) noexcept:
    """Numbers ascend and nothing singular comes twice: the scan ends early."""
    cdef size_t at = message_skip_to(self, field.number, &budget)
    cdef Item item
    if field.flags & FIELD_REPEATED == 0:
        return _find_one(self, field, found, at, budget, fault)
    while at < self.whole.stop:            # progress: an item is at least one byte
        if budget == 0:
            return 1
        budget -= 1
        if item_read(self.base, at, self.whole.stop, &item, fault) < 0:
            return -1
        if item.tag >> 3 > field.number:
            return 0
        if item.tag >> 3 == field.number and field_takes(self.plan, field, &item):
            _found_item(found, &item)
        at = item.after
    return 0


cdef inline int _find_one(Message self, const FieldPlan *field, Found *found, size_t at,
                          size_t budget, Fault *fault) noexcept:
    """The same for a singular field, from ``at`` on: the first item taken is the only one."""
    while at < self.whole.stop:            # progress: an item is at least one byte
        if budget == 0:
            return 1
        budget -= 1
        if item_read(self.base, at, self.whole.stop, &found.last, fault) < 0:
            return -1
        if found.last.tag >> 3 > field.number:
            return 0
        if found.last.tag >> 3 == field.number and field_takes(self.plan, field, &found.last):
            found.first = at
            found.count = 1
            return 0
        at = found.last.after
    return 0


cdef int _find_anywhere(Message self, const FieldPlan *field, Found *found, size_t budget,
                        Fault *fault) noexcept:
    """Every item may count, and a later member of the field's oneof clears it."""
    cdef Scan scan
    cdef Item item
    cdef int status
    message_scan(self, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, fault)
        if status <= 0:
            return status
        if item.tag >> 3 == field.number:
            if field_takes(self.plan, field, &item):
                _found_item(found, &item)
        elif field.oneof and _clears(self.plan, field, &item):
            found.count = 0
        if budget == 0:
            return 1
        budget -= 1


cdef int message_find(Message self, const FieldPlan *field, Found *found) except -1:
    """0, and ``found`` is filled. Raises ``DecodeError`` if the bytes are not what was verified."""
    cdef Fault fault
    cdef int status
    cdef Index *index = <Index *> pointer_acquire(&self.index)
    found.entry = NULL
    found.count = 0
    if index == NULL:
        status = _find_by_scan(self, field, found, SCAN_ITEMS, &fault)
        if status <= 0:
            if status < 0:
                raise message_fault(self, &fault)
            return 0
        index = message_index(self, False)
    if index == NO_INDEX:
        found.count = 0
        if _find_by_scan(self, field, found, <size_t> -1, &fault) < 0:
            raise message_fault(self, &fault)
        return 0
    return _find_by_index(self, index, field, found)


cdef int _find_by_index(Message self, Index *index, const FieldPlan *field,
                        Found *found) except -1:
    cdef Entry *entry = index_entry(index, field.slot)
    cdef Fault fault
    found.count = 0
    if entry == NULL or entry.count == 0:
        return 0
    if item_read(self.base, entry.last, self.whole.stop, &found.last, &fault) < 0:
        raise message_fault(self, &fault)
    if found.last.tag >> 3 != field.number or not field_takes(self.plan, field, &found.last):
        raise message_changed(self, entry.last)
    found.count = entry.count
    found.first = entry.first
    found.entry = entry
    return 0


cdef Index *message_index(Message self, bint forced) except NULL:
    """Made privately and published once: the loser of a race frees its own."""
    cdef Index *present = <Index *> pointer_acquire(&self.index)
    cdef Index *index
    cdef Scan scan
    cdef Fault fault
    if present != NULL and not (forced and present == NO_INDEX):
        return present
    message_scan(self, &scan)
    index = index_build(self.plan, &scan, forced, &fault)
    if index == NULL:
        raise message_fault(self, &fault)
    if not pointer_publish(&self.index, present, index):
        index_free(index)
    return <Index *> pointer_acquire(&self.index)
