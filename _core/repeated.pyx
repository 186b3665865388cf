"""Repeated fields as sequences. They hold their message and locate elements when asked."""

from cpython.list cimport PyList_Append
from libc.stdint cimport uint8_t, uint32_t

from cursor cimport Item, item_read
from elements cimport Elements, elements_begin, elements_next
from scalar cimport element_object, item_object
from tensorwire._core.arrays cimport scalar_array
from tensorwire._core.index cimport Scan, scan_next
from tensorwire._core.message cimport (
    MESSAGE_CANONICAL, Found, Message, message_child_at, message_fault, message_find,
    message_scan_found, message_skip_to,
)
from tensorwire._core.starts cimport element_at, field_length, item_at
from wire cimport (
    FIELD_CLOSED, FIELD_PACKED, KIND_GROUP, KIND_MESSAGE, Fault, FieldPlan, kind_packable,
)

cimport cython

from itertools import islice


cdef extern from "Python.h":
    bint PyIndex_Check(object value)
    Py_ssize_t PyNumber_AsSsize_t(object value, object overflow) except? -1

cdef enum:
    # Up to this many items, and bytes of numbers, a list is made at once for an iteration.
    AT_ONCE_ITEMS = 32
    AT_ONCE_BYTES = 64


cdef Repeated repeated_new(Message parent, const FieldPlan *field):
    cdef Repeated self
    if field.kind == KIND_MESSAGE or field.kind == KIND_GROUP:
        self = RepeatedMessage.__new__(RepeatedMessage)
    else:
        self = RepeatedScalar.__new__(RepeatedScalar)
    self.parent = parent
    self.field = field
    return self


# -- the sequences -------------------------------------------------------------------------------

@cython.no_gc
cdef class Repeated:
    """What both kinds of repeated field share: a read-only sequence."""

    def __init__(self):
        raise TypeError("a repeated field is read from a message")

    def __len__(self):
        return field_length(self.parent, self.field)

    def __bool__(self):
        cdef Found found
        message_find(self.parent, self.field, &found)
        if found.count == 0:
            return False
        return not kind_packable(self.field.kind) or field_length(self.parent, self.field) != 0

    def __getitem__(self, key):
        cdef Py_ssize_t length, place
        if isinstance(key, slice):
            return _slice(self, key)
        if not PyIndex_Check(key):
            raise TypeError(f"an index is an integer or a slice, not {type(key).__name__}")
        length = field_length(self.parent, self.field)
        place = PyNumber_AsSsize_t(key, IndexError)
        if place < 0:
            place += length
        if not 0 <= place < length:
            raise IndexError(f"index {key} of a repeated field with {length} elements")
        return _element(self, place)

    def __contains__(self, value):
        for item in self:
            if item is value or item == value:
                return True
        return False

    def __reversed__(self):
        return reversed(list(self))

    def index(self, value, start=0, stop=None, /):
        """Position of the first element equal to ``value``. Raises ``ValueError``."""
        return list(self).index(value, start, *(() if stop is None else (stop,)))

    def count(self, value, /):
        """How many elements are equal to ``value``."""
        return list(self).count(value)

    def __repr__(self):
        return repr(list(self))

    __hash__ = None


cdef list _slice(Repeated self, slice key):
    start, stop, step = key.indices(field_length(self.parent, self.field))
    if step == 1:
        return list(islice(self, start, stop))
    return [_element(self, i) for i in range(start, stop, step)]


cdef object _element(Repeated self, size_t place):
    """REQUIRES: ``place`` is below the length."""
    cdef Elements walk
    cdef Item item
    cdef uint8_t kind = self.field.kind
    if kind_packable(kind):
        element_at(self.parent, self.field, place, &walk)
        return element_object(kind, self.parent.base + walk.place, walk.value)
    item_at(self.parent, self.field, place, &item)
    if kind == KIND_MESSAGE or kind == KIND_GROUP:
        return message_child_at(self.parent, self.field, item.start, item.stop)
    return item_object(kind, self.parent.base, &item)


@cython.final
@cython.no_gc
cdef class RepeatedScalar(Repeated):
    """Repeated numbers, strings or bytes. Each read makes fresh objects."""

    def __iter__(self):
        cdef Found found
        cdef list few = _adjacent(self)
        if few is not None:
            return iter(few)
        message_find(self.parent, self.field, &found)
        if found.count <= AT_ONCE_ITEMS and (not kind_packable(self.field.kind)
                                    or found.last.stop - found.first <= AT_ONCE_BYTES):
            return iter(_scalars(self, &found))
        return scalar_iterator(self)

    def __array__(self, dtype=None, copy=None):
        """The elements as an array of one dimension.

        dtype: that of the field's type, little-endian; strings and bytes: object.
        Copies: nothing where fixed-width numbers lie in one run; then it is read-only and keeps
        the message's bytes alive. ``copy=False`` raises ``ValueError`` where a copy is needed.
        """
        return scalar_array(self.parent, self.field, list(self) if _is_listed(self) else None,
                            dtype, copy)

    def __eq__(self, other):
        if isinstance(other, RepeatedScalar):
            return list(self) == list(other)
        if isinstance(other, list):
            return list(self) == other
        return NotImplemented


