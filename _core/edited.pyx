"""Payloads of fields that were changed: what they would be in the encoding."""

from libc.stdint cimport uint32_t, uint8_t, uint64_t

from tensorwire._core.edits cimport (
    EDIT_CLEARED, EDIT_LIST, EDIT_MAP, EDIT_MESSAGE, EDIT_OBJECT, Edit, List, edits_find,
)
from tensorwire._core.encode cimport encode_bytes
from tensorwire._core.lists cimport list_known
from tensorwire._core.merge cimport map_merge
from tensorwire._core.message cimport Message, message_blank, message_field
from tensorwire._core.node cimport NODE_OWNED, Node
from tensorwire._core.parse cimport message_parsed
from tensorwire._core.payload cimport payload_join
from tensorwire._core.access cimport field_assign_object
from tensorwire._core.repeated cimport repeated_of
from tensorwire._core.values cimport native_load
from wire cimport (
    FIELD_REPEATED, KIND_BYTES, KIND_SINT32, KIND_SINT64, WIRE_VARINT, FieldPlan, kind_is_message,
    kind_packable, kind_wire, wire_width,
)


cdef list edited_payloads(Message message, const FieldPlan *field):
    cdef Edit *entry = edits_find(message.edits, field.number)
    cdef Message alone
    if entry == NULL:
        if field.flags & FIELD_REPEATED and _has_changed_elements(message, field):
            return [encode_bytes(<Message> element, False) for element in repeated_of(message,
                                                                                     field)]
        return None
    if entry.state == EDIT_CLEARED:
        return []
    if entry.state == EDIT_MESSAGE:
        return [encode_bytes(<Message> entry.value.object, False)]
    if entry.state == EDIT_LIST:
        return _list_payloads(message, field)
    alone = message_blank(message.plan)
    if entry.state == EDIT_MAP:
        map_merge(alone, field, <dict> entry.value.object)
    elif entry.state == EDIT_OBJECT:
        return [_text_bytes(<object> entry.value.object)]
    else:
        return [_number_payload(field.kind, entry.value.bits)]
    alone = message_parsed(message.plan, encode_bytes(alone, False))
    return [payload_join(alone, field)]


cdef bint _has_changed_elements(Message message, const FieldPlan *field) noexcept:
    cdef uint32_t i
    if message.children != NULL:
        for i in range(message.children.room):
            if (message.children.nodes[i] != NULL
                    and (<Node> message.children.nodes[i]).field == field
                    and (<Node> message.children.nodes[i]).flags & NODE_OWNED):
                return True
    return False


cdef object _text_bytes(value):
    """Of a buffer that was put a view of its own, which the caller may release."""
    if isinstance(value, str):
        return value.encode()
    return memoryview(value) if isinstance(value, memoryview) else value


cdef list _list_payloads(Message message, const FieldPlan *field):
    """Numbers are one packed run; the others have a payload each."""
    cdef list run
    if kind_packable(field.kind):
        run = _number_payloads(message, field)
        return [b"".join(run)] if run else []
    elements = list(repeated_of(message, field))
    if kind_is_message(field.kind):
        return [encode_bytes(<Message> element, False) for element in elements]
    return [_text_bytes(element) for element in elements]


cdef list _number_payloads(Message message, const FieldPlan *field):
    """Each is looked up again: making objects may run code, which may change the list."""
    cdef list run = []
    cdef List *values = list_known(message, field)
    while values != NULL and <size_t> len(run) < values.count:  # progress: one more
        run.append(_number_payload(field.kind, native_load(field.kind, values.values, len(run))))
        values = list_known(message, field)
    return run


cdef bytes _number_payload(uint8_t kind, uint64_t bits):
    """Source: protobuf.dev/programming-guides/encoding, "More Integer Types"."""
    cdef list out = []
    if kind_wire(kind) != WIRE_VARINT:
        return int(bits).to_bytes(8, "little")[:wire_width(kind_wire(kind))]
    if kind == KIND_SINT32 or kind == KIND_SINT64:
        bits = (bits << 1) ^ (0 - (bits >> 63))
        if kind == KIND_SINT32:
            bits &= 0xFFFFFFFF
    while bits >= 0x80:                    # progress: bits shrinks
        out.append(bits & 0x7f | 0x80)
        bits >>= 7
    out.append(bits)
    return bytes(out)


def put(Message message not None, name, view not None, /):
    """Sets a bytes field to what a contiguous buffer of bytes holds when it is encoded.

    Raises: ``ValueError`` for any other field or buffer, ``TypeError`` for what is no buffer.
    """
    window = memoryview(view)              # its own: nobody else can release it
    if window.format != "B" or window.ndim != 1 or not window.c_contiguous:
        raise ValueError("the buffer is not one run of bytes")
    cdef const FieldPlan *field = message_field(message, name)
    if field.kind != KIND_BYTES or field.flags & FIELD_REPEATED:
        raise ValueError(f"{name} is no singular bytes field")
    field_assign_object(message, field, window)
