"""Verification: one pass over the structure of a message, and what it accepts.

Verdicts are upstream's, measured on upb; the pass also tells whether the bytes are *canonical*,
which is what an encoder of the same schema would write: numbers ascending, unknown fields last,
shortest varints, nothing singular twice, packed as declared, no explicit default under implicit
presence, both fields of a map entry, everything required.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from kinds cimport varint_kind
from tensorwire._core.bulk cimport kernel_in_use
from varint_bulk cimport VarintKernel, varint_run_canonical, varint_run_count
from wire cimport (
    ACTION_EXTENSION, ACTION_IMPLICIT, ACTION_KIND, ACTION_MISPACKED, ACTION_ONEOF,
    ACTION_REQUIRED, ACTION_SLOT, ACT_BYTES, ACT_FIXED32, ACT_FIXED64, ACT_MESSAGE,
    ACT_PACKED_FIXED, ACT_PACKED_VARINT, ACT_UNKNOWN, ACT_UTF8, ACT_VARINT, FAULT_BAD_FIELD,
    FAULT_BAD_UTF8, FAULT_BAD_WIRE, FAULT_LONE_END, FAULT_NO_MEMORY, FAULT_OPEN_GROUP,
    FAULT_PACKED_WIDTH, FAULT_TOO_DEEP, FAULT_TRUNCATED, FIELD_CLOSED, FIELD_PRESENCE,
    FIELD_REPEATED, FIELD_REQUIRED, KIND_BOOL, KIND_ENUM, KIND_INT32, KIND_SINT32, KIND_UINT32,
    VARINT_MAX, VERIFY_DISORDER, VERIFY_UNKNOWN_MET, WIRE_END, WIRE_FIXED32, WIRE_FIXED64,
    WIRE_LEN, WIRE_START, WIRE_VARINT, Fault, FaultReason, FieldPlan, MessagePlan, VerifyFrame,
    VerifyWalk, enum_knows, fault_set, kind_wire, le_load32, le_load64, length_decode,
    plan_action, plan_slot, tag_decode, tag_fault, tag_size, utf8_valid, varint_decode,
    varint_fault, varint_size, verify_fast, verify_frame_open, verify_implicit, verify_last,
    verify_order, wire_width,
)


cdef extern from *:
    """
    /* What stands for the fields of an unknown group: no field at all. */
    static const MessagePlan NO_FIELDS;
    """
    const MessagePlan NO_FIELDS

cdef enum:
    # Frames kept on the C stack: the default depth limit and the root. About 6 KiB.
    STACK_FRAMES = 101
    # Oneofs of one message that a frame's bits can tell apart.
    ONEOF_BITS = 64
    # Shorter packed runs are looked at value by value.
    KERNEL_BYTES = 32


cdef int verify(const uint8_t *base, size_t start, size_t stop, const MessagePlan *plan,
                int depth_limit, Fault *fault) noexcept nogil:
    """1 canonical, 0 valid, -1 and a filled ``fault``. REQUIRES: start <= stop, depth_limit >= 0.

    Memory: one frame per open level, on the C stack up to the default limit.
    """
    cdef VerifyFrame local[STACK_FRAMES]
    cdef VerifyFrame *frames = local
    cdef VerifyWalk walk
    cdef int status
    # A level costs a byte or more: a high limit asks for no more frames than the bytes can open.
    cdef size_t levels = min(<size_t> depth_limit, stop - start)
    if levels >= STACK_FRAMES:
        frames = <VerifyFrame *> malloc((levels + 1) * sizeof(VerifyFrame))
        if frames == NULL:
            return fault_set(fault, FAULT_NO_MEMORY, start, 0, 0)
    walk.base, walk.frame, walk.first, walk.fault = base, frames, frames, fault
    walk.limit, walk.strange = frames + levels, 0
    verify_frame_open(frames, plan, base + stop, 0)
    status = _verify_items(&walk, base + start)
    if frames != local:
        free(frames)
    return status if status < 0 else walk.strange == 0


cdef int _verify_items(VerifyWalk *walk, const uint8_t *at) noexcept nogil:
    """The scan: every item of every open frame, until the root's stop.

    Simple items, nearly all there are, are gone over in C with everything in registers.
    """
    cdef const uint8_t *end = walk.frame.stop
    while True:                            # progress: an item has a byte, a frame ends once
        at = verify_fast(walk, at, end)
        if at != walk.frame.stop:
            at = _verify_item(walk, at)
            if at == NULL:
                return -1
        elif walk.frame.group:
            return _fault(walk, FAULT_OPEN_GROUP, walk.frame.opened, walk.frame.group >> 3, 0)
        else:
            _judge_end(walk)
            if walk.frame == walk.first:
                return 0
            walk.frame -= 1


cdef const uint8_t *_verify_item(VerifyWalk *walk, const uint8_t *at) noexcept nogil:
    """Any one item; of a message or group, its opening. Where to go on, or NULL and a fault."""
    cdef const uint8_t *item = at
    cdef uint32_t tag = 0, kind
    cdef uint64_t action
    cdef int used = tag_decode(at, walk.frame.stop, &tag)
    if used <= 0:
        tag_fault(walk.base, item, used, walk.fault)
        return NULL
    action = plan_action(walk.frame.plan, tag)
    at += used
    kind = ACTION_KIND(action)
    if kind == ACT_UNKNOWN:
        return _verify_unknown(walk, item, at, tag)
    walk.strange |= used != 1 and used != tag_size(tag)
    _note_field(walk, action)
    if kind == ACT_VARINT:
        return _verify_varint(walk, item, at, action)
    if kind == ACT_BYTES:
        return _verify_bytes(walk, item, at, action)
    if kind == ACT_MESSAGE:
        return _open_message(walk, item, at, action)
    if kind == ACT_FIXED32:
        return _verify_fixed(walk, item, at, action, 4)
    if kind == ACT_FIXED64:
        return _verify_fixed(walk, item, at, action, 8)
    if kind == ACT_PACKED_VARINT:
        return _verify_packed_varints(walk, item, at, action)
    if kind == ACT_PACKED_FIXED:
        return _verify_packed_fixed(walk, item, at, action)
    if kind == ACT_UTF8:
        return _verify_utf8(walk, item, at, action)
    return _open_group(walk, item, at, _child(walk.frame, action), tag)


cdef inline int _fault(VerifyWalk *walk, int reason, const uint8_t *item, uint64_t wanted,
                       uint64_t found) noexcept nogil:
    return fault_set(walk.fault, <FaultReason> reason, item - walk.base, wanted, found)


cdef inline const FieldPlan *_field(VerifyWalk *walk, uint64_t action) noexcept nogil:
    return plan_slot(walk.frame.plan, ACTION_SLOT(action))


cdef inline const MessagePlan *_child(VerifyFrame *frame, uint64_t action) noexcept nogil:
    return plan_slot(frame.plan, ACTION_SLOT(action)).message


cdef void _note_field(VerifyWalk *walk, uint64_t action) noexcept nogil:
    """What a known item tells about whether the bytes are canonical."""
    cdef VerifyFrame *frame = walk.frame
    walk.strange |= verify_order(action, frame.last) & VERIFY_DISORDER != 0
    if action & ACTION_EXTENSION:          # these ascend as well, so that readers need not care
        walk.strange |= verify_order(action ^ ACTION_EXTENSION,
                                     frame.last & ~ACTION_EXTENSION) & VERIFY_DISORDER != 0
    walk.strange |= action & ACTION_MISPACKED != 0
    if frame.last != VERIFY_UNKNOWN_MET:
        frame.last = verify_last(action)
    frame.required += (action & ACTION_REQUIRED) != 0
    if action & ACTION_ONEOF:
        _note_oneof(walk, _field(walk, action).oneof)


cdef void _note_oneof(VerifyWalk *walk, uint32_t oneof) noexcept nogil:
    """A second member of a oneof would not be written."""
    cdef uint64_t bit
    if oneof > ONEOF_BITS:
        walk.strange = 1
        return
    bit = <uint64_t> 1 << (oneof - 1)
    walk.strange |= (walk.frame.oneofs & bit) != 0
    walk.frame.oneofs |= bit


cdef inline void _judge_end(VerifyWalk *walk) noexcept nogil:
    cdef VerifyFrame *frame = walk.frame
    if frame.plan.required_count:
        walk.strange |= frame.required != frame.plan.required_count
        walk.strange |= frame.plan.map_entry != 0 and frame.last == VERIFY_UNKNOWN_MET


cdef const uint8_t *_verify_varint(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                   uint64_t action) noexcept nogil:
    cdef uint64_t value
    cdef int used = varint_decode(at, walk.frame.stop, &value)
    if used <= 0:
        varint_fault(item - walk.base, used, walk.fault)
        return NULL
    walk.strange |= not _value_canonical(_field(walk, action), value, at, used)
    return at + used


cdef int _value_canonical(const FieldPlan *field, uint64_t value,
                          const uint8_t *at, int used) noexcept nogil:
    """Whether an encoder that read ``value`` from the ``used`` bytes at ``at`` would write them."""
    cdef int ok = used == varint_size(value)
    if used == VARINT_MAX:                 # the tenth byte holds bit 63 alone
        ok &= at[VARINT_MAX - 1] == 1
    if field.kind == KIND_BOOL:
        ok &= value <= 1
    elif field.kind == KIND_INT32 or field.kind == KIND_ENUM:
        ok &= value == <uint64_t> <int64_t> <int32_t> value
    elif field.kind == KIND_UINT32 or field.kind == KIND_SINT32:
        ok &= value >> 32 == 0
    if field.flags & FIELD_CLOSED:
        ok &= enum_knows(field.enumeration, <int32_t> value)
    if value == 0:
        ok &= (field.flags & (FIELD_PRESENCE | FIELD_REQUIRED | FIELD_REPEATED)) != 0
    return ok


cdef inline const uint8_t *_verify_fixed(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                         uint64_t action, size_t width) noexcept nogil:
    cdef size_t left = walk.frame.stop - at
    if left < width:
        _fault(walk, FAULT_TRUNCATED, item, width, left)
        return NULL
    if action & ACTION_IMPLICIT:           # all bits clear is the default
        walk.strange |= (le_load32(at) if width == 4 else le_load64(at)) == 0
    return at + width


cdef inline const uint8_t *_verify_length(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                          size_t *length) noexcept nogil:
    """The payload's first byte, its length checked against the frame; NULL and a fault."""
    cdef const uint8_t *start = NULL
    if length_decode(walk.base, item, at, walk.frame.stop, &start, length, walk.fault) < 0:
        return NULL
    walk.strange |= start - at != 1 and start - at != varint_size(length[0])
    return start


