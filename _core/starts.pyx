"""Random access into repeated fields: a table of starts, made on first indexed use.

Strings, bytes and messages get one offset per element: 4 bytes each, 8 in messages beyond 4 GiB.
Numbers, which may be a byte each, get one checkpoint per 64 elements, or per more where they lie
in few long runs, and are walked from there.
"""

from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from libc.stdint cimport UINT32_MAX, uint8_t, uint32_t

from cursor cimport Item, item_read
from elements cimport Elements, elements_begin, elements_next
from tensorwire._core.index cimport Entry, Index, Scan, index_entry, scan_next
from tensorwire._core.find cimport Found, message_find, message_index, message_scan_found
from tensorwire._core.message cimport Message, message_changed, message_fault
from wire cimport (
    WIRE_LEN, WIRE_VARINT, Fault, FieldPlan, kind_packable, kind_wire, pointer_acquire,
    pointer_publish, wire_width,
)

cdef enum:
    # Elements that are found faster by walking than by a table.
    WALK = 32
    STRIDE = 64
    # So many checkpoints, 256 KiB, whatever the items; above, one for every eight items, which
    # have two bytes of structure or more each.
    CHECKPOINTS = 16 * 1024


cdef struct Checkpoint:
    size_t at                # the element inside its run, or its own item
    size_t run_stop          # end of the run; 0 for a single item


cdef struct Starts:
    size_t length            # elements
    size_t base              # what narrow offsets count from
    size_t stride            # elements per Checkpoint
    bint wide
    # Behind it: uint32_t or size_t offsets of items, or Checkpoints.


cdef inline void *_table(Starts *starts) noexcept nogil:
    return starts + 1


# -- length --------------------------------------------------------------------------------------

cdef Py_ssize_t field_length(Message self, const FieldPlan *field) except -1:
    """At most linear in the field's bytes, and that only for varints without a table."""
    cdef Found found
    cdef Starts *known
    cdef uint8_t wire = kind_wire(field.kind)
    message_find(self, field, &found)
    if found.count == 0 or not kind_packable(field.kind):
        return found.count
    if found.entry != NULL:
        known = <Starts *> pointer_acquire(&found.entry.starts)
        if known != NULL:
            return known.length
    if _single_fixed_run(field, &found):
        return (found.last.stop - found.last.start) // wire_width(wire)
    return _count_elements(self, field)


cdef inline bint _single_fixed_run(const FieldPlan *field, Found *found) noexcept:
    return (found.count == 1 and found.last.tag & 7 == WIRE_LEN
            and kind_wire(field.kind) != WIRE_VARINT)


cdef Py_ssize_t _count_elements(Message self, const FieldPlan *field) except -1:
    cdef Elements walk
    cdef Found found
    cdef Fault fault
    cdef Py_ssize_t length = 0
    cdef int status = elements_begin(&walk, self, field, &found)
    while status > 0:                      # progress: elements_next advances
        status = elements_next(&walk, self.plan, &fault)
        length += status == 1
    if status < 0:
        raise message_fault(self, &fault)
    return length


# -- one element ---------------------------------------------------------------------------------

cdef int item_at(Message self, const FieldPlan *field, size_t place, Item *item) except -1:
    cdef Found found
    cdef Starts *starts
    cdef Scan scan
    cdef Fault fault
    cdef size_t at
    message_find(self, field, &found)
    if found.count == 0:                   # gone since its length was read: `first` says nothing
        raise message_changed(self, self.whole.start)
    if found.count <= WALK:
        message_scan_found(self, &found, &scan)
        return _walk_items(self, field, &scan, place, item)
    starts = _starts(self, field)
    if place >= starts.length:
        raise message_changed(self, self.whole.start)
    if starts.wide:
        at = (<size_t *> _table(starts))[place]
    else:
        at = starts.base + (<uint32_t *> _table(starts))[place]
    if item_read(self.base, at, self.whole.stop, item, &fault) < 0:
        raise message_fault(self, &fault)
    if item.tag != field.tag:
        raise message_changed(self, self.whole.start)
    return 0


cdef int _walk_items(Message self, const FieldPlan *field, Scan *scan, size_t place,
                     Item *item) except -1:
    cdef Fault fault
    cdef int status
    while True:                            # progress: scan_next advances
        status = scan_next(scan, item, &fault)
        if status == 1 and item.tag != field.tag:
            continue
        if status == 1 and place > 0:
            place -= 1
            continue
        if status == 0:                    # fewer elements than were counted
            raise message_changed(self, self.whole.start)
        if status < 0:
            raise message_fault(self, &fault)
        return 0


