"""Entries of map fields in the order of their keys.

The order is upb's, measured: numbers descend as if they were unsigned, strings ascend bytewise, but
one that begins with another comes before it.
"""

from libc.stdint cimport SIZE_MAX, int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp

from cursor cimport Item, field_takes
from leaves cimport sort_records, varint_settled
from tensorwire._core.index cimport Piece, Scan, scan_begin, scan_next
from objects cimport object_bits, object_text
from wire cimport (
    FAULT_NO_MEMORY, KIND_FIXED32, KIND_SINT32, KIND_SINT64, KIND_STRING, WIRE_FIXED32,
    WIRE_VARINT, Fault, FieldPlan, MessagePlan, fault_set, kind_wire, le_load32, le_load64,
    plan_field,
)

cdef enum:
    # protobuf.dev/programming-guides/encoding, "Maps"
    KEY_NUMBER = 1

cdef struct Key:
    uint64_t number          # 0 of a text
    const uint8_t *text
    size_t length
    Unit unit


cdef inline void _scan(Scan *scan, const uint8_t *base, Piece *piece, size_t start,
                       size_t stop) noexcept nogil:
    piece.start, piece.stop = start, stop
    scan_begin(scan, base, piece, 1)


cdef int entry_check(const MessagePlan *plan, const uint8_t *base, size_t start, size_t stop,
                     Fault *fault) noexcept nogil:
    cdef const FieldPlan *field
    cdef Piece piece
    cdef Scan scan
    cdef Item item
    cdef int status
    _scan(&scan, base, &piece, start, stop)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, fault)
        if status <= 0:
            return status if status < 0 else 1
        field = plan_field(plan, item.tag >> 3)
        if field == NULL or not field_takes(plan, field, &item):
            return 0


cdef inline uint64_t _bits(uint8_t kind, const uint8_t *base, const Item *item) noexcept nogil:
    """The value of a number's item, as 64 bits of two's complement."""
    cdef uint64_t value
    cdef uint8_t wire = kind_wire(kind)
    if wire == WIRE_FIXED32:
        if kind == KIND_FIXED32:
            return le_load32(base + item.start)
        return <uint64_t> <int64_t> <int32_t> le_load32(base + item.start)
    if wire != WIRE_VARINT:
        return le_load64(base + item.start)
    value = varint_settled(kind, item.value)
    if kind == KIND_SINT32 or kind == KIND_SINT64:
        return (value >> 1) ^ (0 - (value & 1))
    return value


cdef int _key_read(const MessagePlan *plan, const uint8_t *base, const Unit *unit, Key *key,
                   Fault *fault) noexcept nogil:
    """The last key of an entry, or the default one."""
    cdef const FieldPlan *field = plan_field(plan, KEY_NUMBER)
    cdef Piece piece
    cdef Scan scan
    cdef Item item
    cdef int status
    key.text, key.length, key.unit = base, 0, unit[0]
    key.number = 0
    _scan(&scan, base, &piece, unit.start, <size_t> unit.word)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, fault)
        if status <= 0:
            return status
        if item.tag != field.tag:
            continue
        if field.kind == KIND_STRING:
            key.text, key.length = base + item.start, item.stop - item.start
        else:
            key.number = _bits(field.kind, base, &item)


cdef int _compare(const Key *a, const Key *b) noexcept nogil:
    cdef int order
    if a.number != b.number:
        return -1 if a.number > b.number else 1
    if a.length and b.length:
        order = memcmp(a.text, b.text, min(a.length, b.length))
        if order != 0:
            return order
    if a.length == b.length:
        return 0
    return -1 if a.length > b.length else 1


cdef int _key_before(const void *a, const void *b) noexcept nogil:
    return _compare(<const Key *> a, <const Key *> b) < 0


cdef Key *_keys(size_t count, Fault *fault) noexcept nogil:
    cdef Key *keys = NULL
    if count <= SIZE_MAX // sizeof(Key):
        keys = <Key *> malloc(count * sizeof(Key))
    if keys == NULL:
        fault_set(fault, FAULT_NO_MEMORY, 0, 0, 0)
    return keys


cdef int entries_settle(const Frame *frame, Unit *units, size_t *count,
                        Fault *fault) noexcept nogil:
    cdef const MessagePlan *plan = units.field.message
    cdef Key *keys = _keys(count[0], fault)
    cdef size_t i
    cdef int status = 0
    if keys == NULL:
        return -1
    for i in range(count[0]):
        status = _key_read(plan, frame.base, &units[i], &keys[i], fault)
        if status < 0:
            break
    if status == 0:
        status = _keys_sort(keys, units, count, fault)
    free(keys)
    return status


cdef int _keys_sort(Key *keys, Unit *units, size_t *count, Fault *fault) noexcept nogil:
    """Writes the units back in order; the sort is stable, so that the last of equal ones stays."""
    cdef size_t kept = 0, i
    if sort_records(keys, count[0], sizeof(Key), &_key_before) < 0:
        return fault_set(fault, FAULT_NO_MEMORY, 0, 0, 0)
    for i in range(count[0]):
        if i + 1 < count[0] and _compare(&keys[i], &keys[i + 1]) == 0:
            continue
        units[kept] = keys[i].unit
        kept += 1
    count[0] = kept
    return 0


cdef int pairs_sort(const FieldPlan *key, Unit *units, size_t count, Fault *fault) noexcept nogil:
    cdef Key *keys = _keys(count, fault)
    cdef size_t i
    cdef int status = 0
    if keys == NULL:
        return -1
    for i in range(count):
        keys[i].unit = units[i]
        keys[i].text, keys[i].length, keys[i].number = NULL, 0, 0
        if key.kind == KIND_STRING:
            status = object_text(<void *> units[i].start, &keys[i].text, &keys[i].length)
        else:
            status = object_bits(key.kind, <void *> units[i].start, &keys[i].number)
        if status < 0:
            break
    if status == 0:
        status = _keys_sort(keys, units, &count, fault)
    free(keys)
    return status
