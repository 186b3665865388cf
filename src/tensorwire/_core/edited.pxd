from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# The payloads of a changed field, as its encoding would hold them; None for an unchanged one.
cdef list edited_payloads(Message message, const FieldPlan *field)
