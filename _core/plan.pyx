"""Plans: the message types of one schema, compiled to C tables.

Source: google/protobuf/descriptor.proto for kinds, labels and what a field's flags mean.
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stdint cimport UINT16_MAX, int32_t, uint16_t, uint32_t, uint64_t

from wire cimport (
    FIELD_CLOSED, FIELD_MAP, FIELD_PACKED, FIELD_PRESENCE, FIELD_REPEATED, FIELD_REQUIRED,
    FIELD_UTF8, KIND_BOOL, KIND_BYTES, KIND_DOUBLE, KIND_ENUM, KIND_FIXED32, KIND_FIXED64,
    KIND_FLOAT, KIND_GROUP, KIND_INT32, KIND_INT64, KIND_MESSAGE, KIND_SFIXED32, KIND_SFIXED64,
    KIND_SINT32, KIND_SINT64, KIND_STRING, KIND_UINT32, KIND_UINT64, NO_CHILD, PLAN_PROTO,
    TABLED_TAGS, EnumPlan, FieldPlan, MessagePlan, enum_knows, kind_wire, plan_action_slow,
    pointer_publish,
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

# Field numbers below 8 per field plus this are found by table, the others by bisection.
cdef enum:
    DENSE_SLACK = 128

# protobuf.dev/programming-guides/proto3, "Assigning Field Numbers"
MAX_FIELD_NUMBER = (1 << 29) - 1


@cython.final
cdef class PlanSet:
    """All message types of one schema in one allocation. Frozen after construction.

    ``messages``: per type ``(full name, fields, oneof names, is map entry)``, fields ascending by
    number, each ``(number, name, kind, flags, type name, default, oneof name)``; the position in
    ``messages`` is the type's index. ``enumerations``: ``(full name, closed, values)``.
    ``classes``: the Python class of each type, None until `class_of` made it with
    ``factory(plans, index)``. ``error``: the class raised for bytes that do not decode.

    Raises: ``ValueError`` for a field number that is out of range or used twice, an unknown type
    name, or more than 65,535 fields in one type.
    Threads: the tables never change; classes are made once, under the object's lock.
    """

    def __cinit__(self, tuple messages not None, tuple enumerations not None, factory,
                  error=DecodeError):
        self.messages = tuple([_sorted_message(m) for m in messages])
        self.enumerations = enumerations
        self.classes = [None] * len(messages)
        self._factory = factory
        self.error = error
        self._slots = [{field[1]: i for i, field in enumerate(m[1])} for m in self.messages]
        self._index = {message[0]: i for i, message in enumerate(self.messages)}
        if len(self._index) != len(messages):
            raise ValueError("two message types of one schema have the same full name")
        cdef Layout layout = _measure(self.messages, enumerations)
        self._block = PyMem_Calloc(1, _layout_size(&layout))
        if self._block == NULL:
            raise MemoryError
        self._fill(&layout)

    def __dealloc__(self):
        PyMem_Free(self._block)

    def index_of(self, str name, /) -> int:
        """The index of the type with that full name. Raises ``KeyError``."""
        return self._index[name]

    def class_of(self, uint32_t index, /) -> type:
        """The Python class of a type, made on first use."""
        if index >= <size_t> len(self.messages):
            raise IndexError(f"type {index} of {len(self.messages)}")
        return self.class_at(index)

    cdef dict slots(self, uint32_t index):
        """Field name -> slot of a type. REQUIRES: ``index < len(self.messages)``."""
        return self._slots[index]

    cdef object class_at(self, uint32_t index):
        """REQUIRES: ``index < len(self.messages)``."""
        with cython.critical_section(self):
            if self.classes[index] is None:
                self.classes[index] = self._factory(self, index)
                pointer_publish(&self.plans[index].head.cls, NULL, <void *> self.classes[index])
        return self.classes[index]

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
        enum_index = {}
        for i, (name, closed, values) in enumerate(self.enumerations):
            enum_index[name] = i
            numbers = _fill_enum(&self.enums[i], numbers, values)
        for i, message in enumerate(self.messages):
            _fill_header(&self.plans[i], i, self.enums, <void *> self)
            self.plans[i].fields = fields
            _fill_fields(&self.plans[i], self.plans, fields, message, self._index, enum_index)
            self.plans[i].dense = dense
            _fill_dense(&self.plans[i], dense, _dense_count(message[1]))
            _fill_actions(&self.plans[i])
            fields += self.plans[i].field_count
            dense += self.plans[i].dense_count
        return 0


def _sorted_message(message):
    """``(name, fields, map entry)`` as ``(name, ascending fields, oneof names, map entry)``."""
    name, fields, map_entry = message
    ordered = tuple(sorted(fields))
    numbers = [field[0] for field in ordered]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"{name}: a field number is used twice")
    if numbers and not (0 < numbers[0] and max(numbers) <= MAX_FIELD_NUMBER):
        raise ValueError(f"{name}: field numbers go from 1 to {MAX_FIELD_NUMBER}")
    if len(numbers) > UINT16_MAX:
        raise ValueError(f"{name}: {len(numbers)} fields; at most {UINT16_MAX} are supported")
    oneofs = tuple(dict.fromkeys([field[6] for field in ordered if field[6]]))
    return name, ordered, oneofs, bool(map_entry)


cdef size_t _dense_count(tuple fields) except? 0:
    """Length of the table from field number to slot."""
    if not fields:
        return 0
    return min(fields[len(fields) - 1][0] + 1, 8 * len(fields) + DENSE_SLACK)


cdef Layout _measure(tuple messages, tuple enumerations) except *:
    cdef Layout layout
    layout.plans = len(messages)
    layout.enums = len(enumerations)
    layout.fields = layout.dense = layout.numbers = 0
    for message in messages:
        layout.fields += len(message[1])
        layout.dense += _dense_count(message[1])
    for enumeration in enumerations:
        layout.numbers += len({number for _, number in enumeration[2]})
    return layout


cdef size_t _layout_size(Layout *layout) noexcept:
    """The counts come from a schema object in memory, so the sum cannot wrap."""
    return (layout.plans * sizeof(MessagePlan) + layout.enums * sizeof(EnumPlan)
            + layout.fields * sizeof(FieldPlan) + layout.numbers * sizeof(int32_t)
            + layout.dense * sizeof(uint16_t) + 1)


cdef int32_t *_fill_enum(EnumPlan *plan, int32_t *numbers, values) except NULL:
    """Fills one enum's ascending numbers; returns the place behind them."""
    cdef uint32_t count = 0
    plan.numbers = numbers
    for number in sorted({number for _, number in values}):
        numbers[count] = number
        count += 1
    plan.count = count
    return numbers + count


