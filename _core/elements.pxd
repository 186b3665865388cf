"""Walks the numbers of a repeated field: packed runs and single items alike, in wire order.

A writer may split a run, mix runs with single items, or use the form that the schema does not
declare; all of it is one sequence.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from cursor cimport Item, field_takes
from tensorwire._core.index cimport Scan, scan_next
from tensorwire._core.find cimport Found, message_find, message_scan_found
from tensorwire._core.message cimport Message
from wire cimport (
    FAULT_TRUNCATED, FIELD_CLOSED, KIND_BOOL, KIND_ENUM, KIND_INT32, KIND_INT64, KIND_SFIXED32,
    KIND_SINT32, KIND_UINT32, KIND_UINT64, WIRE_FIXED32, WIRE_FIXED64, WIRE_LEN, WIRE_VARINT, Fault,
    FieldPlan, MessagePlan, enum_knows, le_load32, le_load64,
    fault_set, kind_wire, varint_decode, varint_fault, wire_width,
)


cdef struct Elements:
    Scan scan
    const FieldPlan *field
    size_t at                # next element of the open packed run
    size_t stop              # its end; at == stop: none is open
    size_t item              # the current element: its item, or itself inside a run
    size_t place             # where its payload lies
    uint64_t value           # of a varint


cdef inline int elements_begin(Elements *walk, Message parent, const FieldPlan *field,
                        Found *found) except -1:
    """1, or 0 if the field is absent."""
    message_find(parent, field, found)
    walk.field = field
    walk.at = walk.stop = 0
    if found.count == 0:
        return 0
    message_scan_found(parent, found, &walk.scan)
    return 1


cdef inline int elements_next(Elements *walk, const MessagePlan *plan, Fault *fault) noexcept nogil:
    """1 and ``place``, ``value`` of the next element; 0 at the end; -1 and a filled fault."""
    cdef Item item
    cdef int status
    while True:                            # progress: the run or the scan advances
        if walk.at != walk.stop:
            status = elements_run_next(walk, plan, fault)
            if status != 0:
                return status
            continue
        status = scan_next(&walk.scan, &item, fault)
        if status <= 0:
            return status
        if item.tag >> 3 != walk.field.number or not field_takes(plan, walk.field, &item):
            continue
        if item.tag & 7 == WIRE_LEN:
            walk.at, walk.stop = item.start, item.stop
            continue
        walk.item, walk.place, walk.value = item.at, item.start, item.value
        return 1


cdef inline int elements_run_next(Elements *walk, const MessagePlan *plan,
                                  Fault *fault) noexcept nogil:
    """The open run's next element: 1; 0 for an unknown number of a closed enum; -1: a fault."""
    cdef uint8_t wire = kind_wire(walk.field.kind)
    cdef size_t width = wire_width(wire)
    cdef const uint8_t *base = walk.scan.base
    cdef int used
    walk.item = walk.place = walk.at
    if wire != WIRE_VARINT:
        if walk.stop - walk.at < width:    # at < stop: no wrap
            return fault_set(fault, FAULT_TRUNCATED, walk.at, width, walk.stop - walk.at)
        walk.at += width
        return 1
    used = varint_decode(base + walk.at, base + walk.stop, &walk.value)
    if used <= 0:
        return varint_fault(walk.at, used, fault)
    walk.at += used
    if walk.field.flags & FIELD_CLOSED:
        return enum_knows(walk.field.enumeration, <int32_t> walk.value)
    return 1


cdef inline uint64_t element_bits(uint8_t kind, const uint8_t *at, uint64_t value) noexcept nogil:
    """A number as an EDIT_NUMBER holds it: ``value`` for varints, else the bytes at ``at``."""
    cdef uint32_t low = <uint32_t> value
    cdef uint8_t wire = kind_wire(kind)
    if wire == WIRE_FIXED64:
        return le_load64(at)
    if wire == WIRE_FIXED32:
        low = le_load32(at)
        return <uint64_t> <int64_t> <int32_t> low if kind == KIND_SFIXED32 else low
    if kind == KIND_INT64 or kind == KIND_UINT64:
        return value
    if kind == KIND_INT32 or kind == KIND_ENUM:
        return <uint64_t> <int64_t> <int32_t> low
    if kind == KIND_BOOL:
        return value != 0
    if kind == KIND_UINT32:
        return low
    if kind == KIND_SINT32:
        return <uint64_t> <int64_t> <int32_t> ((low >> 1) ^ (0 - (low & 1)))
    return (value >> 1) ^ (0 - (value & 1))
