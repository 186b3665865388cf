"""Numbers, from the bytes or from lists, in the form that the schema declares."""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from kinds cimport varint_kind
from leaves cimport output_varints, varint_before, varint_of_number, varint_settled
from tensorwire._core.bulk cimport kernel_in_use
from tensorwire._core.edits cimport list_width
from tensorwire._core.output cimport (
    output_copy, output_fixed32, output_fixed64, output_number, output_range, output_size,
    output_varint,
)
from tensorwire._core.units cimport UNIT_RUN, Frame
from varint_bulk cimport varint_run_canonical
from wire cimport (
    FAULT_CHANGED, FIELD_CLOSED, FIELD_PACKED, WIRE_FIXED32, WIRE_LEN, WIRE_VARINT,
    enum_knows, fault_set, kind_wire, le_load32, le_load64, varint_decode,
    varint_fault, wire_width,
)


cdef inline uint32_t _run_tag(const FieldPlan *field) noexcept nogil:
    return field.number << 3 | WIRE_LEN


cdef void number_write(Output *out, const FieldPlan *field, uint64_t bits) noexcept nogil:
    cdef uint8_t wire = kind_wire(field.kind)
    if wire == WIRE_VARINT:
        output_number(out, varint_of_number(field.kind, bits), field.tag)
        return
    if wire == WIRE_FIXED32:
        output_fixed32(out, <uint32_t> bits)
    else:
        output_fixed64(out, bits)
    output_varint(out, field.tag)


cdef void number_copy(Output *out, uint8_t kind, const uint8_t *base,
                      const Unit *unit) noexcept nogil:
    cdef uint8_t wire = kind_wire(kind)
    if wire == WIRE_VARINT:
        output_varint(out, varint_settled(kind, unit.word))
    else:
        output_copy(out, base + unit.start, wire_width(wire))


cdef bint number_is_zero(uint8_t kind, const uint8_t *base, const Unit *unit) noexcept nogil:
    cdef uint8_t wire = kind_wire(kind)
    if wire == WIRE_VARINT:
        return varint_settled(kind, unit.word) == 0
    if wire == WIRE_FIXED32:
        return le_load32(base + unit.start) == 0
    return le_load64(base + unit.start) == 0


# -- from the bytes -------------------------------------------------------------------------------

cdef int numbers_write(Encoder *self, const Unit *unit) noexcept nogil:
    cdef const FieldPlan *field = unit.field
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef size_t mark = output_size(self.out), length
    cdef bint packed = field.flags & FIELD_PACKED != 0
    while True:                            # progress: towards the frame's first unit
        if unit.kind == UNIT_RUN:
            if _run_write(self, frame, unit, packed) < 0:
                return -1
        else:
            number_copy(self.out, field.kind, frame.base, unit)
            if not packed:
                output_varint(self.out, field.tag)
        if (self.unit_count == frame.first
                or self.units[self.unit_count - 1].order != unit.order):
            break
        self.unit_count -= 1
        unit = &self.units[self.unit_count]
    length = output_size(self.out) - mark
    if packed and length:                  # a run may have been empty
        output_number(self.out, length, _run_tag(field))
    return 0


cdef int _run_write(Encoder *self, const Frame *frame, const Unit *unit,
                    bint packed) noexcept nogil:
    cdef const FieldPlan *field = unit.field
    cdef const uint8_t *start = frame.base + unit.start
    cdef const uint8_t *stop = frame.base + <size_t> unit.word
    cdef uint8_t wire = kind_wire(field.kind)
    if wire != WIRE_VARINT:
        return _fixed_run_write(self, frame, unit, packed)
    if packed and field.flags & FIELD_CLOSED == 0:
        if varint_run_canonical(kernel_in_use(), start, stop, varint_kind(field.kind)):
            output_range(self.out, start, stop - start, frame.owner)
            return 0
    return _varint_run_write(self, frame, unit, packed)


cdef int _fixed_run_write(Encoder *self, const Frame *frame, const Unit *unit,
                          bint packed) noexcept nogil:
    cdef size_t width = wire_width(kind_wire(unit.field.kind)), stop = <size_t> unit.word
    if (stop - unit.start) % width:
        return fault_set(&self.fault, FAULT_CHANGED, unit.at, 0, 0)
    if packed:
        output_range(self.out, frame.base + unit.start, stop - unit.start, frame.owner)
        return 0
    while stop > unit.start:               # progress: the run is a multiple of the width
        stop -= width
        output_copy(self.out, frame.base + stop, width)
        output_varint(self.out, unit.field.tag)
    return 0


cdef int _varint_run_write(Encoder *self, const Frame *frame, const Unit *unit,
                           bint packed) noexcept nogil:
    """From the last element to the first. Numbers that a closed enum lacks are unknown fields."""
    cdef const FieldPlan *field = unit.field
    cdef const uint8_t *start = frame.base + unit.start
    cdef const uint8_t *stop = frame.base + <size_t> unit.word
    cdef const uint8_t *at
    cdef uint64_t value
    cdef int used
    while stop > start:                    # progress: at < stop
        at = varint_before(start, stop)
        used = varint_decode(at, stop, &value)
        if used <= 0:
            return varint_fault(at - frame.base, used, &self.fault)
        stop = at
        if field.flags & FIELD_CLOSED and not enum_knows(field.enumeration, <int32_t> value):
            continue
        output_varint(self.out, varint_settled(field.kind, value))
        if not packed:
            output_varint(self.out, field.tag)
    return 0


# -- from lists -----------------------------------------------------------------------------------

cdef void numbers_write_list(Output *out, const FieldPlan *field,
                             const List *values) noexcept nogil:
    cdef size_t mark = output_size(out), i
    cdef size_t width = list_width(field.kind)
    cdef bint varints = kind_wire(field.kind) == WIRE_VARINT
    if field.flags & FIELD_PACKED == 0:
        for i in range(values.count, 0, -1):
            if varints:
                output_varints(out, field.kind, <uint8_t *> values.values + (i - 1) * width, 1)
            else:
                output_copy(out, <uint8_t *> values.values + (i - 1) * width, width)
            output_varint(out, field.tag)
    elif values.count:
        if varints:
            output_varints(out, field.kind, values.values, values.count)
        else:
            output_copy(out, <uint8_t *> values.values, values.count * width)
        output_number(out, output_size(out) - mark, _run_tag(field))
