"""The bounds-checked cursor over items, for reading what was verified once.

The bytes may have changed since (a mapped file), so every step is checked again: a read may then
give other values or a fault, but never leaves ``[at, stop)``.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from wire cimport (
    FAULT_BAD_WIRE, FAULT_OPEN_GROUP, FAULT_TRUNCATED, FIELD_CLOSED, FIELD_REPEATED, WIRE_END,
    WIRE_FIXED32, WIRE_FIXED64, WIRE_LEN, WIRE_START, WIRE_VARINT, Fault, FieldPlan, MessagePlan,
    enum_knows, fault_set, kind_packable, length_decode, tag_decode, tag_fault, varint_decode,
    varint_fault, wire_width,
)


cdef struct Item:
    # Offsets count from the base that the reader was given.
    uint32_t tag
    size_t at                # the tag's first byte
    size_t start             # the payload, of a group without its end tag
    size_t stop
    size_t after             # first byte behind the item
    uint64_t value           # of a varint


cdef inline int item_group(const uint8_t *base, size_t at, size_t stop, Item *item,
                           Fault *fault) noexcept nogil:
    """Finds the end of the group that starts before ``at``. Matching was verified: count only."""
    cdef size_t open_groups = 1
    cdef Item inner
    item.start = at
    while at < stop:                       # progress: an item is at least one byte
        if item_head(base, at, stop, &inner, fault) < 0:
            return -1
        if inner.tag & 7 == WIRE_END:
            open_groups -= 1
            if open_groups == 0:
                item.stop = at
                item.after = inner.after
                return 0
        elif inner.tag & 7 == WIRE_START:
            open_groups += 1
        at = inner.after
    return fault_set(fault, FAULT_OPEN_GROUP, item.at, item.tag >> 3, 0)


cdef inline bint item_simple(const uint8_t *base, size_t at, size_t stop,
                             Item *item) noexcept nogil:
    """Reads an item that most are like: number below 32, a value or length of one byte.

    False for any other, truncated ones among them: then nothing is known about it.
    """
    cdef const uint8_t *place = base + at
    cdef size_t start = at + 2
    cdef uint32_t tag, value, wire
    if stop - at < 3:
        return False
    tag, value = place[0], place[1]
    if tag >= 0x80:
        if value != 1:                     # of two bytes, the tag equals its first one
            return False
        value = place[2]
        start += 1
    wire = tag & 7
    if value >= 0x80 or tag < 8:
        return False
    if wire == WIRE_LEN:
        if value > stop - start:           # start <= stop: three bytes were there
            return False
        item.start = start
        item.stop = start + value
    elif wire == WIRE_VARINT:
        item.start = start - 1
        item.stop = start
        item.value = value
    else:
        return False
    item.tag = tag
    item.after = item.stop
    return True


cdef inline int item_head(const uint8_t *base, size_t at, size_t stop, Item *item,
                          Fault *fault) noexcept nogil:
    """One item, or one start or end tag of a group with nothing inside. REQUIRES: at < stop."""
    cdef const uint8_t *place = base + at
    cdef const uint8_t *end = base + stop
    cdef const uint8_t *payload = NULL
    cdef size_t length = 0
    cdef uint32_t wire
    cdef int used
    item.at = at
    if item_simple(base, at, stop, item):
        return 0
    used = tag_decode(place, end, &item.tag)
    if used <= 0:
        return tag_fault(base, place, used, fault)
    item.start = at + used
    wire = item.tag & 7
    if wire == WIRE_LEN:
        if length_decode(base, place, place + used, end, &payload, &length, fault) < 0:
            return -1
        item.start = payload - base
        item.stop = item.start + length
    elif wire == WIRE_VARINT:
        used = varint_decode(place + used, end, &item.value)
        if used <= 0:
            return varint_fault(at, used, fault)
        item.stop = item.start + used
    elif wire == WIRE_FIXED32 or wire == WIRE_FIXED64:
        length = wire_width(wire)
        if stop - item.start < length:     # start <= stop: the tag was inside
            return fault_set(fault, FAULT_TRUNCATED, at, length, stop - item.start)
        item.stop = item.start + length
    elif wire == WIRE_START or wire == WIRE_END:
        item.stop = item.start
    else:
        return fault_set(fault, FAULT_BAD_WIRE, at, wire, 0)
    item.after = item.stop
    return 0


cdef inline int item_read(const uint8_t *base, size_t at, size_t stop, Item *item,
                          Fault *fault) noexcept nogil:
    """The item at ``at``: 0 and a filled item, or -1 and a filled fault. REQUIRES: at < stop."""
    if item_head(base, at, stop, item, fault) < 0:
        return -1
    if item.tag & 7 == WIRE_START:
        return item_group(base, item.start, stop, item, fault)
    return 0


cdef inline bint field_takes(const MessagePlan *plan, const FieldPlan *field,
                             const Item *item) noexcept nogil:
    """Whether an item of the field's number is read as the field, not as an unknown one."""
    if item.tag == field.tag:
        return (field.flags & FIELD_CLOSED == 0
                or enum_knows(field.enumeration, <int32_t> item.value))
    return (item.tag & 7 == WIRE_LEN and field.flags & FIELD_REPEATED != 0
            and kind_packable(field.kind))
