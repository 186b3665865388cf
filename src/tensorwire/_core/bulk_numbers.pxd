from tensorwire._core.edits cimport List
from tensorwire._core.message cimport Message
from wire cimport FieldPlan, MessagePlan


# Fills `fresh` from an array or another container, all at once; False where that is not possible.
cdef bint numbers_from_array(const MessagePlan *plan, const FieldPlan *field, values,
                             List *fresh) except -1
# The numbers of a changed field as a new array.
cdef object numbers_array(Message parent, const FieldPlan *field, dtype)
