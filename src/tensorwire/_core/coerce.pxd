from tensorwire._core.message cimport Message
from wire cimport MessagePlan


# A new message with the content of `value`: one of that type, a foreign one of equal name, what a
# well-known type stands for, or, if `keywords`, a dict of fields. It stands alone.
# Raises TypeError.
cdef Message message_copied(const MessagePlan *plan, value, bint keywords)
# Fills a message that was touched, in the same way.
cdef int message_fill(Message self, value) except -1
# Whether Python objects of other types can be assigned to such a message.
cdef bint takes_objects(const MessagePlan *plan) except -1
# The same without dicts, and without a copy where the value is of that very type.
cdef Message message_like(const MessagePlan *plan, value)
