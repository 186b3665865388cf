"""Descriptors, the fields of a message class; and where a field's bytes lie."""

from libc.stdint cimport uint32_t

from cursor cimport Item, field_takes
from scalar cimport item_object
from tensorwire._core.index cimport Piece, Scan, scan_next
from tensorwire._core.message cimport (
    Found, Message, MessageType, message_child, message_fault, message_field, message_find,
    message_scan_found,
)
from tensorwire._core.plan cimport PlanSet
from tensorwire._core.repeated cimport repeated_new
from wire cimport FIELD_REPEATED, KIND_GROUP, KIND_MESSAGE, Fault, FieldPlan, MessagePlan

cimport cython


cdef enum Reading:
    READ_SCALAR = 1
    READ_MESSAGE
    READ_REPEATED


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
            self.reading = READ_REPEATED
        elif self.field.kind == KIND_MESSAGE or self.field.kind == KIND_GROUP:
            self.reading = READ_MESSAGE

    @property
    def number(self) -> int:
        """The field number."""
        return self.field.number

    def __get__(self, instance, owner):
        cdef Message message
        cdef Found found
        if instance is None:
            return self
        if not isinstance(instance, Message) or (<Message> instance).plan != self.plan:
            raise TypeError(f"field {self.name} belongs to {self.plans.messages[self.plan.head.index][0]}")
        message = <Message> instance
        if self.reading == READ_REPEATED:
            return repeated_new(message, self.field)
        message_find(message, self.field, &found)
        if self.reading == READ_MESSAGE:
            return message_child(message, self.field, &found)
        if found.count == 0:
            return self.default
        return item_object(self.field.kind, message.base, &found.last)


# -- bytes without copying -----------------------------------------------------------------------

def span(Message message not None, name, /):
    """``(owner, start, stop)`` of the payload of a field that lies in one run, else None.

    ``owner`` is what holds the bytes (``bytes`` or ``Source``). One run is: a string, bytes or message field,
    one packed run, or one single element. An absent field is an empty run.
    Raises: ``ValueError`` for an unknown name.
    """
    cdef const FieldPlan *field = message_field(message, name)
    cdef Found found
    message_find(message, field, &found)
    if found.count == 0:
        return owner_of(message), message.whole.start, message.whole.start
    if found.count > 1 and (field.flags & FIELD_REPEATED or field.kind == KIND_MESSAGE):
        return None
    return owner_of(message), found.last.start, found.last.stop


def owner_of(Message message not None, /):
    """The ``bytes`` or ``Source`` that the message lies on; ``b""`` for an absent message."""
    return b"" if message.owner == NULL else <object> message.owner


def extent(Message message not None, /):
    """``(owner, start, stop)`` of a message in one piece, None for one in several."""
    if message.pieces != NULL:
        return None
    return owner_of(message), message.whole.start, message.whole.stop


def runs(Message message not None, name, /) -> bytes:
    """The payloads of all items of a field, joined. Copies them once."""
    cdef const FieldPlan *field = message_field(message, name)
    cdef list parts = []
    cdef Found found
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status = 1
    message_find(message, field, &found)
    if found.count == 0:
        return b""
    message_scan_found(message, &found, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status <= 0:
            break
        if item.tag >> 3 == field.number and field_takes(message.plan, field, &item):
            parts.append((<const char *> message.base)[item.start:item.stop])
    if status < 0:
        raise message_fault(message, &fault)
    return b"".join(parts)


def pieces(Message message not None, /) -> bytes:
    """The bytes of a message in several pieces, joined."""
    cdef size_t i
    cdef const Piece *piece
    cdef list parts = []
    for i in range(message.pieces.count if message.pieces != NULL else 0):
        piece = &message.pieces.items[i]
        parts.append((<const char *> message.base)[piece.start:piece.stop])
    return b"".join(parts)
