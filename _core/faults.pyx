"""From a filled ``Fault`` to an exception: on failure alone, a second descent builds the path."""

from libc.stdint cimport uint8_t

from cursor cimport Item, item_head
from tensorwire._core.plan cimport PlanSet
from wire cimport (
    FAULT_GROWN, FAULT_NO_MEMORY, FIELD_EXTENSION, FIELD_REPEATED, WIRE_END, WIRE_START, Fault,
    FaultText, FieldPlan, MessagePlan, fault_text, plan_field, tag_decode,
)

from tensorwire.errors import DecodeError, LimitError


cdef enum:
    NAMES_MAX = 1000         # in a path; ONNX files are read 600 deep


cdef str _reason(Fault *fault):
    cdef FaultText known = fault_text(fault.reason)
    cdef str text = known.text.decode("ascii").replace("%llu", "{}")
    return text.format(fault.wanted, fault.found)


cdef object fault_error(const MessagePlan *plan, const uint8_t *base, size_t start, size_t stop,
                        Fault *fault):
    if fault.reason == FAULT_NO_MEMORY:
        return MemoryError()
    cdef PlanSet plans = <PlanSet> plan.head.set
    path = _path(plan, base, start, stop, fault.offset)
    if fault.reason == FAULT_GROWN:
        return LimitError(_reason(fault), fault.offset, path)
    return plans.error(_reason(fault), fault.offset, path)


cdef object fault_error_bare(Fault *fault):
    if fault.reason == FAULT_NO_MEMORY:
        return MemoryError()
    return DecodeError(_reason(fault), fault.offset)


cdef str _path(const MessagePlan *plan, const uint8_t *base, size_t start, size_t stop,
               size_t offset):
    """The names of the fields that enclose ``offset``, outermost first: ``graph.node[3].name``.

    Linear: one pass up to the offset, which goes through groups instead of skipping them. Cut after
    `NAMES_MAX` names: what nobody asked for may nest without end, and a level costs 300 bytes here.
    """
    cdef list parts = []
    cdef list groups = []                  # of each open one: the plan and the counts around it
    cdef dict counts = {}                  # field number -> items met in the innermost message
    cdef const FieldPlan *field
    cdef Item item
    while start < stop and start <= offset and _item_or_rest(base, start, stop, &item):
        start = item.after                 # progress: an item is at least one byte
        if item.tag & 7 == WIRE_END and offset >= item.after:
            if not groups:                 # ends no group: the bytes changed
                break
            place, counts = groups.pop()
            plan = <const MessagePlan *> <size_t> place
            parts.pop()
            continue
        field = plan_field(plan, item.tag >> 3)
        if offset < item.after or item.tag & 7 == WIRE_START:
            parts.append(_part(plan, field, item.tag >> 3, counts))
        counts[item.tag >> 3] = counts.get(item.tag >> 3, 0) + 1
        if item.at == offset or offset < item.after and not _enters(field, &item):
            break
        if len(parts) > NAMES_MAX:
            parts.append("..")             # with the dot before it, three
            break
        if item.tag & 7 == WIRE_START and not _enters(field, &item):
            start = _behind_unknown(base, &item, stop, offset)
            if start > offset:
                break
            parts.pop()
        elif offset < item.after:          # a submessage; no group around it ends inside
            groups, counts, plan = [], {}, field.message
            start, stop = item.start, item.stop
        elif item.tag & 7 == WIRE_START:
            groups.append((<size_t> plan, counts))
            counts, plan = {}, field.message
    return ".".join(parts)


cdef inline bint _enters(const FieldPlan *field, const Item *item) noexcept nogil:
    """Whether the item is a message or group whose fields have names."""
    return field != NULL and field.message != NULL and item.tag == field.tag


cdef size_t _behind_unknown(const uint8_t *base, const Item *item, size_t stop,
                            size_t offset) noexcept nogil:
    """First byte behind an unknown group; above ``offset`` if that lies inside."""
    cdef size_t at = item.after, open_groups = 1
    cdef Item inner
    while at < stop and at <= offset and _item_or_rest(base, at, stop, &inner):
        at = inner.after                   # progress: an item is at least one byte
        if inner.tag & 7 == WIRE_START:
            open_groups += 1
        elif inner.tag & 7 == WIRE_END:
            open_groups -= 1
            if open_groups == 0 and at <= offset:
                return at
    return offset + 1


cdef bint _item_or_rest(const uint8_t *base, size_t at, size_t stop, Item *item) noexcept nogil:
    """The item at ``at``, of a group its first tag; one that cannot be read holds the rest.

    False where there is not even a tag.
    """
    cdef Fault ignored
    cdef int used
    if item_head(base, at, stop, item, &ignored) == 0:
        return True
    used = tag_decode(base + at, base + stop, &item.tag)
    if used <= 0:
        return False
    item.at = at
    item.start = at + used
    item.stop = item.after = stop
    return True


cdef str _part(const MessagePlan *plan, const FieldPlan *field, number, dict counts):
    if field == NULL:
        return f"<{number}>"
    name = (<PlanSet> plan.head.set).field_at(plan.head.index, field.slot)[1]
    if field.flags & FIELD_EXTENSION:
        name = f"[{name}]"
    if field.flags & FIELD_REPEATED:
        return f"{name}[{counts.get(number, 0)}]"
    return name