cdef inline const uint8_t *_verify_bytes(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                         uint64_t action) noexcept nogil:
    cdef size_t length = 0
    at = _verify_length(walk, item, at, &length)
    if at == NULL:
        return NULL
    walk.strange |= verify_implicit(action, length)
    return at + length


cdef const uint8_t *_verify_utf8(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                 uint64_t action) noexcept nogil:
    cdef size_t length = 0
    at = _verify_length(walk, item, at, &length)
    if at == NULL:
        return NULL
    walk.strange |= verify_implicit(action, length)
    if not utf8_valid(at, at + length):
        _fault(walk, FAULT_BAD_UTF8, item, 0, 0)
        return NULL
    return at + length


cdef const uint8_t *_verify_packed_fixed(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                         uint64_t action) noexcept nogil:
    cdef size_t length = 0
    cdef size_t width = wire_width(kind_wire(_field(walk, action).kind))
    at = _verify_length(walk, item, at, &length)
    if at == NULL:
        return NULL
    if length % width:
        _fault(walk, FAULT_PACKED_WIDTH, item, width, length)
        return NULL
    walk.strange |= length == 0
    return at + length


cdef const uint8_t *_verify_packed_varints(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                           uint64_t action) noexcept nogil:
    """Every element must decode. Offset of the fault: the element's first byte."""
    cdef const FieldPlan *field = _field(walk, action)
    cdef size_t length = 0
    at = _verify_length(walk, item, at, &length)
    if at == NULL:
        return NULL
    walk.strange |= length == 0
    if length < KERNEL_BYTES or field.flags & FIELD_CLOSED:
        return _verify_each_varint(walk, field, at, at + length)
    return _verify_run(walk, field, at, at + length)


