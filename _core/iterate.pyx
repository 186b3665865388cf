"""Iterating over a repeated field: elements are located and made one at a time."""

from libc.stdint cimport uint8_t

from cursor cimport Item, item_read
from elements cimport Elements, elements_begin, elements_next
from scalar cimport item_object
from tensorwire._core.children cimport message_child_at
from tensorwire._core.edits cimport List, edits_find
from tensorwire._core.index cimport scan_next
from tensorwire._core.lists cimport list_element, list_known
from tensorwire._core.find cimport Found, message_skip_to
from tensorwire._core.message cimport Message, message_fault
from tensorwire._core.node cimport MESSAGE_CANONICAL, class_close
from tensorwire._core.repeated cimport Repeated
from wire cimport FIELD_PACKED, Fault, FieldPlan, kind_is_message, kind_packable

cimport cython

cdef enum:
    # Items that may be skipped to find the first element before the message's index is asked.
    SKIP_ITEMS = 32

cdef enum Way:
    ASCENDING = 1            # tags ascend from `at`: the first one above the field's is the end
    ITEMS                    # of so many items, found anywhere
    NUMBERS                  # elements of packed runs and single items
    EDITED                   # of a changed field, by place


cdef object iterate(Repeated container):
    cdef ElementIterator iterator = ElementIterator.__new__(ElementIterator)
    cdef Message parent = <Message> container.parent
    cdef const FieldPlan *field = container.field
    cdef Found found
    cdef size_t budget = SKIP_ITEMS
    iterator.container = container
    iterator.field = field
    iterator.left = 0
    iterator.met = 0
    iterator.way = EDITED
    if parent.edits != NULL and edits_find(parent.edits, field.number) != NULL:
        return iterator
    if (parent.flags & MESSAGE_CANONICAL != 0 and parent.pieces == NULL
            and field.flags & FIELD_PACKED == 0):
        iterator.way = ASCENDING
        iterator.at = message_skip_to(parent, field.number, &budget)
        if budget:
            return iterator
    iterator.way = NUMBERS if kind_packable(field.kind) else ITEMS
    if elements_begin(&iterator.walk, parent, field, &found):
        iterator.left = found.count
    return iterator


@cython.final
@cython.no_gc
@cython.freelist(16)
cdef class ElementIterator:
    """Holds the container, which may be moved to another message of the same bytes meanwhile.

    Threads: each step is taken under the object's lock.
    """
    cdef Repeated container
    cdef const FieldPlan *field
    cdef Way way
    cdef size_t at
    cdef Elements walk
    cdef size_t left         # items; for numbers only whether there are any
    cdef size_t met          # elements that were handed out

    def __init__(self):
        raise TypeError("an iterator is made by iter()")

    def __iter__(self):
        return self

    def __next__(self):
        cdef Message parent = <Message> self.container.parent
        cdef Item item
        cdef Fault fault
        cdef List *values
        cdef int status = 0
        if parent.edits != NULL and edits_find(parent.edits, self.field.number) != NULL:
            values = list_known(parent, self.field)
            if values == NULL or self.met >= values.count:
                raise StopIteration        # here: out of another function it costs 200 ns more
            self.met += 1
            return list_element(parent, self.field, values, self.met - 1)
        with cython.critical_section(self):
            if self.way == ASCENDING:
                status = _next_ascending(self, parent, &item, &fault)
            elif self.left and self.walk.scan.base == parent.base:  # else the bytes are gone
                status = _next_anywhere(self, parent, &item, &fault)
            self.met += status == 1
        if status == 1:
            return _object(self, parent, &item)
        if status < 0:
            raise message_fault(parent, &fault)
        raise StopIteration


cdef inline object _object(ElementIterator self, Message parent, const Item *item):
    cdef uint8_t kind = self.field.kind
    if kind_is_message(kind):
        return message_child_at(parent, self.field, item)
    return item_object(kind, parent.base, item)


cdef inline int _next_ascending(ElementIterator self, Message parent, Item *item,
                                Fault *fault) noexcept:
    """The next element from `at` on. 1; 0 at the end; -1 and a filled fault."""
    cdef size_t stop = parent.whole.stop
    while self.at < stop:                  # progress: an item is at least one byte
        if item_read(parent.base, self.at, stop, item, fault) < 0:
            self.at = stop
            return -1
        if item.tag > self.field.tag:
            self.at = stop
            return 0
        self.at = item.after
        if item.tag == self.field.tag:
            return 1
    return 0


cdef int _next_anywhere(ElementIterator self, Message parent, Item *item,
                        Fault *fault) noexcept:
    """The same for elements that may lie anywhere."""
    cdef int status
    if self.way == NUMBERS:
        status = elements_next(&self.walk, parent.plan, fault)
        item.start, item.value = self.walk.place, self.walk.value
        self.left = status == 1
        return status
    while True:                            # progress: scan_next advances
        status = scan_next(&self.walk.scan, item, fault)
        if status <= 0 or item.tag == self.field.tag:
            self.left = self.left - 1 if status == 1 else 0
            return status


class_close(ElementIterator)
