from tensorwire._core.message cimport Found, Message
from wire cimport FieldPlan


# The submessage that a find has found; the empty one if it found none.
cdef Message message_child(Message self, const FieldPlan *field, Found *found)
# The element of a repeated message field whose payload is [start, stop).
cdef Message message_child_at(Message self, const FieldPlan *field, size_t start, size_t stop)
