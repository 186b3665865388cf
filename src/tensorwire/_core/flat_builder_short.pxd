from libc.stdint cimport uint8_t, uint64_t

from flat_numbers cimport (
    flat_int, flat_int_bits, flat_number_real, flat_number_width, flat_real, flat_real_bits,
)

from tensorwire._core.flat_builder_state cimport *

# The short ways of a builder's methods: 1, or 0 and nothing done where the careful way is to go.

# A vector of bytes, and `after` zero bytes behind it.
cdef int short_write(BuilderState self, const uint8_t *data, Py_ssize_t length,
                     int after) except -1
cdef int short_string(BuilderState self, object s) except -1
cdef int short_bytes(BuilderState self, object x) except -1
# `least`: what the elements align to at least.
cdef int short_array(BuilderState self, object x, Py_ssize_t least) except -1
cdef int short_start_object(BuilderState self, Py_ssize_t slots) except -1
cdef int short_end_object(BuilderState self, Py_ssize_t *start) except -1
cdef int short_start_vector(BuilderState self, Py_ssize_t width, object num_elems,
                            Py_ssize_t alignment) except -1
cdef int short_end_vector(BuilderState self) except -1
cdef int short_finish(BuilderState self, object root, bint prefixed, object identifier) except -1


cdef inline int short_bits(int kind, object x, uint64_t *bits) noexcept:
    cdef double real
    if flat_number_real(kind):
        return flat_real(x, &real) and flat_real_bits(kind, real, bits)
    return flat_int_bits(kind, x, bits)


cdef inline int short_prepend(BuilderState self, int kind, object x) except -1:
    cdef uint64_t bits
    cdef int width = flat_number_width(kind)
    if not self.plain or not short_bits(kind, x, &bits) or not flat_prep(self, width, 0):
        return 0
    flat_put(self, bits, width)
    return 1


cdef inline int short_number_slot(BuilderState self, int kind, Py_ssize_t slot, object x,
                                  object d) except -1:
    cdef uint64_t bits, default
    cdef double real, usual
    cdef int width = flat_number_width(kind)
    if not self.plain:
        return 0
    if flat_number_real(kind):
        if not flat_real(x, &real) or not flat_real(d, &usual):
            return 0
        if real == usual and not self.forced:
            return 1
        if not flat_real_bits(kind, real, &bits):
            return 0
    else:
        if not flat_int_bits(kind, x, &bits) or not flat_int_bits(kind, d, &default):
            return 0
        if bits == default and not self.forced:
            return 1
    if not flat_slot_open(self, slot) or not flat_prep(self, width, 0):
        return 0
    flat_put(self, bits, width)
    flat_slot_set(self, slot)
    return 1


cdef inline int short_prepend_offset(BuilderState self, object off) except -1:
    cdef Py_ssize_t offset, written
    if not self.plain or not flat_int(off, &offset) or not flat_prep(self, 4, 0):
        return 0
    written = flat_written(self)
    if not 0 <= offset <= written:
        return 0
    flat_put(self, <uint64_t> (written - offset + 4), 4)
    return 1


cdef inline int short_place(BuilderState self, int kind, object x) except -1:
    cdef uint64_t bits
    cdef int width = flat_number_width(kind)
    if (not self.plain or not width <= self.at <= PyByteArray_GET_SIZE(self.data)
            or not short_bits(kind, x, &bits)):
        return 0
    flat_put(self, bits, width)
    return 1


cdef inline int short_offset_slot(BuilderState self, Py_ssize_t slot, object x,
                                  Py_ssize_t default) except -1:
    cdef Py_ssize_t offset = 0, written
    if not self.plain or not flat_int(x, &offset):
        return 0
    if offset == default and not self.forced:
        return 1
    if not flat_slot_open(self, slot) or not flat_prep(self, 4, 0):
        return 0
    written = flat_written(self)
    if not 0 <= offset <= written:
        return 0
    flat_put(self, <uint64_t> (written - offset + 4), 4)
    flat_slot_set(self, slot)
    return 1


cdef inline int short_struct_slot(BuilderState self, Py_ssize_t slot, object x,
                                  Py_ssize_t default) except -1:
    cdef Py_ssize_t offset = 0
    if not self.plain or not flat_int(x, &offset) or not 0 <= default <= 0xffffffff:
        return 0
    if offset == default:
        return 1
    if (not 0 <= offset <= 0xffffffff or offset != flat_written(self)
            or not flat_slot_open(self, slot)):
        return 0
    flat_slot_set(self, slot)
    return 1


# The same with objects for slot and default.

cdef inline int short_prepend_slot(BuilderState self, int kind, object o, object x,
                                   object d) except -1:
    cdef Py_ssize_t slot = -1              # a slot that is never open
    if not flat_int(o, &slot):
        slot = -1
    return short_number_slot(self, kind, slot, x, d)


cdef inline int short_prepend_offset_slot(BuilderState self, object o, object x,
                                          object d) except -1:
    cdef Py_ssize_t default = 0, slot = -1
    if not flat_int(o, &slot):
        slot = -1
    return flat_int(d, &default) and short_offset_slot(self, slot, x, default)


cdef inline int short_prepend_struct_slot(BuilderState self, object v, object x,
                                          object d) except -1:
    cdef Py_ssize_t default = 0, slot = -1
    if not flat_int(v, &slot):
        slot = -1
    return flat_int(d, &default) and short_struct_slot(self, slot, x, default)
