from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# An iterator over the elements of a repeated field.
cdef object iterate(Message parent, const FieldPlan *field)
