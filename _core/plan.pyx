"""Plans: the message types of one file, compiled to C tables.

Source: google/protobuf/descriptor.proto for kinds, labels and what a field's flags mean.
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stdint cimport UINT16_MAX, int32_t, uint16_t, uint32_t, uint64_t

from tensorwire._core.layout cimport (
    Layout, actions_fill, dense_count_of, dense_fill, enum_fill, layout_measure, layout_size,
)
from wire cimport (
    FIELD_CLOSED, FIELD_EXTENSION, FIELD_MAP, FIELD_PACKED, FIELD_PRESENCE, FIELD_REPEATED,
    FIELD_REQUIRED, FIELD_UTF8, KIND_BOOL, KIND_BYTES, KIND_DOUBLE, KIND_ENUM, KIND_FIXED32,
    KIND_FIXED64, KIND_FLOAT, KIND_GROUP, KIND_INT32, KIND_INT64, KIND_MESSAGE, KIND_SFIXED32,
    KIND_SFIXED64, KIND_SINT32, KIND_SINT64, KIND_STRING, KIND_UINT32, KIND_UINT64, PLAN_PROTO,
    EnumPlan, ExtensionTable, FieldPlan, MessagePlan, enum_knows, extensions_sort, kind_is_message,
    kind_wire, pointer_publish,
)

cimport cython

from tensorwire.errors import DecodeError

KINDS = {
    "double": KIND_DOUBLE, "float": KIND_FLOAT, "int64": KIND_INT64, "uint64": KIND_UINT64,
    "int32": KIND_INT32, "fixed64": KIND_FIXED64, "fixed32": KIND_FIXED32, "bool": KIND_BOOL,
    "string": KIND_STRING, "group": KIND_GROUP, "message": KIND_MESSAGE, "bytes": KIND_BYTES,
    "uint32": KIND_UINT32, "enum": KIND_ENUM, "sfixed32": KIND_SFIXED32,
    "sfixed64": KIND_SFIXED64, "sint32": KIND_SINT32, "sint64": KIND_SINT64,
}
REPEATED, REQUIRED, PACKED, PRESENCE = FIELD_REPEATED, FIELD_REQUIRED, FIELD_PACKED, FIELD_PRESENCE
UTF8, CLOSED, MAP = FIELD_UTF8, FIELD_CLOSED, FIELD_MAP
cdef enum:
    TYPE_MAP_ENTRY = 1
    TYPE_RANGES = 2        # numbers are set aside for extensions
    TYPE_MESSAGE_SET = 4

MAP_ENTRY, RANGES, MESSAGE_SET = TYPE_MAP_ENTRY, TYPE_RANGES, TYPE_MESSAGE_SET

# protobuf.dev/programming-guides/proto3, "Assigning Field Numbers"
MAX_FIELD_NUMBER = (1 << 29) - 1


message_sets_epoch = 0


@cython.final
cdef class PlanSet:
    """All message types of one file in one allocation. Frozen, but for extensions.

    ``messages``: per type ``(full name, fields, oneof names, type flags)``, fields ascending by
    number, each ``(number, name, kind, flags, type name, default, oneof name)``; the position in
    ``messages`` is the type's index. ``enumerations``: ``(full name, closed, values)``.
    ``imports``: the sets whose types and enums the fields may name too; they are kept.
    ``classes``: the Python class of each type, None until `class_of` made it with
    ``factory(plans, index)``. ``error``: the class raised for bytes that do not decode.

    Raises: ``ValueError`` for a field number that is out of range or used twice, an unknown type
    name, or more than 65,535 fields in one type.
    Threads: the tables never change; classes are made once, under the object's lock, and
    extensions published.
    """

    def __cinit__(self, tuple messages not None, tuple enumerations not None, factory,
                  error=DecodeError, tuple imports not None=()):
        self.messages = tuple([_sorted_message(m) for m in messages])
        self.enumerations = enumerations
        self.imports = tuple([<PlanSet?> one for one in imports])
        self.classes = [None] * len(messages)
        self._factory = factory
        self.error = error
        self._slots = [{field[1]: i for i, field in enumerate(m[1])} for m in self.messages]
        self._index = {message[0]: i for i, message in enumerate(self.messages)}
        self._enum_index = {enumeration[0]: i for i, enumeration in enumerate(enumerations)}
        self._extensions = {}
        self._held = []
        if len(self._index) != len(messages):
            raise ValueError("two message types of one schema have the same full name")
        cdef Layout layout = layout_measure(self.messages, enumerations)
        self._block = PyMem_Calloc(1, layout_size(&layout))
        if self._block == NULL:
            raise MemoryError
        self._count = layout.plans
        self._fill(&layout)

    def __dealloc__(self):
        cdef ExtensionTable *table
        cdef uint32_t i
        if self._block != NULL:
            for i in range(self._count):
                table = <ExtensionTable *> self.plans[i].extensions
                while table != NULL:       # progress: each is older
                    self.plans[i].extensions = table.older
                    PyMem_Free(table)
                    table = <ExtensionTable *> self.plans[i].extensions
            PyMem_Free(self._block)

    def index_of(self, str name, /) -> int:
        """The index of the type with that full name. Raises ``KeyError``."""
        return self._index[name]

    def class_of(self, uint32_t index, /):
        """The Python class of a type, made on first use."""
        self._require(index)
        return self.class_at(index)

    def needs_required(self, uint32_t index, /) -> bool:
        """Whether a message of this type, or one inside it, may lack a required field."""
        self._require(index)
        return self.plans[index].needs_required != 0

    def extend(self, uint32_t index, tuple specs not None, PlanSet origin=None) -> None:
        """Makes extensions of a type known: fields as in ``messages``, named in full.

        Type names are looked up in ``origin``, the set of the file that declares them, and in its
        imports. What is known already is left alone.
        Raises: ``ValueError`` for a number that is taken otherwise, or out of range.
        """
        self._require(index)
        origin = self if origin is None else origin
        with cython.critical_section(self):
            self._extend(index, specs, origin)

    def extensions(self, uint32_t index, /) -> tuple:
        """The known extensions of a type, each as it was given, by the order of their slots."""
        self._require(index)
        return self._extensions.get(index, ())

    cdef int _require(self, uint32_t index) except -1:
        if index >= self._count:
            raise IndexError(f"type {index} of {self._count}")
        return 0

    cdef dict slots(self, uint32_t index):
        """Field name -> slot of a type. REQUIRES: ``index < len(self.messages)``."""
        return self._slots[index]

    cdef tuple field_at(self, uint32_t index, uint32_t slot):
        """A field or known extension as it was given. REQUIRES: both exist."""
        cdef tuple fields = self.messages[index][1]
        if slot < <size_t> len(fields):
            return fields[slot]
        return self._extensions[index][slot - len(fields)]

    cdef object class_at(self, uint32_t index):
        """REQUIRES: ``index < len(self.messages)``."""
        with cython.critical_section(self):
            if self.classes[index] is None:
                made = self._factory(self, index)
                # The factory is Python code: another thread may have come in between.
                if self.classes[index] is None:
                    self.classes[index] = made
                    pointer_publish(&self.plans[index].head.cls, NULL, <void *> made)
        return self.classes[index]

    cdef const MessagePlan *message_named(self, str name) except? NULL:
        """The plan of a type of this set or of its imports; NULL: none has that name."""
        cdef PlanSet one
        for one in (self, *self.imports):
            if name in one._index:
                return &one.plans[<size_t> one._index[name]]
        return NULL

    cdef const EnumPlan *enum_named(self, str name) except? NULL:
        """The same for an enum."""
        cdef PlanSet one
        for one in (self, *self.imports):
            if name in one._enum_index:
                return &one.enums[<size_t> one._enum_index[name]]
        return NULL

    cdef dict labels_at(self, uint32_t index, uint32_t slot):
        """Label -> number of the enum of a field. REQUIRES: an enum field."""
        cdef str name = self.field_at(index, slot)[4]
        cdef PlanSet one, held
        for held in (self, *self._held):
            for one in (held, *held.imports):
                if name in one._enum_index:
                    return dict(one.enumerations[one._enum_index[name]][2])
        return {}

    cdef int _extend(self, uint32_t index, tuple specs, PlanSet origin) except -1:
        cdef tuple known = self._extensions.get(index, ())
        cdef dict taken = {spec[0]: spec for spec in self.messages[index][1] + known}
        cdef list fresh = []
        for spec in specs:
            if spec[0] not in taken:
                taken[spec[0]] = spec
                fresh.append(spec)
            elif taken[spec[0]] != spec:
                raise ValueError(f"{spec[1]}: number {spec[0]} of {self.messages[index][0]} is "
                                 f"taken by {taken[spec[0]][1]}")
        if not fresh:
            return 0
        _check_numbers(self.messages[index][0], sorted(taken))
        if origin is not self and origin not in self._held:
            self._held.append(origin)
        # The names are there before a reader can meet the extensions.
        self._extensions[index] = known + tuple(fresh)
        _note_message_sets(False)
        try:
            return _add_extensions(&self.plans[index], fresh, origin)
        except BaseException:
            self._extensions[index] = known
            raise

    cdef int _fill(self, Layout *layout) except -1:
        """Lays the tables out behind one another, widest alignment first."""
        cdef FieldPlan *fields
        cdef int32_t *numbers
        cdef uint16_t *dense
        self.plans = <MessagePlan *> self._block
        self.enums = <EnumPlan *> (self.plans + layout.plans)
        fields = <FieldPlan *> (self.enums + layout.enums)
        numbers = <int32_t *> (fields + layout.fields)
        dense = <uint16_t *> (numbers + layout.numbers)
        for i, (_, _, values) in enumerate(self.enumerations):
            numbers = enum_fill(&self.enums[i], numbers, values)
        for i, message in enumerate(self.messages):
            _fill_header(&self.plans[i], i, message[3], <void *> self)
            self.plans[i].fields = fields
            _fill_fields(&self.plans[i], fields, message, self)
            self.plans[i].dense = dense
            dense_fill(&self.plans[i], dense, dense_count_of(message[1]))
            actions_fill(&self.plans[i])
            fields += self.plans[i].field_count
            dense += self.plans[i].dense_count
        self._fill_needs()
        return 0

    cdef int _fill_needs(self) except -1:
        """Spreads "may lack something required" from the types held to those that hold them."""
        cdef MessagePlan *plan
        cdef const MessagePlan *child
        cdef dict holders = {}             # type -> types that hold it, both by index
        cdef list pending = []
        cdef uint32_t i, slot
        for i in range(self._count):
            plan = &self.plans[i]
            # What an extension brings along is not known yet.
            plan.needs_required = plan.has_ranges or (plan.required_count and not plan.map_entry)
            for slot in range(plan.field_count):
                child = plan.fields[slot].message
                if child != NULL and child.head.set == plan.head.set:
                    holders.setdefault(child.head.index, []).append(i)
                elif child != NULL and child.needs_required:
                    plan.needs_required = 1
            if plan.needs_required:
                pending.append(i)
        while pending:                     # progress: a type enters once
            for i in holders.pop(pending.pop(), ()):
                if not self.plans[i].needs_required:
                    self.plans[i].needs_required = 1
                    pending.append(i)
        return 0


def _sorted_message(message):
    """``(name, fields, type flags)`` as ``(name, ascending fields, oneof names, type flags)``."""
    name, fields, flags = message
    ordered = tuple(sorted(fields))
    _check_numbers(name, [field[0] for field in ordered])
    oneofs = tuple(dict.fromkeys([field[6] for field in ordered if field[6]]))
    return name, ordered, oneofs, int(flags)


def _check_numbers(str name, list numbers):
    """REQUIRES: ``numbers`` ascend."""
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"{name}: a field number is used twice")
    if numbers and not (0 < numbers[0] and numbers[len(numbers) - 1] <= MAX_FIELD_NUMBER):
        raise ValueError(f"{name}: field numbers go from 1 to {MAX_FIELD_NUMBER}")
    if len(numbers) > UINT16_MAX:
        raise ValueError(f"{name}: {len(numbers)} fields; at most {UINT16_MAX} are supported")


cdef void _fill_header(MessagePlan *plan, uint32_t index, uint32_t flags, void *owner) noexcept:
    plan.head.kind = PLAN_PROTO
    plan.head.index = index
    plan.head.set = owner
    plan.head.cls = NULL
    plan.map_entry = flags & TYPE_MAP_ENTRY != 0
    plan.has_ranges = flags & TYPE_RANGES != 0
    plan.message_set = flags & TYPE_MESSAGE_SET != 0
    _note_message_sets(plan.message_set)


cdef void _note_message_sets(bint fresh) noexcept:
    global message_sets_epoch
    if fresh or message_sets_epoch:
        message_sets_epoch += 1


cdef int _fill_fields(MessagePlan *plan, FieldPlan *fields, tuple message,
                      PlanSet origin) except -1:
    name, specs, oneofs, _ = message
    plan.field_count = len(specs)
    # An entry without its key or its value is written with both.
    plan.required_count = 2 if plan.map_entry else 0
    for i, spec in enumerate(specs):
        _fill_field(&fields[i], f"{name}.{spec[1]}", spec, origin)
        fields[i].slot = i
        fields[i].oneof = oneofs.index(spec[6]) + 1 if spec[6] else 0
        if plan.map_entry:
            fields[i].flags |= FIELD_REQUIRED
        elif fields[i].flags & FIELD_REQUIRED:
            plan.required_count += 1
    return 0


cdef int _fill_field(FieldPlan *field, str full_name, tuple spec, PlanSet origin) except -1:
    """All of a field but its slot and oneof."""
    number, _, kind, flags, child, _, _ = spec
    field.number = number
    field.kind = kind
    field.flags = flags
    field.tag = number << 3 | kind_wire(kind)
    field.message = NULL
    field.enumeration = NULL
    if kind_is_message(kind):
        field.message = origin.message_named(child)
    elif kind == KIND_ENUM:
        field.enumeration = origin.enum_named(child)
    if kind in (KIND_MESSAGE, KIND_GROUP, KIND_ENUM):
        if field.message == NULL and field.enumeration == NULL:
            raise ValueError(f"{full_name}: no type {child!r} in this schema")
    field.low_values = _low_values(field)
    return 0


cdef int _add_extensions(MessagePlan *plan, list specs, PlanSet origin) except -1:
    """Publishes a table with those extensions more, which lie behind it in the same memory.

    REQUIRES: the set's lock; so many slots are free.
    """
    cdef ExtensionTable *old = <ExtensionTable *> plan.extensions
    cdef uint32_t known = old.count if old != NULL else 0, i
    cdef uint32_t count = known + <uint32_t> len(specs)
    cdef size_t head = sizeof(ExtensionTable) + 2 * count * sizeof(FieldPlan *)
    cdef char *block = <char *> PyMem_Calloc(1, head + len(specs) * sizeof(FieldPlan))
    if block == NULL:
        raise MemoryError
    cdef ExtensionTable *table = <ExtensionTable *> block
    cdef FieldPlan *fields = <FieldPlan *> (block + head)
    try:
        for i in range(<uint32_t> len(specs)):
            _fill_field(&fields[i], specs[i][1], specs[i], origin)
            fields[i].flags |= FIELD_EXTENSION
            fields[i].slot = <uint16_t> (plan.field_count + known + i)
    except BaseException:
        PyMem_Free(block)
        raise
    table.older = old
    table.count = count
    for i in range(known):
        table.fields[i], table.fields[count + i] = old.fields[i], old.fields[known + i]
    for i in range(known, count):
        table.fields[i] = table.fields[count + i] = &fields[i - known]
    extensions_sort(table)
    pointer_publish(&plan.extensions, old, table)
    return 0


cdef uint64_t _low_values(const FieldPlan *field) noexcept:
    cdef uint64_t bits = 0
    cdef int32_t value
    if field.kind == KIND_BOOL:
        return 3
    if field.flags & FIELD_CLOSED == 0:
        return <uint64_t> -1
    for value in range(64):
        if enum_knows(field.enumeration, value):
            bits |= <uint64_t> 1 << value
    return bits
