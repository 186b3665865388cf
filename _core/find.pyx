"""Finding fields in the bytes of a message.

Nothing is located before it is asked for. A short message is scanned again for every read; one
with many items gets an index with an entry per *present* field.
"""

from libc.stdint cimport UINT32_MAX, uint32_t, uint64_t

from cursor cimport Item, field_takes, item_read
from tensorwire._core.index cimport (
    NO_INDEX, Entry, Index, Scan, index_build, index_entry, index_free, scan_begin, scan_next,
)
from tensorwire._core.message cimport Message, message_changed, message_fault
from tensorwire._core.node cimport MESSAGE_CANONICAL
from wire cimport (
    FIELD_REPEATED, Fault, FieldPlan, MessagePlan, plan_field, pointer_acquire, pointer_publish,
    skip_below, word_relaxed, word_store_relaxed,
)

cdef enum:
    # Items that a read may scan before an index is made; a scan of 48 costs about as much as
    # making the index (0.1 us).
    SCAN_ITEMS = 48


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
