"""From a filled ``Fault`` to an exception: on failure alone, a second descent builds the path."""

from libc.stdint cimport uint8_t

from cursor cimport Item, item_read
from tensorwire._core.plan cimport PlanSet
from wire cimport (
    FAULT_NO_MEMORY, FIELD_REPEATED, KIND_GROUP, KIND_MESSAGE, Fault, FaultText,
    FieldPlan, MessagePlan, fault_text, plan_field, tag_decode,
)

from tensorwire.errors import DecodeError


cdef str _reason(Fault *fault):
    cdef FaultText known = fault_text(fault.reason)
    cdef str text = known.text.decode("ascii").replace("%llu", "{}")
    return text.format(fault.wanted, fault.found)


cdef object fault_error(const MessagePlan *plan, const uint8_t *base, size_t start, size_t stop,
                        Fault *fault):
    if fault.reason == FAULT_NO_MEMORY:
        return MemoryError()
    cdef PlanSet plans = <PlanSet> plan.head.set
    path = _path(plans, plan, base, start, stop, fault.offset)
    return plans.error(_reason(fault), fault.offset, path)


cdef object fault_error_bare(Fault *fault):
    if fault.reason == FAULT_NO_MEMORY:
        return MemoryError()
    return DecodeError(_reason(fault), fault.offset)


cdef str _path(PlanSet plans, const MessagePlan *plan, const uint8_t *base, size_t start,
               size_t stop, size_t offset):
    """The names of the fields that enclose ``offset``, outermost first: ``graph.node[3].name``.

    Linear: each level is scanned once, up to the item that holds the offset.
    """
    cdef list parts = []
    cdef list counts
    cdef const FieldPlan *field
    cdef Item item
    while plan != NULL:                    # progress: [start, stop) shrinks
        counts = [0] * plan.field_count
        if not _enclosing(plan, base, start, stop, offset, &item, counts):
            break
        field = plan_field(plan, item.tag >> 3)
        parts.append(_part(plans, plan, field, item.tag >> 3, counts))
        if field == NULL or item.at == offset or field.kind not in (KIND_MESSAGE, KIND_GROUP):
            break
        plan = field.message
        start, stop = item.start, item.stop
    return ".".join(parts)


cdef bint _enclosing(const MessagePlan *plan, const uint8_t *base, size_t start, size_t stop,
                     size_t offset, Item *item, list counts) except -1:
    """Scans to the item that holds ``offset``; counts the items of each field on the way."""
    cdef const FieldPlan *field
    cdef Fault ignored
    cdef size_t at = start
    while at < stop and at <= offset:      # progress: an item is at least one byte
        if _item_or_rest(base, at, stop, item, &ignored) < 0:
            return False
        if offset < item.after:
            return True
        field = plan_field(plan, item.tag >> 3)
        if field != NULL:
            counts[field.slot] += 1
        at = item.after
    return False


cdef int _item_or_rest(const uint8_t *base, size_t at, size_t stop, Item *item,
                       Fault *ignored) noexcept nogil:
    """The item at ``at``; an unreadable one holds the rest of its parent. -1: not even a tag."""
    cdef int used
    if item_read(base, at, stop, item, ignored) == 0:
        return 0
    used = tag_decode(base + at, base + stop, &item.tag)
    if used <= 0:
        return -1
    item.at = at
    item.start = at + used
    item.stop = item.after = stop
    return 0


cdef str _part(PlanSet plans, const MessagePlan *plan, const FieldPlan *field, number,
               list counts):
    if field == NULL:
        return f"<{number}>"
    name = plans.messages[plan.head.index][1][field.slot][1]
    if field.flags & FIELD_REPEATED:
        return f"{name}[{counts[field.slot]}]"
    return name
