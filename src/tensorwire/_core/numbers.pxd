from libc.stdint cimport uint8_t, uint64_t

from tensorwire._core.edits cimport List
from tensorwire._core.output cimport Output
from tensorwire._core.units cimport Encoder, Unit
from wire cimport FieldPlan


# A number as an Edit has it, and its tag.
cdef void number_write(Output *out, const FieldPlan *field, uint64_t bits) noexcept nogil
# The payload of one item, without a tag.
cdef void number_copy(Output *out, uint8_t kind, const uint8_t *base,
                      const Unit *unit) noexcept nogil
# Whether it is zero, all bits of it.
cdef bint number_is_zero(uint8_t kind, const uint8_t *base, const Unit *unit) noexcept nogil
# All elements of a repeated field, in its declared form: those of `unit`, which was taken from the
# top of the stack, and of the units below that belong to the field. 0, or -1 and a fault.
cdef int numbers_write(Encoder *self, const Unit *unit) noexcept nogil
# The same for a changed field.
cdef void numbers_write_list(Output *out, const FieldPlan *field, const List *values) noexcept nogil
