"""Messages given as values: of the same type, of the other world, or as a dict of fields."""

from cpython.dict cimport PyDict_Check

from tensorwire._core.construct cimport message_set_fields
from tensorwire._core.merge cimport message_clone, message_copy_from
from tensorwire._core.message cimport Message, message_blank
from tensorwire._core.parse cimport message_parsed
from tensorwire._core.plan cimport PlanSet
from tensorwire._core.tree cimport message_clear
from wire cimport MessagePlan


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


cdef Message message_copied(const MessagePlan *plan, value, bint keywords):
    cdef Message fresh
    if keywords and PyDict_Check(value) or not isinstance(value, Message) and takes_objects(plan):
        fresh = message_blank(plan)
        message_fill(fresh, value)
        return fresh
    fresh = message_like(plan, value)
    return message_clone(fresh) if fresh is value else fresh


cdef bint takes_objects(const MessagePlan *plan) except -1:
    """Timestamp takes a datetime, Struct a dict: upstream's classes for them know how."""
    return hasattr((<PlanSet> plan.head.set).class_at(plan.head.index), "_internal_assign")


cdef int message_fill(Message self, value) except -1:
    """A dict is one of fields where the type itself cannot take it."""
    if isinstance(value, Message) or not takes_objects(self.plan):
        if PyDict_Check(value):
            return message_set_fields(self, <dict> value)
        return message_copy_from(self, message_like(self.plan, value))
    try:
        self._internal_assign(value)
    except Exception:
        if not PyDict_Check(value) or not all([name in type(self).DESCRIPTOR.fields_by_name
                                               for name in value]):
            raise
        message_clear(self)
        message_set_fields(self, <dict> value)
    return 0
