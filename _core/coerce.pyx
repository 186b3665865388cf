"""Messages given as values: of the same type, of the other world, or as a dict of fields."""

from cpython.dict cimport PyDict_Check

from tensorwire._core.construct cimport message_set_fields
from tensorwire._core.merge cimport message_clone
from tensorwire._core.message cimport Message, message_blank
from tensorwire._core.parse cimport message_parsed
from tensorwire._core.plan cimport PlanSet
from wire cimport FieldPlan, MessagePlan


cdef str _name(const MessagePlan *plan):
    return (<PlanSet> plan.head.set).messages[plan.head.index][0]


cdef Message message_like(const MessagePlan *plan, value):
    """A message of equal full name that is not ours is taken over by its bytes."""
    if isinstance(value, Message) and (<Message> value).plan == plan:
        return <Message> value
    descriptor = getattr(value, "DESCRIPTOR", None)
    if (not isinstance(value, type) and hasattr(value, "SerializePartialToString")
            and getattr(descriptor, "full_name", None) == _name(plan)):
        return message_parsed(plan, value.SerializePartialToString())
    raise TypeError(f"a {_name(plan)} is needed, not {type(value).__name__}")


cdef Message message_copied(const MessagePlan *plan, value):
    cdef Message fresh
    if PyDict_Check(value):
        fresh = message_blank(plan)
        message_set_fields(fresh, <dict> value)
        return fresh
    fresh = message_like(plan, value)
    return message_clone(fresh) if fresh is value else fresh
