from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# The numbers of a repeated field, or `listed` where they are not to be decoded here.
cdef object scalar_array(Message parent, const FieldPlan *field, list listed, dtype, copy)
