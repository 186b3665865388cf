"""Repeated fields as sequences. They hold their message and locate elements when asked."""

from libc.stdint cimport uint8_t

from cursor cimport Item
from elements cimport Elements
from scalar cimport element_object, item_object
from tensorwire._core.arrays cimport scalar_array
from tensorwire._core.children cimport message_child_at
from tensorwire._core.iterate cimport iterate
from tensorwire._core.message cimport Found, Message, message_find
from tensorwire._core.starts cimport element_at, field_length, item_at
from wire cimport FIELD_CLOSED, KIND_GROUP, KIND_MESSAGE, FieldPlan, kind_packable

cimport cython

from itertools import islice


cdef extern from "Python.h":
    bint PyIndex_Check(object value)
    Py_ssize_t PyNumber_AsSsize_t(object value, object overflow) except? -1


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
@cython.freelist(16)
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
        return iterate(self.parent, self.field)

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
        return iterate(self.parent, self.field)


cdef bint _is_listed(Repeated self) noexcept:
    """Whether an array is made from Python objects: no numbers, or numbers that may be unknown."""
    return not kind_packable(self.field.kind) or self.field.flags & FIELD_CLOSED != 0