cdef const uint8_t *_verify_run(VerifyWalk *walk, const FieldPlan *field, const uint8_t *at,
                                const uint8_t *stop) noexcept nogil:
    """A longer run, by the bulk kernels."""
    cdef const VarintKernel *kernel = kernel_in_use()
    cdef size_t values = 0
    if walk.strange == 0:                  # a canonical run is sound: no second pass over it
        if varint_run_canonical(kernel, at, stop, varint_kind(field.kind)):
            return stop
        walk.strange = 1
    if varint_run_count(kernel, at, stop, at - walk.base, &values, walk.fault) < 0:
        return NULL
    return stop


cdef const uint8_t *_verify_each_varint(VerifyWalk *walk, const FieldPlan *field,
                                        const uint8_t *at, const uint8_t *stop) noexcept nogil:
    cdef uint64_t value
    cdef int used
    while at != stop:                      # progress: used > 0
        used = varint_decode(at, stop, &value)
        if used <= 0:
            varint_fault(at - walk.base, used, walk.fault)
            return NULL
        walk.strange |= not _value_canonical(field, value, at, used)
        at += used
    return at


cdef const uint8_t *_push(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                          const MessagePlan *plan, const uint8_t *stop,
                          uint32_t group) noexcept nogil:
    if walk.frame == walk.limit:
        _fault(walk, FAULT_TOO_DEEP, item, walk.limit - walk.first, 0)
        return NULL
    walk.frame += 1
    verify_frame_open(walk.frame, plan, stop, group)
    walk.frame.opened = item
    return at


