"""The index of a message: where the items of each present field are.

One entry per *present* field, never one per field of the schema, and made only for messages with
so many items that it stays below twice their tags and lengths.
"""

from cpython.mem cimport PyMem_RawFree, PyMem_RawRealloc
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memmove

from cursor cimport Item, field_takes, item_read
from wire cimport FAULT_NO_MEMORY, Fault, FieldPlan, MessagePlan, fault_set, plan_field, plan_slot

cdef enum:
    FIRST_ROOM = 8

cdef Index NO_INDEX_PLACE
NO_INDEX = &NO_INDEX_PLACE


cdef Entry *index_entry(Index *index, uint32_t slot) noexcept nogil:
    cdef size_t low = 0, high = index.count, mid
    while low < high:                      # progress: the range halves
        mid = (low + high) // 2
        if index.entries[mid].slot < slot:
            low = mid + 1
        else:
            high = mid
    if low < index.count and index.entries[low].slot == slot:
        return &index.entries[low]
    return NULL


cdef void scan_begin(Scan *scan, const uint8_t *base, const Piece *pieces,
                     size_t count) noexcept nogil:
    """REQUIRES: count > 0, and ``pieces`` outlive the scan."""
    scan.base = base
    scan.piece, scan.piece_end = pieces, pieces + count
    scan.at, scan.stop = pieces.start, pieces.stop


cdef int scan_next(Scan *scan, Item *item, Fault *fault) noexcept nogil:
    while scan.at == scan.stop:            # progress: the piece advances
        if scan.piece + 1 == scan.piece_end:
            return 0
        scan.piece += 1
        scan.at, scan.stop = scan.piece.start, scan.piece.stop
    if item_read(scan.base, scan.at, scan.stop, item, fault) < 0:
        return -1
    scan.at = item.after
    return 1


cdef Index *index_build(const MessagePlan *plan, Scan *scan, bint forced, Fault *fault) noexcept:
    cdef Index *index = NULL
    cdef size_t items = 0
    cdef Item item
    cdef int status = _grow(&index, FIRST_ROOM)
    if status < 0:
        fault_set(fault, FAULT_NO_MEMORY, scan.at, 0, 0)
        return NULL
    while True:                            # progress: scan_next advances
        status = scan_next(scan, &item, fault)
        if status == 1 and _note(plan, &index, &item) < 0:
            status = fault_set(fault, FAULT_NO_MEMORY, item.at, 0, 0)
        if status < 0:
            index_free(index)
            return NULL
        if status == 0:
            break
        items += 1
    # An item has two bytes of structure or more. The starts of all items take four bytes each, so
    # four are left for this block: together four times the structure.
    if not forced and sizeof(Index) + index.count * sizeof(Entry) > 4 * items:
        index_free(index)
        return NO_INDEX
    _grow(&index, max(index.count, 1))     # shrinks; staying large would do no harm
    return index


cdef int _grow(Index **place, size_t room) noexcept:
    """Room for that many entries; -1 without memory, the old index then stays as it was."""
    cdef Index *grown = <Index *> PyMem_RawRealloc(place[0], sizeof(Index) + room * sizeof(Entry))
    if grown == NULL:
        return -1
    if place[0] == NULL:
        grown.count = 0
    grown.room = room
    place[0] = grown
    return 0


cdef int _note(const MessagePlan *plan, Index **place, const Item *item) noexcept:
    """Counts one item in. -1 without memory."""
    cdef const FieldPlan *field = plan_field(plan, item.tag >> 3)
    cdef Index *index = place[0]
    cdef Entry *entry
    if field == NULL or not field_takes(plan, field, item):
        return 0
    if index.count and index.entries[index.count - 1].slot == field.slot:
        entry = &index.entries[index.count - 1]
    else:
        entry = index_entry(index, field.slot)
    if entry == NULL:
        if index.count == index.room and _grow(place, 2 * index.room) < 0:
            return -1
        index = place[0]
        entry = _entry_insert(index, field.slot)
    if entry.count == 0:
        entry.first = item.at
    entry.count += 1
    entry.last = item.at
    if field.oneof:
        _clear_others(plan, index, field)
    return 0


cdef Entry *_entry_insert(Index *index, uint32_t slot) noexcept:
    """REQUIRES: room for one more, and no entry of that slot."""
    cdef size_t place = index.count
    while place > 0 and index.entries[place - 1].slot > slot:
        place -= 1
    memmove(&index.entries[place + 1], &index.entries[place],
            (index.count - place) * sizeof(Entry))
    index.count += 1
    index.entries[place].slot = slot
    index.entries[place].count = 0
    index.entries[place].starts = NULL
    return &index.entries[place]


cdef void _clear_others(const MessagePlan *plan, Index *index, const FieldPlan *field) noexcept:
    """The last member of a oneof wins, and the others are as if never met."""
    cdef size_t i
    for i in range(index.count):
        if (index.entries[i].slot != field.slot
                and plan_slot(plan, index.entries[i].slot).oneof == field.oneof):
            index.entries[i].count = 0


cdef void index_free(Index *index) noexcept:
    cdef size_t i
    if index != NULL and index != NO_INDEX:
        for i in range(index.count):
            PyMem_RawFree(index.entries[i].starts)
        PyMem_RawFree(index)