cdef void _fill_header(MessagePlan *plan, uint32_t index, EnumPlan *enums, void *owner) noexcept:
    plan.head.kind = PLAN_PROTO
    plan.head.index = index
    plan.head.set = owner
    plan.head.cls = NULL
    plan.enums = enums


cdef void _fill_fields(MessagePlan *plan, MessagePlan *plans, FieldPlan *fields, tuple message,
                       dict types, dict enums) except *:
    name, specs, oneofs, map_entry = message
    plan.map_entry = map_entry
    plan.field_count = len(specs)
    # An entry without its key or its value is written with both.
    plan.required_count = 2 if map_entry else 0
    for i, (number, field_name, kind, flags, child, _, oneof) in enumerate(specs):
        fields[i].number = number
        fields[i].kind = kind
        fields[i].flags = flags | (FIELD_REQUIRED if map_entry else 0)
        fields[i].slot = i
        fields[i].oneof = oneofs.index(oneof) + 1 if oneof else 0
        fields[i].tag = number << 3 | kind_wire(kind)
        fields[i].child = _child_index(f"{name}.{field_name}", kind, child, types, enums)
        fields[i].message = NULL
        if kind == KIND_MESSAGE or kind == KIND_GROUP:
            fields[i].message = &plans[fields[i].child]
        fields[i].low_values = _low_values(plan, &fields[i])
        if flags & FIELD_REQUIRED and not map_entry:
            plan.required_count += 1


cdef uint64_t _low_values(MessagePlan *plan, FieldPlan *field) noexcept:
    cdef uint64_t bits = 0
    cdef int32_t value
    if field.kind == KIND_BOOL:
        return 3
    if field.flags & FIELD_CLOSED == 0:
        return <uint64_t> -1
    for value in range(64):
        if enum_knows(&plan.enums[field.child], value):
            bits |= <uint64_t> 1 << value
    return bits


cdef uint32_t _child_index(str field, int kind, str child, dict types, dict enums) except? 0:
    if kind not in (KIND_ENUM, KIND_GROUP, KIND_MESSAGE):
        return NO_CHILD
    known = enums if kind == KIND_ENUM else types
    if child not in known:
        raise ValueError(f"{field}: no type {child!r} in this schema")
    return known[child]


cdef void _fill_dense(MessagePlan *plan, uint16_t *dense, size_t count) noexcept:
    cdef uint32_t i
    plan.dense_count = <uint32_t> count
    for i in range(plan.field_count):
        if plan.fields[i].number < count:
            dense[plan.fields[i].number] = <uint16_t> (i + 1)


cdef void _fill_actions(MessagePlan *plan) noexcept:
    cdef uint32_t tag
    for tag in range(TABLED_TAGS):
        plan.actions[tag] = plan_action_slow(plan, tag)
