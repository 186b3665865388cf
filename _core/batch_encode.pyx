"""Messages out of columns: a tree of arrays laid beside the plan of a message type, and its rows.

Source: google/protobuf/descriptor.proto for what a field's flags mean.
"""

from cpython.buffer cimport (
    PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from tensorwire._core.edits cimport list_width
from tensorwire._core.parse cimport MessageType
from tensorwire._core.plan cimport PlanSet
from wire cimport (
    FIELD_CLOSED, FIELD_EXTENSION, FIELD_PACKED, FIELD_PRESENCE, FIELD_REPEATED, FIELD_REQUIRED,
    FIELD_UTF8, KIND_GROUP, KIND_STRING, WIRE_END, WIRE_LEN, EnumPlan, FieldPlan,
    MessagePlan, kind_is_message, kind_packable, plan_field, varint_size,
)

cimport cython


cdef extern from "batch_encode.h" nogil:
    enum:
        BATCH_SET_ITEM
        BATCH_IMPLICIT
        BATCH_PACKED
        BATCH_ALWAYS
        BATCH_REQUIRED
        BATCH_UTF8
        BATCH_MISSING

    ctypedef enum BatchReason:
        BATCH_FINE
        BATCH_NO_MEMORY
        BATCH_BAD_UTF8
        BATCH_BAD_SPAN
        BATCH_BAD_OFFSETS
        BATCH_BAD_ENUM
        BATCH_NULL_ITEM
        BATCH_TWO_MEMBERS
        BATCH_NO_REQUIRED
        BATCH_TOO_LARGE

    ctypedef struct BatchSpace:
        const uint8_t **bases
        int64_t *starts
        size_t count

    ctypedef struct BatchSpan:
        int64_t start
        int64_t length

    ctypedef struct BatchNode:
        const void *values
        const uint8_t *valid
        const int64_t *offsets
        size_t rows
        const BatchSpace *space
        const EnumPlan *closed
        const BatchNode *fields
        const BatchNode *rival
        uint64_t tag_word
        uint32_t field_count
        uint32_t number
        uint32_t end_tag
        uint32_t index
        uint8_t op
        uint8_t flags
        uint8_t tag_size

    ctypedef struct BatchFault:
        BatchReason reason
        uint32_t node
        uint64_t at
        int64_t value

    ctypedef struct BatchWriter:
        uint8_t *at
        BatchFault fault

    int batch_begin(BatchWriter *w, size_t nodes, size_t expected)
    void batch_end(BatchWriter *w)
    size_t batch_size(const BatchWriter *w)
    int batch_rows(BatchWriter *w, const BatchNode *root, size_t first, size_t last,
                   int64_t *sizes)


REASONS = {
    BATCH_BAD_UTF8: "utf8", BATCH_BAD_SPAN: "span", BATCH_BAD_OFFSETS: "offsets",
    BATCH_BAD_ENUM: "enum", BATCH_NULL_ITEM: "null item", BATCH_TWO_MEMBERS: "oneof",
    BATCH_NO_REQUIRED: "required", BATCH_TOO_LARGE: "size",
}


def message_of(MessageType owner not None, uint32_t number, /):
    """The type of the message field or extension of that number; None for any other field."""
    cdef const FieldPlan *field = plan_field(owner.plan, number)
    if field == NULL or field.message == NULL:
        return None
    return MessageType(<PlanSet> field.message.head.set, field.message.head.index)


def labels_of(MessageType owner not None, uint32_t number, /) -> dict:
    """Label -> number of the enum field or extension of that number."""
    cdef const FieldPlan *field = plan_field(owner.plan, number)
    if field == NULL or field.enumeration == NULL:
        raise ValueError(f"field {number} is no enum")
    return owner.plans.labels_at(owner.index, field.slot)


@cython.final
cdef class _Held:
    """A buffer that stays as long as this does."""
    cdef Py_buffer view

    def __cinit__(self, owner, int flags=PyBUF_SIMPLE):
        PyObject_GetBuffer(owner, &self.view, flags)

    def __dealloc__(self):
        PyBuffer_Release(&self.view)


@cython.final
cdef class Space:
    """The buffers that spans of strings and bytes count in, as `tensorwire.columns.sources` has
    them, each of which is checked against its place here.

    Raises: ``ValueError`` where a buffer is shorter than its place, or the places descend.
    """
    cdef BatchSpace space
    cdef list _held

    def __cinit__(self, tuple buffers not None, starts):
        cdef Py_ssize_t count = len(buffers), i
        cdef _Held places = _Held(starts)
        cdef _Held held
        if places.view.len != (count + 1) * <Py_ssize_t> sizeof(int64_t):
            raise ValueError(f"{count} buffers need {count + 1} starts of 8 bytes each, "
                             f"not {places.view.len} bytes")
        self._held = [buffers]
        self.space.bases = <const uint8_t **> PyMem_Calloc(count + 1, sizeof(uint8_t *))
        self.space.starts = <int64_t *> PyMem_Calloc(count + 1, sizeof(int64_t))
        if self.space.bases == NULL or self.space.starts == NULL:
            raise MemoryError
        memcpy(self.space.starts, places.view.buf, places.view.len)
        if self.space.starts[0] < 0:
            raise ValueError("the first buffer starts below 0")
        for i in range(count):
            one = buffers[i]
            if PyBytes_CheckExact(one):
                self.space.bases[i] = <const uint8_t *> PyBytes_AS_STRING(one)
                self._check(i, PyBytes_GET_SIZE(one))
            else:
                held = _Held(one)
                self.space.bases[i] = <const uint8_t *> held.view.buf
                self._check(i, held.view.len)
                self._held.append(held)
        self.space.count = count

    cdef int _check(self, Py_ssize_t i, Py_ssize_t size) except -1:
        cdef int64_t start = self.space.starts[i], stop = self.space.starts[i + 1]
        if stop < start or stop - start > size:
            raise ValueError(f"buffer {i} of {size} bytes cannot lie from {start} to {stop}")
        return 0

    def __dealloc__(self):
        PyMem_Free(self.space.bases)
        PyMem_Free(self.space.starts)


@cython.final
cdef class BatchEncoder:
    """The columns of a message type, ready to be written as messages. Never changed.

    ``fields``: per field ``(number, offsets, rows, values, valid, fields, space, place)``: int64
    offsets of a repeated field, else None; the rows of the table that the rest lies in; values as
    wide as the field's C type, or spans, in a buffer; of a message None, and its fields instead;
    one byte of validity per row, or None; the `Space` of spans; anything that stands for the
    field in faults. Neither values nor fields: no column is given for it. ``valid``: of the
    messages themselves.

    Copies: nothing. Buffers may change meanwhile, and then anything may be written, but nothing
    is read outside of them. Raises: ``ValueError`` where a buffer has another size.
    """
    cdef BatchNode *_nodes
    cdef size_t _count
    cdef size_t _filled
    cdef size_t _rows
    cdef bint _partial
    cdef list _held
    cdef readonly list places

    def __cinit__(self, MessageType kind not None, tuple fields not None, size_t rows,
                  valid=None, place=None, bint partial=False):
        self._count = 1 + _counted(fields)
        self._rows = rows
        self._partial = partial
        self._held = [kind]
        self.places = [None] * self._count
        self._nodes = <BatchNode *> PyMem_Calloc(self._count, sizeof(BatchNode))
        if self._nodes == NULL:
            raise MemoryError
        self._filled = 1
        self.places[0] = place
        self._nodes[0].rows = rows
        if valid is not None:
            self._nodes[0].valid = <const uint8_t *> self._buffer(valid, rows, 1)
        self._fill(&self._nodes[0], kind.plan, fields)

    def __dealloc__(self):
        PyMem_Free(self._nodes)

    cdef const void *_buffer(self, owner, size_t count, size_t width) except NULL:
        cdef _Held held = _Held(owner)
        # No wrap: more items than a Py_ssize_t counts bytes are in no buffer.
        if count > <size_t> held.view.len or <size_t> held.view.len != count * width:
            if count or held.view.len:
                raise ValueError(f"{held.view.len} bytes where {count} items of {width} are needed")
        self._held.append(held)
        return held.view.buf if held.view.buf != NULL else <const void *> self._nodes

    cdef int _fill(self, BatchNode *owner, const MessagePlan *plan, tuple fields) except -1:
        cdef BatchNode *first = self._nodes + self._filled
        cdef list ordered = _ordered(plan, fields)
        cdef Py_ssize_t i
        owner.fields = first
        owner.field_count = len(ordered)
        self._filled += len(ordered)
        for i in range(len(ordered)):
            self._fill_node(&first[i], plan, owner.rows, ordered[i])
            self._find_rival(first, i, plan)
        return 0

    cdef int _fill_node(self, BatchNode *node, const MessagePlan *plan, size_t table,
                        tuple spec) except -1:
        number, offsets, rows, values, valid, fields, space, place = spec
        cdef const FieldPlan *field = plan_field(plan, number)
        if (offsets is not None) != (field.flags & FIELD_REPEATED != 0):
            raise ValueError(f"field {number} is repeated or has offsets, not both")
        node.index = <uint32_t> (node - self._nodes)
        self.places[node.index] = place
        node.rows = rows
        _fill_constants(node, plan, field, self._partial)
        if offsets is not None:
            node.offsets = <const int64_t *> self._buffer(offsets, table + 1, sizeof(int64_t))
        elif rows != table:
            raise ValueError(f"field {number} has {rows} rows in a table of {table}")
        if valid is not None:
            node.valid = <const uint8_t *> self._buffer(valid, rows, 1)
        if fields is not None and kind_is_message(field.kind):
            return self._fill(node, field.message, fields)
        if values is None or kind_is_message(field.kind):
            node.flags |= BATCH_MISSING
            if offsets is not None:
                raise ValueError(f"repeated field {number} has no values")
        elif kind_packable(field.kind):
            node.values = self._buffer(values, rows, list_width(field.kind))
        else:
            node.values = self._buffer(values, rows, sizeof(BatchSpan))
            node.space = &(<Space?> space).space
            self._held.append(space)
        return 0

    cdef int _find_rival(self, BatchNode *first, Py_ssize_t at, const MessagePlan *plan) except -1:
        """Chains what may be set of the same oneof: each member points to the one before it."""
        cdef Py_ssize_t i = at
        cdef uint32_t oneof = plan_field(plan, first[at].number).oneof
        while oneof and i > 0 and first[at].flags & BATCH_MISSING == 0:  # progress: downwards
            i -= 1
            if (plan_field(plan, first[i].number).oneof == oneof
                    and first[i].flags & BATCH_MISSING == 0):
                first[at].rival = &first[i]
                break
        return 0

    def write(self, size_t first, size_t last, sizes, size_t expected=0, /) -> Block:
        """The rows from ``first`` to before ``last``; ``sizes``, int64, one per row of all, is
        given theirs. ``expected``: bytes to make room for.
        Threads: the lock is released, and rows may be written in several at once.
        """
        cdef Block block = Block.__new__(Block)
        cdef _Held held = _Held(sizes, PyBUF_WRITABLE)
        cdef int64_t *place = <int64_t *> held.view.buf
        if not first <= last <= self._rows:
            raise ValueError(f"rows {first} to {last} of {self._rows}")
        if held.view.len != <Py_ssize_t> (self._rows * sizeof(int64_t)):
            raise ValueError(f"{held.view.len} bytes for the sizes of {self._rows} rows")
        if batch_begin(&block._writer, self._count, expected) < 0:
            raise MemoryError
        if first < last:
            with nogil:
                batch_rows(&block._writer, self._nodes, first, last, place + first)
        if block._writer.fault.reason == BATCH_NO_MEMORY:
            raise MemoryError
        block.size = batch_size(&block._writer)
        return block


@cython.final
cdef class Block:
    """Messages one behind the other, until they are copied to where they belong."""
    cdef BatchWriter _writer
    cdef readonly size_t size

    def __dealloc__(self):
        batch_end(&self._writer)

    @property
    def fault(self):
        """``(reason, position among the places, row of its table, number)`` of the first row that
        cannot be written, or None."""
        cdef BatchFault *fault = &self._writer.fault
        if fault.reason == BATCH_FINE:
            return None
        return REASONS[fault.reason], fault.node, fault.at, fault.value

    def move_into(self, target, size_t start, /) -> None:
        """Copies the messages to a buffer, from byte ``start`` on, and lets go of its own.

        Threads: the lock is released.
        """
        cdef _Held held = _Held(target, PyBUF_WRITABLE)
        cdef size_t room = held.view.len
        if start > room or self.size > room - start:
            raise ValueError(f"{self.size} bytes from {start} on of {room}")
        cdef Block taken = Block.__new__(Block)    # frees them, even if another thread is here too
        taken._writer.fault = self._writer.fault
        with cython.critical_section(self):
            self._writer, taken._writer = taken._writer, self._writer
            self.size, taken.size = 0, self.size
        if taken.size:
            with nogil:
                memcpy(<uint8_t *> held.view.buf + start, taken._writer.at, taken.size)


cdef size_t _counted(tuple fields) except? 0:
    cdef size_t count = len(fields)
    for spec in fields:
        if spec[5] is not None:
            count += _counted(spec[5])
    return count


cdef list _ordered(const MessagePlan *plan, tuple fields):
    """The fields in the order that upstream writes them in: extensions last."""
    cdef const FieldPlan *field
    cdef list keyed = []
    for spec in fields:
        field = plan_field(plan, spec[0])
        if field == NULL:
            raise ValueError(f"no field has number {spec[0]}")
        keyed.append((field.flags & FIELD_EXTENSION != 0, field.number, spec))
    keyed.sort(key=_position)
    return [spec for _, _, spec in keyed]


def _position(keyed):
    return keyed[:2]


cdef int _fill_constants(BatchNode *node, const MessagePlan *plan, const FieldPlan *field,
                         bint partial) except -1:
    """What only the schema decides."""
    cdef bint repeated = field.flags & FIELD_REPEATED != 0
    cdef uint32_t tag = field.tag
    node.number = field.number
    node.op = field.kind
    if plan.map_entry:
        node.flags |= BATCH_ALWAYS
    elif field.flags & FIELD_REQUIRED:
        node.flags |= 0 if partial else BATCH_REQUIRED
    elif not repeated and not kind_is_message(field.kind) and field.flags & FIELD_PRESENCE == 0:
        node.flags |= BATCH_IMPLICIT
    if repeated and field.flags & FIELD_PACKED and kind_packable(field.kind):
        node.flags |= BATCH_PACKED
        tag = field.number << 3 | WIRE_LEN
    if field.kind == KIND_STRING and field.flags & FIELD_UTF8:
        node.flags |= BATCH_UTF8
    if field.flags & FIELD_CLOSED:
        node.closed = field.enumeration
    if field.kind == KIND_GROUP:
        node.end_tag = field.number << 3 | WIRE_END
    elif kind_is_message(field.kind) and plan.message_set:
        node.op = BATCH_SET_ITEM
    _fill_tag(node, tag)
    return 0


cdef void _fill_tag(BatchNode *node, uint32_t tag) noexcept:
    cdef int size = varint_size(tag), i
    cdef uint64_t byte
    for i in range(size):
        byte = (tag >> 7 * i & 0x7f) | (0x80 if i < size - 1 else 0)
        node.tag_word |= byte << 8 * (8 - size + i)
    node.tag_size = <uint8_t> size
