from libc.stdint cimport uint32_t

from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# Whether a field is set, has elements, or, under implicit presence, is not its default.
# An explicit default in the bytes counts where `explicit`.
cdef bint field_present(Message self, const FieldPlan *field, bint explicit=*) except -1
# The member of a oneof that is set, or NULL.
cdef const FieldPlan *oneof_member(Message self, uint32_t oneof) except? NULL
# The fields that are present, ascending by number: addresses of FieldPlans.
cdef list fields_present(Message self, bint explicit=*)
