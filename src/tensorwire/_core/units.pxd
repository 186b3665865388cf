from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from tensorwire._core.edits cimport Edits
from tensorwire._core.index cimport Piece
from tensorwire._core.output cimport Output
from wire cimport (
    FIELD_EXTENSION, FIELD_PRESENCE, FIELD_REPEATED, FIELD_REQUIRED, Fault, FieldPlan, MessagePlan,
)


cdef enum UnitKind:
    UNIT_ITEM                # an item of a known field; word: the value, or where the payload stops
    UNIT_RUN                 # a packed run; word: where it stops
    UNIT_SKIPPED             # the same, but the field was changed: it only switches its oneof
    UNIT_ENTRY               # an entry of a map, complete or not; word: where it stops
    UNIT_FOREIGN             # an entry with fields that entries do not have: an unknown field
    UNIT_RANGE               # bytes [start, word) as they stand
    UNIT_MEMBER              # an unknown member of a message set; word: where it stops
    UNIT_STRAY               # word: a number of a packed run that its closed enum does not have
    UNIT_DEFAULT             # the default of a map entry's key or value
    UNIT_EDIT                # word: Edit *, start: elements still to be written
    UNIT_CLEARED             # a changed field that is absent
    UNIT_OBJECT              # word: PyObject *, a value of the field
    UNIT_PAIR                # start, word: PyObject *, key and value of a changed map
    UNIT_BYTES               # word: PyObject *, bytes of unknown fields

cdef enum:
    # protobuf.dev/programming-guides/encoding, "Maps"
    ENTRY_KEY = 1
    ENTRY_VALUE = 2
    ORDER_UNKNOWN = 0x7FFFFFFF  # above those of all fields
    FIRST_UNITS = 32
    FIRST_FRAMES = 8
    # Frame flags
    FRAME_NO_UNKNOWN = 1     # unknown fields are left out, here and below
    FRAME_FOREIGN = 2        # a map entry written like any other message
    # Marks: what was met while units were collected
    MARK_DISORDER = 1        # orders do not ascend
    MARK_AGAIN = 2           # something to be dropped
    MARK_ONEOF = 4           # a oneof came again
    MARK_ENTRIES = 8         # more than one entry of a map


cdef struct Unit:
    # What is written in one go, or one message inside another.
    uint32_t order           # what is written behind what: see unit_order
    UnitKind kind
    const FieldPlan *field
    size_t at                # offset of the item, to keep those of one order in order
    size_t start
    uint64_t word


cdef struct Frame:
    # A message that is being written: units from `first` on are its, those above it were written.
    const MessagePlan *plan
    const uint8_t *base
    PyObject *owner          # what holds the bytes
    PyObject *message        # with edits or owned children; NULL: the bytes alone count
    size_t first
    size_t mark              # bytes of output behind the message
    uint32_t tag             # 0: the outermost message
    uint32_t flags
    bint in_set              # an item of a message set: a group
    bint whole               # canonical bytes, which have all that was not changed
    uint32_t edits           # changes that are still to be written, where there are no bytes


cdef struct Payload:
    # A large bytes field, and what is written before it to align it.
    size_t place             # bytes of output from its first one on
    size_t padding           # bytes of an earlier occurrence of the field, tag and length included
    uint32_t tag


cdef struct Padding:
    # The large bytes fields of a message, from the last to the first.
    size_t align
    Payload *payloads
    size_t count             # of them; known after the first pass
    size_t room
    size_t next              # met in this pass


cdef struct Encoder:
    # Holds addresses inside itself: never copied or moved.
    Output *out
    Unit *units              # a stack
    size_t unit_count
    size_t unit_room
    Frame *frames            # a stack, the innermost message last
    size_t frame_count
    size_t frame_room
    bint deterministic
    bint checking            # nothing is written: only required fields are looked for
    bint lacking             # the reason for which checking has failed
    Padding *padding         # NULL: nothing is aligned
    size_t doubt             # bytes that may still turn out not to be canonical when looked at
    Fault fault              # FAULT_NONE after a failure: a Python exception is set
    Unit first_units[FIRST_UNITS]
    Frame first_frames[FIRST_FRAMES]


# Ascending numbers; extensions behind all regular fields, unknown fields behind them.
cdef inline uint32_t unit_order(const FieldPlan *field) noexcept nogil:
    if field.flags & FIELD_EXTENSION:
        return field.number | 1 << 29      # numbers have 29 bits
    return field.number


# Whether the default of a field is not written.
cdef inline bint field_implicit(const FieldPlan *field, uint32_t flags) noexcept nogil:
    if flags & FRAME_FOREIGN:
        return field.flags & (FIELD_PRESENCE | FIELD_REPEATED) == 0
    return field.flags & (FIELD_PRESENCE | FIELD_REPEATED | FIELD_REQUIRED) == 0


cdef void encoder_begin(Encoder *self, Output *out, bint deterministic) noexcept nogil
cdef void encoder_end(Encoder *self) noexcept nogil
# A new unit or frame on top of the others; NULL and a fault without memory.
cdef Unit *unit_push(Encoder *self) noexcept nogil
cdef Frame *frame_push(Encoder *self) noexcept nogil
# A new unit with a word, without a place in the bytes. 0, or -1 and a fault.
cdef int unit_add(Encoder *self, UnitKind kind, const FieldPlan *field,
                  uint64_t word) noexcept nogil
# Units of what lies in the bytes, for the frame on top; fields with an entry in `edits`, which may
# be NULL, are left out. The marks, or -1 and a fault. `units_settle` has to follow.
cdef int units_collect(Encoder *self, const Piece *pieces, size_t count,
                       Edits *edits) noexcept nogil
# Puts the units of the frame on top in order, and drops what does not count. 0, or -1 and a fault.
cdef int units_settle(Encoder *self, int marks) noexcept nogil
# Sorts them, and nothing else.
cdef int units_sort(Encoder *self) noexcept nogil
