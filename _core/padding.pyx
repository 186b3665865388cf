"""Aligning large payloads, by a means that leaves the message what it is for every reader.

The payload of a singular bytes field is preceded by another occurrence of the same field, of as
many zero bytes as it takes: of a singular field that comes again, the last occurrence counts.
Source: protobuf.dev/programming-guides/encoding, "Last One Wins".

Output is written from its end and alignment counts from its beginning, so that paddings are found
by counting: each pass counts the bytes with the paddings of the one before. They only grow, so
that the lengths around them, of one to ten bytes, come to rest.
"""

from libc.stdint cimport SIZE_MAX, uint8_t, uint32_t
from libc.stdlib cimport free, realloc
from libc.string cimport memset

from tensorwire._core.output cimport (
    Output, output_number, output_payload, output_size, output_space,
)
from tensorwire._core.units cimport Payload
from wire cimport FAULT_NO_MEMORY, FIELD_REPEATED, KIND_BYTES, fault_set, varint_size

cdef enum:
    FIRST_ROOM = 64


cdef inline bint _is_padded(const FieldPlan *field, size_t length, bint in_entry) noexcept nogil:
    return (length >= PADDING_PAYLOAD and field.kind == KIND_BYTES
            and field.flags & FIELD_REPEATED == 0 and not in_entry)


cdef int padding_write(Encoder *self, const FieldPlan *field, const uint8_t *at, size_t length,
                       void *owner) noexcept nogil:
    cdef Payload *payload
    cdef bint in_entry = self.frames[self.frame_count - 1].plan.map_entry
    output_payload(self.out, at, length, owner, field.tag)
    if not _is_padded(field, length, in_entry):
        return 0
    payload = _next(self)
    if payload == NULL:
        return -1
    payload.tag = field.tag
    payload.place = output_size(self.out) - varint_size(length) - varint_size(field.tag)
    _write(self.out, payload)
    return 0


cdef Payload *_next(Encoder *self) noexcept nogil:
    """The record of the payload that is met now. NULL and a fault without memory."""
    cdef Padding *padding = self.padding
    cdef size_t room = 2 * padding.room + FIRST_ROOM
    cdef void *grown
    if padding.next == padding.room:
        grown = realloc(padding.payloads, room * sizeof(Payload))
        if grown == NULL:
            fault_set(&self.fault, FAULT_NO_MEMORY, 0, 0, 0)
            return NULL
        padding.payloads, padding.room = <Payload *> grown, room
    if padding.next == padding.count:
        padding.payloads[padding.next].padding = 0
        padding.count += 1
    padding.next += 1
    return &padding.payloads[padding.next - 1]


cdef void _write(Output *out, const Payload *payload) noexcept nogil:
    cdef size_t length
    cdef uint8_t *at
    if payload.padding == 0:
        return
    length = _content(payload.tag, payload.padding)
    at = output_space(out, length)
    if at != NULL:
        memset(at, 0, length)
    output_number(out, length, payload.tag)


cdef size_t _content(uint32_t tag, size_t padding) noexcept nogil:
    """The zero bytes of an occurrence of so many bytes; SIZE_MAX where there is none."""
    cdef size_t head = varint_size(tag), size
    for size in range(1, 6):
        if padding >= head + size and varint_size(padding - head - size) == size:
            return padding - head - size
    return SIZE_MAX


cdef bint padding_adjust(Padding *self, size_t total) noexcept nogil:
    cdef Payload *payload
    cdef size_t added = 0, missing
    cdef size_t i = self.count
    while i:                               # progress: from the first payload to the last
        i -= 1
        payload = &self.payloads[i]
        missing = (total - payload.place + added) % self.align
        if missing == 0:
            continue
        missing = self.align - missing
        while _content(payload.tag, payload.padding + missing) == SIZE_MAX:
            missing += self.align          # progress: few sizes cannot be had, all of them small
        payload.padding += missing
        added += missing
    self.next = 0
    return added != 0


cdef void padding_free(Padding *self) noexcept nogil:
    free(self.payloads)
