from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# (owner, start, stop) of a field whose payload is one run, else None. Absent: an empty run.
cdef tuple payload_span(Message message, const FieldPlan *field)
# The payloads of all items of a field, joined.
cdef bytes payload_join(Message message, const FieldPlan *field)
