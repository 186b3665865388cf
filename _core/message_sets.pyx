"""Message sets: the old form of extensions, in which each is a group of a number and a message.

Types that may hold one are rare, and all that is read of them is read as plain fields: at parse,
``group 1 {2: type_id, 3: message}`` is rewritten to the field ``type_id: message``, and the encoder
writes it back. Offsets in errors then count in the rewritten bytes.

Source: google/protobuf/descriptor.proto, MessageOptions.message_set_wire_format.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cursor cimport Item, item_read
from tensorwire._core.plan cimport message_sets_epoch
from wire cimport (
    KIND_GROUP, KIND_MESSAGE, WIRE_LEN, WIRE_START, WIRE_VARINT, Fault, FieldPlan, MessagePlan,
    plan_extension_count, plan_field, plan_slot,
)

cdef enum:
    ITEM_GROUP = 1 << 3 | WIRE_START
    TYPE_ID = 2 << 3 | WIRE_VARINT
    CONTENT = 3 << 3 | WIRE_LEN
    MAX_NUMBER = (1 << 29) - 1             # type ids may be higher: those stay groups
    # Deeper is refused by verification, which looks at what is left as it was.
    MAX_DEPTH = 200


cdef bint reaches_message_sets(const MessagePlan *plan) except -1:
    """Looked up once for each state of the schemas."""
    cdef MessagePlan *known = <MessagePlan *> plan
    if known.sets_epoch != message_sets_epoch:
        known.reaches_sets = _search(plan)
        known.sets_epoch = message_sets_epoch
    return known.reaches_sets


cdef bint _search(const MessagePlan *root) except -1:
    cdef set seen = {<size_t> root}
    cdef list pending = [<size_t> root]
    cdef const MessagePlan *plan
    cdef const FieldPlan *field
    cdef uint32_t slot
    while pending:                         # progress: a plan is seen once
        plan = <const MessagePlan *> <size_t> pending.pop()
        if plan.message_set:
            return True
        for slot in range(plan.field_count + plan_extension_count(plan)):
            field = plan_slot(plan, slot)
            if field.message != NULL and <size_t> field.message not in seen:
                seen.add(<size_t> field.message)
                pending.append(<size_t> field.message)
    return False


cdef bytes message_sets_flattened(const MessagePlan *plan, const uint8_t *base, size_t start,
                                  size_t stop):
    return _flattened(plan, base, start, stop, 0)


cdef bytes _flattened(const MessagePlan *plan, const uint8_t *base, size_t start, size_t stop,
                      int depth):
    """What cannot be read is left as it is, for verification to say what is wrong."""
    cdef list parts = []
    cdef Item item
    cdef Fault fault
    if depth == MAX_DEPTH:
        return (<const char *> base)[start:stop]
    while start < stop:                    # progress: an item is at least one byte
        if item_read(base, start, stop, &item, &fault) < 0:
            parts.append((<const char *> base)[start:stop])
            break
        start = item.after
        if plan.message_set and item.tag == ITEM_GROUP:
            parts.append(_item_as_field(plan, base, &item, depth))
        else:
            parts.append(_item_flattened(plan, base, &item, depth))
    return b"".join(parts)


cdef bytes _item_flattened(const MessagePlan *plan, const uint8_t *base, const Item *item,
                           int depth):
    cdef const FieldPlan *field = plan_field(plan, item.tag >> 3)
    cdef bytes inner
    if field == NULL or field.message == NULL or field.tag != item.tag or not reaches_message_sets(
            field.message):
        return (<const char *> base)[item.at:item.after]
    inner = _flattened(field.message, base, item.start, item.stop, depth + 1)
    if field.kind == KIND_GROUP:
        return ((<const char *> base)[item.at:item.start] + inner
                + (<const char *> base)[item.stop:item.after])
    return _varint(item.tag) + _varint(len(inner)) + inner


cdef bytes _item_as_field(const MessagePlan *plan, const uint8_t *base, const Item *group,
                          int depth):
    """The last number and the content count. An item without either is left as it is."""
    cdef const FieldPlan *field
    cdef size_t at = group.start, start = 0, stop = 0
    cdef uint64_t number = 0
    cdef bint filled = False
    cdef Item item
    cdef Fault fault
    cdef bytes content
    while at < group.stop:                 # progress: an item is at least one byte
        if item_read(base, at, group.stop, &item, &fault) < 0:
            return (<const char *> base)[group.at:group.after]
        at = item.after
        if item.tag == TYPE_ID and number == 0:
            number = item.value
        elif item.tag == CONTENT and not filled:
            start, stop, filled = item.start, item.stop, True
    if not 0 < number <= MAX_NUMBER or not filled:
        return (<const char *> base)[group.at:group.after]
    field = plan_field(plan, <uint32_t> number)
    if field != NULL and field.kind == KIND_MESSAGE and reaches_message_sets(field.message):
        content = _flattened(field.message, base, start, stop, depth + 1)
    else:
        content = (<const char *> base)[start:stop]
    return _varint(<uint32_t> number << 3 | WIRE_LEN) + _varint(len(content)) + content


cdef bytes _varint(uint64_t value):
    cdef list out = []
    while value >= 0x80:                   # progress: value shrinks
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
