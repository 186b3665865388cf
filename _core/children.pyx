"""Submessages: views of the bytes that lie inside another message."""

from cpython.mem cimport PyMem_RawMalloc, PyMem_RawRealloc

from cursor cimport Item
from tensorwire._core.index cimport Piece, Scan, scan_next
from tensorwire._core.message cimport (
    Found, Message, Pieces, message_new, message_scan_found,
)
from tensorwire._core.node cimport MESSAGE_CANONICAL
from wire cimport Fault, FieldPlan, MessagePlan


cdef Message message_child(Message self, const FieldPlan *field, Found *found):
    """Copies nothing. A singular submessage that occurs again has one piece per occurrence."""
    cdef const MessagePlan *plan = field.message
    cdef Message child
    if found.count == 0:
        return message_new(plan, NULL, NULL, 0, 0, MESSAGE_CANONICAL)
    child = message_new(plan, self.owner, self.base, found.last.start, found.last.stop, self.flags)
    if found.count > 1:
        child.pieces = _collect_pieces(self, field, found)
        child.whole.start = child.pieces.items[0].start
        child.whole.stop = child.pieces.items[child.pieces.count - 1].stop
    return child


cdef Message message_child_at(Message self, const FieldPlan *field, size_t start, size_t stop):
    return message_new(field.message, self.owner, self.base, start, stop,
                       self.flags)


cdef Pieces *_collect_pieces(Message self, const FieldPlan *field, Found *found) except NULL:
    """The non-empty occurrences from the first one that counts: an empty one adds nothing."""
    cdef Pieces *pieces = <Pieces *> PyMem_RawMalloc(sizeof(Pieces) + found.count * sizeof(Piece))
    cdef Pieces *shrunk
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    if pieces == NULL:
        raise MemoryError
    pieces.count = 0
    message_scan_found(self, found, &scan)
    # A changed file may hold more of them now than were counted.
    while scan_next(&scan, &item, &fault) > 0 and pieces.count < found.count:
        if item.tag == field.tag and item.stop > item.start:
            pieces.items[pieces.count].start = item.start
            pieces.items[pieces.count].stop = item.stop
            pieces.count += 1
    if pieces.count == 0:                  # all of them empty: one empty piece
        pieces.items[0].start = pieces.items[0].stop = found.last.start
        pieces.count = 1
    # The empty ones have no structure to pay for their place.
    shrunk = <Pieces *> PyMem_RawRealloc(pieces, sizeof(Pieces) + pieces.count * sizeof(Piece))
    return pieces if shrunk == NULL else shrunk
