"""Submessages: views of the bytes inside another message, each made once while it lives."""

from cpython.mem cimport PyMem_RawMalloc, PyMem_RawRealloc
from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

from cursor cimport Item
from tensorwire._core.edits cimport EDIT_MESSAGE, Edit, edits_find
from tensorwire._core.index cimport Piece, Scan, scan_next
from tensorwire._core.find cimport Found, message_find, message_scan_found
from tensorwire._core.message cimport (
    Message, Pieces, message_changed, message_class, message_new,
)
from tensorwire._core.node cimport (
    MESSAGE_CANONICAL, MESSAGE_NO_UNKNOWN, Node, children_find, key_of_field, key_of_item,
)
from tensorwire._core.tree cimport node_attach
from wire cimport Fault, FieldPlan

cdef enum:
    INHERITED = MESSAGE_CANONICAL | MESSAGE_NO_UNKNOWN


cdef PyObject *child_at(Message self, const FieldPlan *field, uint64_t key) except? NULL:
    cdef PyObject *live = children_find(self.children, key)
    if live != NULL and (<Node> live).field != field:
        raise message_changed(self, <size_t> (key >> 1))
    return live


cdef Message message_child(Message self, const FieldPlan *field):
    message_class(field.message)           # now: later it could make the child a second time
    cdef Edit *entry = NULL if self.edits == NULL else edits_find(self.edits, field.number)
    cdef PyObject *live
    cdef Message child
    cdef Found found
    if entry != NULL and entry.state == EDIT_MESSAGE:
        return <Message> entry.value.object
    live = children_find(self.children, key_of_field(field))
    if live != NULL:
        return <Message> live
    found.count = 0
    if entry == NULL:
        message_find(self, field, &found)
    child = message_lone(self, field, &found)
    node_attach(child, self, field, key_of_field(field))
    return child


cdef Message message_child_at(Message self, const FieldPlan *field, const Item *item):
    message_class(field.message)           # now: later it could make the child a second time
    cdef PyObject *live = child_at(self, field, key_of_item(item.at))
    cdef Message child
    if live != NULL:
        return <Message> live
    child = message_new(field.message, self.owner, self.base, item.start, item.stop,
                        self.flags & INHERITED)
    node_attach(child, self, field, key_of_item(item.at))
    return child


cdef Message message_lone(Message self, const FieldPlan *field, Found *found):
    """Copies nothing. A singular submessage that occurs again has one piece per occurrence."""
    cdef Message child
    if found.count == 0:
        return message_new(field.message, NULL, NULL, 0, 0, MESSAGE_CANONICAL)
    child = message_new(field.message, self.owner, self.base, found.last.start, found.last.stop,
                        self.flags & INHERITED)
    if found.count > 1:
        child.pieces = _collect_pieces(self, field, found)
        child.whole.start = child.pieces.items[0].start
        child.whole.stop = child.pieces.items[child.pieces.count - 1].stop
    return child


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
