from tensorwire._core.message cimport Message
from wire cimport FieldPlan, MessagePlan


# A new message with the content of `value`: one of that type, a foreign one of equal name, or a
# dict of fields. It stands alone. Raises TypeError.
cdef Message message_copied(const MessagePlan *plan, value)
# The same without dicts, and without a copy where the value is of that very type.
cdef Message message_like(const MessagePlan *plan, value)
