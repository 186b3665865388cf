from libc.stdint cimport uint8_t, uint64_t

from flat cimport FlatEnum, FlatField, FlatObject
from tensorwire._core.flat_encoder cimport FlatEncoder


# The bits of a number of that base type. `enumeration`: whose names it may be given by, or NULL.
cdef int encode_number(FlatEncoder self, uint8_t base, const FlatEnum *enumeration, object value,
                       uint64_t *bits) except -1
# A struct, into as many zero bytes as it has.
cdef int encode_struct(FlatEncoder self, const FlatObject *plan, object value,
                       uint8_t *to) except -1
# The fields of a struct, without what lies between them, which may be anything.
cdef void struct_copy(const FlatObject *plan, const uint8_t *source, uint8_t *to) noexcept
cdef bint struct_has_gaps(const FlatObject *plan) noexcept
# An element of an array or vector, of numbers or structs, likewise.
cdef int encode_item(FlatEncoder self, const FlatField *field, object value,
                     uint8_t *to) except -1
# Where it begins, counted from the end.
cdef uint64_t encode_string(FlatEncoder self, object value) except 0

# The values of all fields of a table or struct, None where there is none.
cdef list table_members(FlatEncoder self, const FlatObject *plan, object value)
# The elements of anything that can be gone through.
cdef tuple elements_of(FlatEncoder self, object value)
