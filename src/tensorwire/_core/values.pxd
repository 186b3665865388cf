from libc.stdint cimport uint8_t, uint64_t

from tensorwire._core.edits cimport Edit
from wire cimport FieldPlan, MessagePlan


# A number for the field, as the bits of an EDIT_NUMBER. Raises TypeError, ValueError.
cdef int number_bits(const MessagePlan *plan, const FieldPlan *field, value,
                     uint64_t *bits) except -1
# The number that such bits stand for.
cdef object bits_object(uint8_t kind, uint64_t bits)
# An exact str or bytes for the field. Raises TypeError, UnicodeError.
cdef object text_object(const FieldPlan *field, value)
# Any scalar, checked, as it will be read back.
cdef object scalar_checked(const MessagePlan *plan, const FieldPlan *field, value)
# What a changed scalar reads as.
cdef object edit_object(const Edit *entry, default)
# Loads and stores one element of a native array.
cdef uint64_t native_load(uint8_t kind, const void *values, size_t place) noexcept nogil
cdef void native_store(uint8_t kind, void *values, size_t place, uint64_t bits) noexcept nogil
