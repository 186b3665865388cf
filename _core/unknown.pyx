"""Unknown fields: what the bytes hold beyond the schema, and what was added since.

Source: measured on upb. Unknown are: numbers that the schema lacks, wire types that a field does
not take, numbers that a closed enum lacks (each by itself out of a packed run), and map entries
that hold anything but a key and a value.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from cursor cimport Item, field_takes
from tensorwire._core.index cimport Scan, scan_next
from tensorwire._core.maps cimport map_entry_at, map_entry_is_known
from tensorwire._core.find cimport message_scan
from tensorwire._core.message cimport Message, message_fault
from tensorwire._core.node cimport MESSAGE_NO_UNKNOWN
from tensorwire._core.tree cimport message_touch
from wire cimport (
    FIELD_CLOSED, FIELD_MAP, WIRE_LEN, WIRE_VARINT, Fault, FieldPlan, enum_knows, plan_field,
    varint_decode,
)
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from tensorwire._core.edits cimport edits_reserve


cdef bytes unknown_bytes(Message self):
    cdef list parts = []
    if self.flags & MESSAGE_NO_UNKNOWN == 0 and self.owner != NULL:
        _collect(self, parts)
    if self.edits != NULL and self.edits.unknown != NULL:
        parts += <list> self.edits.unknown
    return b"".join(parts)


def unknown_fields(Message message not None, /) -> bytes:
    """The unknown fields of one message, encoded one behind the other."""
    return unknown_bytes(message)


cdef int _collect(Message self, list parts) except -1:
    cdef const FieldPlan *field
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status
    message_scan(self, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status < 0:
            raise message_fault(self, &fault)
        if status == 0:
            return 0
        field = plan_field(self.plan, item.tag >> 3)
        if (field == NULL or not field_takes(self.plan, field, &item)
                or field.flags & FIELD_MAP
                and not map_entry_is_known(map_entry_at(self, field, &item))):
            parts.append((<const char *> self.base)[item.at:item.after])
        elif field.flags & FIELD_CLOSED and item.tag & 7 == WIRE_LEN:
            _collect_numbers(self, field, &item, parts)


cdef int _collect_numbers(Message self, const FieldPlan *field, const Item *item,
                          list parts) except -1:
    """Out of a packed run of a closed enum, the numbers that it lacks."""
    cdef size_t at = item.start
    cdef uint64_t value
    cdef int used
    while at < item.stop:                  # progress: used > 0
        used = varint_decode(self.base + at, self.base + item.stop, &value)
        if used <= 0:
            return 0                       # the bytes have changed
        if not enum_knows(field.enumeration, <int32_t> value):
            value = <uint64_t> <int64_t> <int32_t> value
            parts.append(_varint(field.number << 3 | WIRE_VARINT) + _varint(value))
        at += used
    return 0


cdef bytes _varint(uint64_t value):
    cdef uint8_t out[10]
    cdef int size = 0
    while value >= 0x80:                   # progress: value shrinks
        out[size] = <uint8_t> (value & 0x7f | 0x80)
        value >>= 7
        size += 1
    out[size] = <uint8_t> value
    return (<const char *> out)[:size + 1]


cdef int unknown_add(Message self, bytes more) except -1:
    message_touch(self)
    edits_reserve(&self.edits)
    if self.edits.unknown == NULL:
        parts = []
        self.edits.unknown = <PyObject *> parts
        Py_INCREF(parts)
    (<list> self.edits.unknown).append(more)
    return 0
