"""Descriptors: the fields of a message class."""

from libc.stdint cimport uint32_t

from scalar cimport item_object
from tensorwire._core.access cimport field_assign, field_read
from tensorwire._core.children cimport message_child
from tensorwire._core.coerce cimport takes_objects
from tensorwire._core.find cimport Found, message_find
from tensorwire._core.message cimport Message
from tensorwire._core.parse cimport MessageType
from tensorwire._core.plan cimport PlanSet
from tensorwire._core.repeated cimport repeated_of
from wire cimport FIELD_MAP, FIELD_REPEATED, FieldPlan, MessagePlan, kind_is_message

cimport cython


cdef enum Reading:
    READ_SCALAR = 1
    READ_MESSAGE
    READ_REPEATED
    READ_MAP

cdef dict HOWTO = {
    READ_MESSAGE: "use CopyFrom on it, or set its fields",
    READ_REPEATED: "use its list methods, or a slice",
    READ_MAP: "use its dictionary methods",
}


@cython.final
cdef class Field:
    """One field of a message class: ``message.name``.

    Copies: numbers, strings and bytes are fresh objects; messages and repeated fields are views.
    Raises: ``DecodeError`` only if the bytes of a mapped file changed since they were verified.
    """
    cdef const MessagePlan *plan
    cdef const FieldPlan *field
    cdef int reading
    cdef readonly PlanSet plans
    cdef readonly str name
    cdef readonly object default

    def __cinit__(self, MessageType owner not None, uint32_t slot, default):
        if slot >= owner.plan.field_count:
            raise IndexError(f"field {slot} of {owner.plan.field_count}")
        self.plans = owner.plans
        self.plan = owner.plan
        self.field = &owner.plan.fields[slot]
        self.name = owner.plans.messages[owner.index][1][slot][1]
        self.default = default
        self.reading = READ_SCALAR
        if self.field.flags & FIELD_REPEATED:
            self.reading = READ_MAP if self.field.flags & FIELD_MAP else READ_REPEATED
        elif kind_is_message(self.field.kind):
            self.reading = READ_MESSAGE

    @property
    def number(self) -> int:
        """The field number."""
        return self.field.number

    def __get__(self, instance, owner):
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute {self.name!r}: "
                                 "fields belong to messages")
        return self._read(_message(self, instance))

    cdef inline object _read(self, Message message):
        cdef Found found
        if self.reading != READ_SCALAR:
            if self.reading == READ_REPEATED:
                return repeated_of(message, self.field)
            if self.reading == READ_MESSAGE:
                return message_child(message, self.field)
            return field_read(message, self.field, self.default)
        if message.edits != NULL:
            return field_read(message, self.field, self.default)
        message_find(message, self.field, &found)
        if found.count == 0:
            return self.default
        return item_object(self.field.kind, message.base, &found.last)

    def __set__(self, instance, value):
        cdef Message message = _message(self, instance)
        cdef Message child
        if self.reading == READ_MESSAGE and takes_objects(self.field.message):
            child = message_child(message, self.field)
            child._internal_assign(value)
            return
        if self.reading != READ_SCALAR:
            raise AttributeError(f"assignment is not allowed to {self.name}: "
                                 f"{HOWTO[self.reading]}")
        field_assign(message, self.field, value)

    def __delete__(self, instance):
        raise AttributeError(f"field {self.name} cannot be deleted; use ClearField({self.name!r})")


cdef inline Message _message(Field self, instance):
    if not isinstance(instance, Message) or (<Message> instance).plan != self.plan:
        owner_name = self.plans.messages[self.plan.head.index][0]
        raise TypeError(f"field {self.name} belongs to {owner_name}")
    return <Message> instance