cdef const uint8_t *_open_message(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                  uint64_t action) noexcept nogil:
    cdef size_t length = 0
    at = _verify_length(walk, item, at, &length)
    if at == NULL:
        return NULL
    return _push(walk, item, at, _child(walk.frame, action), at + length, 0)


cdef const uint8_t *_open_group(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                const MessagePlan *plan, uint32_t tag) noexcept nogil:
    return _push(walk, item, at, plan, walk.frame.stop, tag - WIRE_START + WIRE_END)


cdef const uint8_t *_close_group(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                 uint32_t tag) noexcept nogil:
    if walk.frame.group != tag:            # a message's group is 0, and no end tag is
        _fault(walk, FAULT_LONE_END, item, tag >> 3, 0)
        return NULL
    # What stands in an unknown group is kept as it stands.
    walk.strange |= at - item != tag_size(tag) and walk.frame.plan != &NO_FIELDS
    _judge_end(walk)
    walk.frame -= 1
    return at


cdef const uint8_t *_verify_unknown(VerifyWalk *walk, const uint8_t *item, const uint8_t *at,
                                    uint32_t tag) noexcept nogil:
    """An item that no field takes, end-group tags among them. Unknown fields stay as they are."""
    cdef uint32_t number = tag >> 3, wire = tag & 7
    cdef const uint8_t *start = NULL
    cdef uint64_t value
    cdef size_t length = 0
    cdef int used
    if wire != WIRE_END:
        walk.frame.last = VERIFY_UNKNOWN_MET
    # Upstream skips an unknown group without a look at the numbers inside.
    if number == 0 and walk.frame.plan != &NO_FIELDS:
        _fault(walk, FAULT_BAD_FIELD, item, 0, 0)
    elif wire == WIRE_VARINT:
        used = varint_decode(at, walk.frame.stop, &value)
        if used > 0:
            return at + used
        varint_fault(item - walk.base, used, walk.fault)
    elif wire == WIRE_FIXED32 or wire == WIRE_FIXED64:
        return _verify_fixed(walk, item, at, 0, wire_width(wire))
    elif wire == WIRE_LEN:
        if length_decode(walk.base, item, at, walk.frame.stop, &start, &length, walk.fault) == 0:
            return start + length
    elif wire == WIRE_START:
        return _open_group(walk, item, at, &NO_FIELDS, tag)
    elif wire == WIRE_END:
        return _close_group(walk, item, at, tag)
    else:
        _fault(walk, FAULT_BAD_WIRE, item, wire, 0)
    return NULL