@cython.final
@cython.no_gc
cdef class RepeatedMessage(Repeated):
    """Repeated messages. Each read makes a new view of the element's bytes."""

    def __iter__(self):
        return message_iterator(self)


cdef bint _is_listed(Repeated self) noexcept:
    """Whether an array is made from Python objects: no numbers, or numbers that may be unknown."""
    return not kind_packable(self.field.kind) or self.field.flags & FIELD_CLOSED != 0


cdef list _adjacent(Repeated self):
    """All elements in one pass if they are few unpacked items of a canonical message, else None."""
    cdef Message parent = self.parent
    cdef uint32_t tag = self.field.tag
    cdef size_t budget = AT_ONCE_ITEMS, at
    cdef Item item
    cdef Fault fault
    cdef list result
    if parent.flags & MESSAGE_CANONICAL == 0 or parent.pieces != NULL:
        return None
    if self.field.flags & FIELD_PACKED:
        return None
    result = []
    at = message_skip_to(parent, self.field.number, &budget)
    while budget and at != parent.whole.stop:
        if item_read(parent.base, at, parent.whole.stop, &item, &fault) < 0:
            raise message_fault(parent, &fault)
        if item.tag != tag:
            return result if item.tag > tag else None
        PyList_Append(result, item_object(self.field.kind, parent.base, &item))
        at = item.after
        budget -= 1
    return result if budget else None


cdef list _scalars(Repeated self, Found *found):
    """All elements at once: for short fields."""
    cdef list result = []
    cdef Elements walk
    cdef Item item
    cdef Fault fault
    cdef int status = 0
    cdef const uint8_t *base = self.parent.base
    cdef uint8_t kind = self.field.kind
    if found.count == 0:
        return result
    message_scan_found(self.parent, found, &walk.scan)
    if not kind_packable(kind):
        while found.count:                 # progress: the count falls with each item taken
            status = scan_next(&walk.scan, &item, &fault)
            if status <= 0:
                break
            if item.tag == self.field.tag:
                PyList_Append(result, item_object(kind, base, &item))
                found.count -= 1
    else:
        walk.field = self.field
        walk.at = walk.stop = 0
        while True:
            status = elements_next(&walk, self.parent.plan, &fault)
            if status <= 0:
                break
            PyList_Append(result, element_object(kind, base + walk.place, walk.value))
    if status < 0:
        raise message_fault(self.parent, &fault)
    return result


cdef object scalar_iterator(Repeated self):
    cdef ScalarIterator iterator = ScalarIterator.__new__(ScalarIterator)
    cdef Found found
    iterator.repeated = self
    iterator.left = 0
    if elements_begin(&iterator.walk, self.parent, self.field, &found):
        iterator.left = found.count
    return iterator


@cython.final
@cython.no_gc
@cython.freelist(16)
cdef class ScalarIterator:
    cdef Repeated repeated
    cdef Elements walk
    cdef size_t left         # items; for numbers only whether there were any

    def __init__(self):
        raise TypeError("an iterator is made by iter()")

    def __iter__(self):
        return self

    def __next__(self):
        cdef Message parent = self.repeated.parent
        cdef uint8_t kind = self.repeated.field.kind
        cdef Item item
        cdef Fault fault
        cdef int status = 0
        with cython.critical_section(self):
            if kind_packable(kind) and self.left:
                status = elements_next(&self.walk, parent.plan, &fault)
                if status == 1:
                    return element_object(kind, parent.base + self.walk.place, self.walk.value)
            elif self.left:
                status = _next_item(&self.walk.scan, self.repeated.field, &item, &fault)
                if status == 1:
                    self.left -= 1
                    return item_object(kind, parent.base, &item)
            self.left = 0
        if status < 0:
            raise message_fault(parent, &fault)
        raise StopIteration


cdef inline int _next_item(Scan *scan, const FieldPlan *field, Item *item,
                           Fault *fault) noexcept nogil:
    """The next item of an unpackable field. 1; 0 at the end; -1 and a filled fault."""
    cdef int status
    while True:                            # progress: scan_next advances
        status = scan_next(scan, item, fault)
        if status <= 0 or item.tag == field.tag:
            return status


cdef object message_iterator(Repeated self):
    cdef MessageIterator iterator = MessageIterator.__new__(MessageIterator)
    cdef Found found
    iterator.repeated = self
    message_find(self.parent, self.field, &found)
    iterator.left = found.count
    if found.count:
        message_scan_found(self.parent, &found, &iterator.scan)
    return iterator


@cython.final
@cython.no_gc
@cython.freelist(16)
cdef class MessageIterator:
    cdef Repeated repeated
    cdef Scan scan
    cdef size_t left

    def __init__(self):
        raise TypeError("an iterator is made by iter()")

    def __iter__(self):
        return self

    def __next__(self):
        cdef Message parent = self.repeated.parent
        cdef Item item
        cdef Fault fault
        cdef int status = 0
        with cython.critical_section(self):
            if self.left:
                status = _next_item(&self.scan, self.repeated.field, &item, &fault)
                self.left = self.left - 1 if status == 1 else 0
        if status == 1:
            return message_child_at(parent, self.repeated.field, item.start, item.stop)
        if status < 0:
            raise message_fault(parent, &fault)
        raise StopIteration