cdef int element_at(Message self, const FieldPlan *field, size_t place, Elements *walk) except -1:
    cdef Found found
    cdef Starts *starts
    cdef Fault fault
    cdef int status
    if not elements_begin(walk, self, field, &found):
        raise message_changed(self, self.whole.start)
    if _single_fixed_run(field, &found):
        if place >= (found.last.stop - found.last.start) // wire_width(kind_wire(field.kind)):
            raise message_changed(self, self.whole.start)
        walk.place = found.last.start + place * wire_width(kind_wire(field.kind))
        return 0
    if found.last.after - found.first > STRIDE:
        starts = _starts(self, field)
        if place >= starts.length:
            raise message_changed(self, self.whole.start)
        _resume(self, starts, place // starts.stride, walk)
        place %= starts.stride
    while True:                            # progress: elements_next advances
        status = elements_next(walk, self.plan, &fault)
        if status == 0:                    # fewer elements than were counted
            raise message_changed(self, self.whole.start)
        if status < 0:
            raise message_fault(self, &fault)
        if place == 0:
            return 0
        place -= 1


cdef void _resume(Message self, Starts *starts, size_t checkpoint, Elements *walk) noexcept:
    """Puts the walk right before the element of that checkpoint."""
    cdef Checkpoint *point = &(<Checkpoint *> _table(starts))[checkpoint]
    cdef Found found
    walk.at = walk.stop = 0
    found.first = point.run_stop if point.run_stop else point.at
    message_scan_found(self, &found, &walk.scan)
    if point.run_stop:
        walk.at, walk.stop = point.at, point.run_stop


# -- the tables ----------------------------------------------------------------------------------

cdef Starts *_starts(Message self, const FieldPlan *field) except NULL:
    """The field's table, made now unless another thread was first."""
    cdef Index *index = message_index(self, True)
    cdef Entry *entry = index_entry(index, field.slot)
    cdef Starts *starts
    if entry == NULL:                      # the field was there a moment ago
        raise message_changed(self, self.whole.start)
    starts = <Starts *> pointer_acquire(&entry.starts)
    if starts == NULL:
        starts = _checkpoints(self, field) if kind_packable(field.kind) else _offsets(self, field)
        if not pointer_publish(&entry.starts, NULL, starts):
            PyMem_RawFree(starts)
        starts = <Starts *> pointer_acquire(&entry.starts)
    return starts


cdef Starts *_starts_new(size_t length, size_t entry_size, size_t entries) except NULL:
    """``entries`` is at most the number of items counted in the bytes."""
    cdef Starts *starts = <Starts *> PyMem_RawMalloc(sizeof(Starts) + entries * entry_size)
    if starts == NULL:
        raise MemoryError
    starts.length = length
    starts.wide = entry_size == sizeof(size_t)
    return starts


cdef Starts *_offsets(Message self, const FieldPlan *field) except NULL:
    cdef Found found
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef size_t count = 0
    cdef bint wide = self.whole.stop - self.whole.start > UINT32_MAX
    message_find(self, field, &found)
    if found.count == 0:
        raise message_changed(self, self.whole.start)
    cdef Starts *starts = _starts_new(found.count, sizeof(size_t) if wide else sizeof(uint32_t),
                                      found.count)
    starts.base = self.whole.start
    message_scan_found(self, &found, &scan)
    while count < found.count and scan_next(&scan, &item, &fault) > 0:
        if item.tag == field.tag:
            if wide:
                (<size_t *> _table(starts))[count] = item.at
            else:
                (<uint32_t *> _table(starts))[count] = <uint32_t> (item.at - self.whole.start)
            count += 1
    if count < found.count:
        PyMem_RawFree(starts)
        raise message_changed(self, self.whole.start)
    return starts


cdef Starts *_checkpoints(Message self, const FieldPlan *field) except NULL:
    cdef size_t length = _count_elements(self, field), count = 0
    cdef Elements walk
    cdef Found found
    cdef Fault fault
    cdef int status = elements_begin(&walk, self, field, &found)
    cdef size_t stride = max(STRIDE, length // (CHECKPOINTS + found.count // 8))
    cdef Starts *starts = _starts_new(length, sizeof(Checkpoint), length // stride + 1)
    cdef Checkpoint *points = <Checkpoint *> _table(starts)
    starts.stride = stride
    while status > 0 and count < length:   # progress: elements_next advances
        status = elements_next(&walk, self.plan, &fault)
        if status != 1:
            continue
        if count % stride == 0:
            points[count // stride].at = walk.item
            points[count // stride].run_stop = walk.stop if walk.item == walk.place else 0
        count += 1
    if count < length:
        PyMem_RawFree(starts)
        raise message_changed(self, self.whole.start)
    return starts
