from libc.stdint cimport uint64_t


from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# The value of any field; `default` for a scalar that is not set.
cdef object field_read(Message self, const FieldPlan *field, default)
# The bits of a singular number that is set.
cdef uint64_t field_bits(Message self, const FieldPlan *field) except? 0
# Sets a singular scalar. Raises TypeError, ValueError; then nothing is changed.
cdef int field_assign(Message self, const FieldPlan *field, value) except -1
# The same from bits, or from an exact str or bytes, that were checked.
cdef int field_assign_bits(Message self, const FieldPlan *field, uint64_t bits) except -1
cdef int field_assign_object(Message self, const FieldPlan *field, value) except -1
