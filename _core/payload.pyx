"""Where the bytes of messages and fields lie, and gathering them where they are split."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.string cimport memcpy

from cursor cimport Item, field_takes
from tensorwire._core.edited cimport edited_payloads
from tensorwire._core.index cimport Piece, Scan, scan_next
from tensorwire._core.find cimport Found, message_find, message_scan_found
from tensorwire._core.message cimport Message, message_changed, message_fault, message_field
from tensorwire._core.node cimport MESSAGE_CANONICAL, MESSAGE_DIRTY
from wire cimport FIELD_REPEATED, Fault, FieldPlan, kind_is_message


cdef object _owner(Message message):
    return b"" if message.owner == NULL else <object> message.owner


cdef tuple payload_span(Message message, const FieldPlan *field):
    cdef Found found
    cdef list parts = edited_payloads(message, field)
    if parts is not None:
        if not parts:
            return b"", 0, 0
        return (parts[0], 0, memoryview(parts[0]).nbytes) if len(parts) == 1 else None
    cdef bint splits = field.flags & FIELD_REPEATED != 0 or kind_is_message(field.kind)
    message_find(message, field, &found)
    if found.count == 0:
        return _owner(message), message.whole.start, message.whole.start
    if found.count > 1 and splits:
        return None
    return _owner(message), found.last.start, found.last.stop


cdef bytes payload_join(Message message, const FieldPlan *field):
    cdef list parts = edited_payloads(message, field)
    if parts is not None:
        return b"".join(parts)
    cdef size_t total = _walk(message, field, NULL, 0)
    cdef bytes joined = PyBytes_FromStringAndSize(NULL, total)
    if _walk(message, field, PyBytes_AS_STRING(joined), total) != total:
        raise message_changed(message, message.whole.start)
    return joined


cdef size_t _walk(Message message, const FieldPlan *field, char *out, size_t room) except? 0:
    """Bytes of all payloads, copied to ``out`` while there is room, only counted if it is NULL."""
    cdef size_t total = 0, length
    cdef Found found
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status = 1
    message_find(message, field, &found)
    if found.count == 0:
        return 0
    message_scan_found(message, &found, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status <= 0:
            break
        if item.tag >> 3 != field.number or not field_takes(message.plan, field, &item):
            continue
        length = item.stop - item.start
        if out != NULL:
            if length > room - total:      # total <= room
                break
            memcpy(out + total, message.base + item.start, length)
        total += length
    if status < 0:
        raise message_fault(message, &fault)
    return total


def span(Message message not None, name, /):
    """``(owner, start, stop)`` of the payload of a field that lies in one run, else None.

    ``owner`` is what holds the bytes: ``bytes``, ``Source``, or of a payload that was put, a
    memoryview; of any other field that was changed, its encoding, made now. One run is: a string,
    bytes or message field, one packed run, or one single element. An absent field is an empty run.
    Raises: ``ValueError`` for an unknown name.
    """
    return payload_span(message, message_field(message, name))


def gather(Message message not None, name, /) -> bytes:
    """The payloads of all items of a field, joined. Copies them once.

    Raises: ``ValueError`` for an unknown name.
    """
    return payload_join(message, message_field(message, name))


def extent(Message message not None, /):
    """``(owner, start, stop)`` of a message in one piece, None for one in several."""
    if message.pieces != NULL:
        return None
    return _owner(message), message.whole.start, message.whole.stop


def pieces(Message message not None, /) -> bytes:
    """The bytes of a message in several pieces, joined."""
    cdef size_t i
    cdef const Piece *piece
    cdef list parts = []
    for i in range(message.pieces.count if message.pieces != NULL else 0):
        piece = &message.pieces.items[i]
        parts.append((<const char *> message.base)[piece.start:piece.stop])
    return b"".join(parts)


def is_canonical(Message message not None, /) -> bool:
    """Whether the bytes that were parsed are known to be what an encoder would write.

    Of a message inside another: whether all of the outermost one are.
    """
    return message.flags & MESSAGE_CANONICAL != 0


def is_changed(Message message not None, /) -> bool:
    """Whether anything was written to the message, or below it, since it was parsed."""
    return message.flags & MESSAGE_DIRTY != 0
