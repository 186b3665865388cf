"""Units: what a message consists of, collected from its bytes and put in the order of writing.

The rules are those of reading: the last of a singular number, string or bytes counts, singular
messages merge, the last member set wins a oneof, entries of a map replace each other. Source:
protobuf.dev/programming-guides/encoding; measured on upb where the page is silent.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

from cursor cimport Item, field_takes
from leaves cimport sort_records
from tensorwire._core.edits cimport Edits, edits_find
from tensorwire._core.entries cimport entries_settle, entry_check
from tensorwire._core.index cimport Scan, scan_begin, scan_next
from wire cimport (
    FAULT_NONE, FAULT_NO_MEMORY, FIELD_CLOSED, FIELD_MAP, FIELD_REPEATED, WIRE_LEN, WIRE_VARINT,
    FieldPlan, MessagePlan, enum_knows, fault_set, kind_packable, plan_field, varint_decode,
    varint_fault,
)

cdef enum:
    # Oneofs of one message that bits can tell apart.
    ONEOF_BITS = 64

cdef struct Collecting:
    const MessagePlan *plan
    const uint8_t *base
    Edits *edits
    uint32_t flags
    uint32_t last            # the order of the last unit
    int marks
    uint64_t oneofs          # bit per oneof that was met

cdef struct Member:
    # An item that sets a member of a oneof.
    uint32_t oneof
    Unit *unit


cdef void encoder_begin(Encoder *self, Output *out, bint deterministic) noexcept nogil:
    self.out = out
    self.units, self.unit_count, self.unit_room = self.first_units, 0, FIRST_UNITS
    self.frames, self.frame_count, self.frame_room = self.first_frames, 0, FIRST_FRAMES
    self.deterministic = deterministic
    self.checking = self.lacking = False
    self.doubt = 0
    self.padding = NULL
    fault_set(&self.fault, FAULT_NONE, 0, 0, 0)


cdef void encoder_end(Encoder *self) noexcept nogil:
    if self.units != self.first_units:
        free(self.units)
    if self.frames != self.first_frames:
        free(self.frames)


cdef void *_grown(Encoder *self, void *items, void *first, size_t *room,
                  size_t size) noexcept nogil:
    """Twice the room for items, which begin in `first`. NULL and a fault without memory."""
    cdef void *grown = NULL
    if room[0] <= <size_t> -1 // 2 // size:
        grown = realloc(NULL if items == first else items, 2 * room[0] * size)
    if grown == NULL:
        fault_set(&self.fault, FAULT_NO_MEMORY, 0, 0, 0)
        return NULL
    if items == first:
        memcpy(grown, first, room[0] * size)
    room[0] *= 2
    return grown


cdef Unit *unit_push(Encoder *self) noexcept nogil:
    cdef void *grown
    if self.unit_count == self.unit_room:
        grown = _grown(self, self.units, self.first_units, &self.unit_room, sizeof(Unit))
        if grown == NULL:
            return NULL
        self.units = <Unit *> grown
    self.unit_count += 1
    return &self.units[self.unit_count - 1]


cdef int unit_add(Encoder *self, UnitKind kind, const FieldPlan *field,
                  uint64_t word) noexcept nogil:
    cdef Unit *unit = unit_push(self)
    if unit == NULL:
        return -1
    unit.order, unit.kind, unit.field = unit_order(field), kind, field
    unit.at = unit.start = 0
    unit.word = word
    return 0


cdef Frame *frame_push(Encoder *self) noexcept nogil:
    cdef void *grown
    if self.frame_count == self.frame_room:
        grown = _grown(self, self.frames, self.first_frames, &self.frame_room, sizeof(Frame))
        if grown == NULL:
            return NULL
        self.frames = <Frame *> grown
    self.frame_count += 1
    return &self.frames[self.frame_count - 1]


# -- collecting -----------------------------------------------------------------------------------

cdef int units_collect(Encoder *self, const Piece *pieces, size_t count,
                       Edits *edits) noexcept nogil:
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef Collecting run
    cdef Scan scan
    cdef Item item
    cdef int status
    run.plan, run.base, run.flags = frame.plan, frame.base, frame.flags
    run.edits, run.last, run.marks, run.oneofs = edits, 0, 0, 0
    scan_begin(&scan, frame.base, pieces, count)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &self.fault)
        if status == 1:
            status = _collect(self, &run, &item)
        elif status == 0:
            return run.marks
        if status < 0:
            return -1


cdef int _collect(Encoder *self, Collecting *run, const Item *item) noexcept nogil:
    cdef const FieldPlan *field = plan_field(run.plan, item.tag >> 3)
    cdef UnitKind kind = UNIT_ITEM
    cdef int status
    if field == NULL or not field_takes(run.plan, field, item):
        return _collect_unknown(self, run, item)
    if field.flags & FIELD_MAP:
        status = entry_check(field.message, run.base, item.start, item.stop, &self.fault)
        if status < 0:
            return -1
        if status == 0:
            if run.flags & FRAME_NO_UNKNOWN:
                return 0
            return _add(self, run, UNIT_FOREIGN, ORDER_UNKNOWN, field, item)
        kind = UNIT_ENTRY
    if item.tag & 7 == WIRE_LEN and kind_packable(field.kind):
        kind = UNIT_RUN
        if field.flags & FIELD_CLOSED and _collect_strays(self, run, field, item) < 0:
            return -1
    if edits_find(run.edits, field.number) != NULL:
        if field.oneof == 0:
            return 0
        kind = UNIT_SKIPPED
    return _add(self, run, kind, unit_order(field), field, item)


cdef inline void _note_oneof(Collecting *run, uint32_t oneof) noexcept nogil:
    cdef uint64_t bit
    if oneof > ONEOF_BITS:
        run.marks |= MARK_ONEOF
        return
    bit = <uint64_t> 1 << (oneof - 1)
    if run.oneofs & bit:
        run.marks |= MARK_ONEOF
    run.oneofs |= bit


cdef inline int _add(Encoder *self, Collecting *run, UnitKind kind, uint32_t order,
                     const FieldPlan *field, const Item *item) noexcept nogil:
    cdef Unit *unit = unit_push(self)
    if unit == NULL:
        return -1
    if order < run.last:
        run.marks |= MARK_DISORDER
    elif order == run.last and order != ORDER_UNKNOWN:
        if field.flags & FIELD_REPEATED == 0 and field.message == NULL:
            run.marks |= MARK_AGAIN
        if kind == UNIT_ENTRY:
            run.marks |= MARK_ENTRIES
    if field != NULL and field.oneof:
        _note_oneof(run, field.oneof)
    if kind == UNIT_SKIPPED:
        run.marks |= MARK_AGAIN
    run.last = order
    unit.order = order
    unit.kind = kind
    unit.field = field
    unit.at, unit.start = item.at, item.start
    unit.word = item.value if item.tag & 7 == WIRE_VARINT else item.stop
    return 0


cdef int _collect_unknown(Encoder *self, Collecting *run, const Item *item) noexcept nogil:
    """Neighbours become one range."""
    cdef Unit *unit
    if run.flags & FRAME_NO_UNKNOWN:
        return 0
    if run.plan.message_set and item.tag & 7 == WIRE_LEN:
        return _add(self, run, UNIT_MEMBER, ORDER_UNKNOWN, NULL, item)
    if run.last == ORDER_UNKNOWN:
        unit = &self.units[self.unit_count - 1]
        if unit.kind == UNIT_RANGE and unit.word == item.at:
            unit.word = item.after
            return 0
    unit = unit_push(self)
    if unit == NULL:
        return -1
    run.last = ORDER_UNKNOWN
    unit.order, unit.kind, unit.field = ORDER_UNKNOWN, UNIT_RANGE, NULL
    unit.at = unit.start = item.at
    unit.word = item.after
    return 0


cdef int _collect_strays(Encoder *self, Collecting *run, const FieldPlan *field,
                         const Item *item) noexcept nogil:
    """The numbers of a packed run that its enum does not have become unknown fields."""
    cdef size_t at = item.start
    cdef uint64_t value
    cdef Unit *unit
    cdef int used
    if run.flags & FRAME_NO_UNKNOWN:
        return 0
    while at < item.stop:                  # progress: used > 0
        used = varint_decode(run.base + at, run.base + item.stop, &value)
        if used <= 0:
            return varint_fault(at, used, &self.fault)
        if not enum_knows(field.enumeration, <int32_t> value):
            unit = unit_push(self)
            if unit == NULL:
                return -1
            run.last = unit.order = ORDER_UNKNOWN
            unit.kind, unit.field = UNIT_STRAY, field
            unit.at = unit.start = at
            unit.word = value
        at += used
    return 0


# -- settling -------------------------------------------------------------------------------------

cdef int _unit_before(const void *a, const void *b) noexcept nogil:
    cdef const Unit *left = <const Unit *> a
    cdef const Unit *right = <const Unit *> b
    if left.order != right.order:
        return left.order < right.order
    return left.at < right.at


cdef int units_sort(Encoder *self) noexcept nogil:
    cdef size_t first = self.frames[self.frame_count - 1].first
    if sort_records(&self.units[first], self.unit_count - first, sizeof(Unit), &_unit_before) < 0:
        return fault_set(&self.fault, FAULT_NO_MEMORY, 0, 0, 0)
    return 0


cdef int units_settle(Encoder *self, int marks) noexcept nogil:
    cdef bint disorder = marks & MARK_DISORDER
    if disorder and units_sort(self) < 0:
        return -1
    if marks & MARK_ONEOF and _oneofs_settle(self) < 0:
        return -1
    if disorder or marks & (MARK_AGAIN | MARK_ONEOF):
        _drop(self)
    if disorder or marks & MARK_ENTRIES:
        return _maps_settle(self)
    return 0


cdef void _drop(Encoder *self) noexcept nogil:
    """Drops what was skipped, and of a singular number, string or bytes all but the last."""
    cdef size_t kept = self.frames[self.frame_count - 1].first, i
    cdef size_t first = kept
    cdef Unit *unit
    cdef Unit *before
    for i in range(first, self.unit_count):
        unit = &self.units[i]
        if unit.kind == UNIT_SKIPPED or unit.kind == UNIT_CLEARED:
            continue
        if kept > first and unit.kind == UNIT_ITEM and unit.field.flags & FIELD_REPEATED == 0:
            before = &self.units[kept - 1]
            if before.order == unit.order and (unit.field.message == NULL
                                               or before.kind == UNIT_DEFAULT):
                kept -= 1
        if kept != i:
            self.units[kept] = unit[0]
        kept += 1
    self.unit_count = kept


cdef int _member_before(const void *a, const void *b) noexcept nogil:
    cdef const Member *left = <const Member *> a
    cdef const Member *right = <const Member *> b
    if left.oneof != right.oneof:
        return left.oneof < right.oneof
    return left.unit.at < right.unit.at


cdef int _oneofs_settle(Encoder *self) noexcept nogil:
    """Of each oneof, what comes before the last switch to another member is skipped."""
    cdef size_t first = self.frames[self.frame_count - 1].first, count = 0, i
    cdef uint32_t switched = 0
    cdef Unit *unit
    cdef Member *members = <Member *> malloc((self.unit_count - first) * sizeof(Member))
    if members == NULL:
        return fault_set(&self.fault, FAULT_NO_MEMORY, 0, 0, 0)
    for i in range(first, self.unit_count):
        unit = &self.units[i]
        if (unit.kind == UNIT_ITEM or unit.kind == UNIT_SKIPPED) and unit.field.oneof:
            members[count].oneof, members[count].unit = unit.field.oneof, unit
            count += 1
    if sort_records(members, count, sizeof(Member), &_member_before) < 0:
        free(members)
        return fault_set(&self.fault, FAULT_NO_MEMORY, 0, 0, 0)
    while count > 1:                       # progress: towards the first
        count -= 1
        if members[count - 1].oneof != members[count].oneof:
            continue
        if (members[count].oneof == switched
                or members[count - 1].unit.field != members[count].unit.field):
            switched = members[count].oneof
            members[count - 1].unit.kind = UNIT_SKIPPED
    free(members)
    return 0


cdef int _maps_settle(Encoder *self) noexcept nogil:
    """Entries of each map in the order of their keys, the last of equal ones only."""
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef size_t kept = frame.first, at = frame.first, stop
    cdef size_t left
    while at < self.unit_count:            # progress: stop > at
        stop = at + 1
        left = 1
        if self.units[at].kind == UNIT_ENTRY:
            while (stop < self.unit_count and self.units[stop].kind == UNIT_ENTRY
                    and self.units[stop].order == self.units[at].order):
                stop += 1                  # progress: towards the count
            left = stop - at
            if left > 1 and entries_settle(frame, &self.units[at], &left, &self.fault) < 0:
                return -1
        while left:                        # progress: one less
            self.units[kept] = self.units[at]
            kept, at, left = kept + 1, at + 1, left - 1
        at = stop
    self.unit_count = kept
    return 0
