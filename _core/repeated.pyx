"""Repeated fields as lists. They hold their message and locate elements when asked."""

from cpython.buffer cimport PyBUF_WRITABLE, Py_buffer, PyObject_GetBuffer
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport SIZE_MAX, uint8_t, uint64_t

from cursor cimport Item
from elements cimport Elements
from scalar cimport element_object, item_object
from tensorwire._core.arrays cimport scalar_array
from tensorwire._core.children cimport message_child_at
from tensorwire._core.construct cimport message_set_fields
from tensorwire._core.edits cimport List, list_new, word_of_object
from tensorwire._core.iterate cimport iterate
from tensorwire._core.lists cimport (
    TAKE_CHECKED, element_checked, list_add, list_checked, list_element, list_known, list_length,
    list_permute, list_splice,
)
from tensorwire._core.message cimport Message, message_blank
from tensorwire._core.node cimport (
    Node, children_find, class_close, key_of_field, node_alloc, node_init,
)
from tensorwire._core.present cimport field_present
from tensorwire._core.starts cimport element_at, item_at
from tensorwire._core.tree cimport container_drop, node_attach
from wire cimport FIELD_CLOSED, WIRE_VARINT, FieldPlan, kind_is_message, kind_packable, kind_wire

cimport cython

from collections.abc import MutableSequence
from itertools import islice


cdef extern from *:
    """
    /* Lets containers end by that function and no more: Cython's own way there goes through each
     * base and keeps the error that is set, 8 ns of 40. */
    static void (*container_dropper)(PyObject *);
    static void container_dealloc(PyObject *self)
    {
        container_dropper(self);
        PyObject_Free(self);
    }
    static inline void container_class_seal(PyObject *cls, void (*drop)(PyObject *))
    {
        container_dropper = drop;
        ((PyTypeObject *)cls)->tp_dealloc = container_dealloc;
    }
    """
    void container_class_seal(object cls, void (*drop)(PyObject *) noexcept)

cdef extern from "Python.h":
    bint PyIndex_Check(object value)
    Py_ssize_t PyNumber_AsSsize_t(object value, object overflow) except? -1


cdef Repeated repeated_of(Message parent, const FieldPlan *field):
    cdef PyObject *live = children_find(parent.children, key_of_field(field))
    cdef Repeated self
    cdef void *cls = <void *> RepeatedScalarContainer
    if live != NULL:
        return <Repeated> live
    if kind_is_message(field.kind):
        cls = <void *> RepeatedCompositeContainer
    self = <Repeated> node_alloc(cls)
    node_init(self)
    node_attach(self, parent, field, key_of_field(field))
    return self


cdef inline Message _parent(Repeated self):
    return <Message> self.parent


cdef inline Py_ssize_t _length(Repeated self) except -1:
    return list_length(_parent(self), self.field)


cdef Py_ssize_t _place(Repeated self, key) except -1:
    """An index as a place below the length. Raises ``TypeError``, ``IndexError``."""
    cdef Py_ssize_t length, place
    if not PyIndex_Check(key):
        raise TypeError(f"an index is an integer or a slice, not {type(key).__name__}")
    place = PyNumber_AsSsize_t(key, IndexError)
    length = _length(self)
    if place < 0:
        place += length
    if not 0 <= place < length:
        raise IndexError(f"index {key} of a repeated field with {length} elements")
    return place


cdef int _splice(Repeated self, Py_ssize_t start, Py_ssize_t stop, values) except -1:
    """Puts values in the place of [start, stop); nothing changes if one of them does not fit."""
    cdef List *fresh = list_checked(_parent(self), self.field, values)
    return list_splice(_parent(self), self.field, start, stop, fresh)


cdef int _delete(Repeated self, Py_ssize_t start, Py_ssize_t stop) except -1:
    return list_splice(_parent(self), self.field, start, stop, list_new(self.field.kind, 0))


cdef object _element(Repeated self, size_t place):
    """REQUIRES: ``place`` was below the length: an index may have run code since."""
    cdef Message parent = _parent(self)
    cdef List *known = list_known(parent, self.field)
    cdef Elements walk
    cdef Item item
    cdef uint8_t kind = self.field.kind
    if known != NULL:
        if place >= known.count:
            raise IndexError(f"index {place} of a repeated field with {known.count} elements")
        return list_element(parent, self.field, known, place)
    if kind_packable(kind):
        element_at(parent, self.field, place, &walk)
        return element_object(kind, parent.base + walk.place, walk.value)
    item_at(parent, self.field, place, &item)
    if kind_is_message(kind):
        return message_child_at(parent, self.field, &item)
    return item_object(kind, parent.base, &item)


cdef object _alone(Repeated self, str done):
    """Of the type that upstream's error has."""
    from pickle import PickleError

    error = TypeError if kind_is_message(self.field.kind) else PickleError
    return error(f"a repeated field cannot be {done} alone; take list(field)")


cdef list _slice(Repeated self, slice key):
    start, stop, step = key.indices(_length(self))
    if step == 1:
        return list(islice(self, start, stop))
    return [_element(self, i) for i in range(start, stop, step)]


@cython.no_gc
cdef class Repeated(Node):
    """What both kinds of repeated field share: a list of its elements.

    Copies: what is read of the bytes is a fresh object or a view; a change keeps the elements that
    it does not touch as places in the bytes.
    """

    def __init__(self):
        raise TypeError("a repeated field is read from a message")

    def __len__(self):
        return _length(self)

    def __bool__(self):
        return field_present(_parent(self), self.field)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return _slice(self, key)
        return _element(self, _place(self, key))

    def __delitem__(self, key):
        if not isinstance(key, slice):
            place = _place(self, key)
            _delete(self, place, place + 1)
            return
        places = range(*key.indices(_length(self)))
        if places.step == 1:
            _delete(self, places.start, max(places.start, places.stop))
            return
        for place in sorted(places, reverse=True):
            _delete(self, place, place + 1)

    def __contains__(self, value):
        for item in self:
            if item is value or item == value:
                return True
        return False

    def __iter__(self):
        return iterate(self)

    def __reversed__(self):
        return reversed(list(self))

    def append(self, value, /):
        """Adds a value to the end; of a message, a copy. Raises ``TypeError``, ``ValueError``."""
        cdef uint64_t element = 0
        element_checked(_parent(self).plan, self.field, value, TAKE_CHECKED, &element)
        list_add(_parent(self), self.field, element)

    def insert(self, index, value, /):
        """Adds a value before ``index``, as ``list.insert``; of a message, a copy."""
        cdef Py_ssize_t length = _length(self), place = PyNumber_AsSsize_t(index, None)
        if place < 0:
            place = max(place + length, 0)
        place = min(place, length)
        _splice(self, place, place, (value,))

    def extend(self, values, /):
        """Adds all values to the end. Nothing is added if one of them does not fit.

        Copies: messages; arrays of numbers are taken over at once.
        """
        if values is None:
            raise TypeError("an iterable is needed, not None")
        cdef List *fresh = list_checked(_parent(self), self.field, values)
        list_splice(_parent(self), self.field, SIZE_MAX, SIZE_MAX, fresh)

    def MergeFrom(self, other, /):
        """Adds all elements of another repeated field, or a list."""
        self.extend(other)

    def pop(self, key=-1, /):
        """Removes and returns one element. Raises ``IndexError``."""
        place = _place(self, key)
        value = _element(self, place)
        _delete(self, place, place + 1)
        return value

    def remove(self, value, /):
        """Removes the first element equal to ``value``. Raises ``ValueError``."""
        place = self.index(value)
        _delete(self, place, place + 1)

    def clear(self):
        """Removes all elements."""
        if _length(self):
            _delete(self, 0, _length(self))

    def reverse(self):
        """Reverses the order in place."""
        list_permute(_parent(self), self.field, list(range(_length(self)))[::-1])

    def sort(self, *, key=None, reverse=False):
        """Sorts in place, as ``list.sort``. Messages have no order of their own: give a key."""
        values = list(self)
        if not values:
            return
        if key is not None:
            values = [key(value) for value in values]
        order = sorted(range(len(values)), key=values.__getitem__, reverse=reverse)
        list_permute(_parent(self), self.field, order)

    def index(self, value, start=0, stop=None, /):
        """Position of the first element equal to ``value``. Raises ``ValueError``."""
        return list(self).index(value, start, *(() if stop is None else (stop,)))

    def count(self, value, /):
        """How many elements are equal to ``value``."""
        return list(self).count(value)

    def __eq__(self, other):
        if isinstance(other, Repeated):
            return list(self) == list(other)
        if isinstance(other, list):
            return list(self) == other
        return NotImplemented

    def __repr__(self):
        return repr(list(self))

    def __copy__(self):
        raise _alone(self, "copied")

    def __reduce__(self):
        raise _alone(self, "pickled")

    def __deepcopy__(self, memo):
        cdef Message alone = message_blank(_parent(self).plan)
        cdef Repeated copy = repeated_of(alone, self.field)
        copy.extend(self)
        return copy

    __hash__ = None


@cython.final
@cython.no_gc
cdef class RepeatedScalarContainer(Repeated):
    """Repeated numbers, strings or bytes. Each read makes fresh objects."""

    def __setitem__(self, key, value):
        if not isinstance(key, slice):
            place = _place(self, key)
            _splice(self, place, place + 1, (value,))
            return
        values = list(value)
        places = range(*key.indices(_length(self)))
        if places.step == 1:
            _splice(self, places.start, max(places.start, places.stop), values)
            return
        if len(places) != len(values):
            raise ValueError(f"{len(values)} values for an extended slice of {len(places)}")
        fresh = list(self)
        fresh[key] = values
        _splice(self, 0, len(fresh), fresh)

    def __array__(self, dtype=None, copy=None):
        """The elements as an array of one dimension.

        dtype: that of the field's type, little-endian; strings and bytes: NumPy's own, which
        lose trailing NULs (ask for ``object`` to keep them).
        Copies: nothing where fixed-width numbers lie in one run; then it is read-only and keeps
        the message's bytes alive. ``copy=False`` raises ``ValueError`` where a copy is needed.
        """
        return scalar_array(_parent(self), self.field, list(self) if _is_listed(self) else None,
                            dtype, copy)

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        """Read-only: fixed-width numbers where they lie; of a changed field, a snapshot."""
        if flags & PyBUF_WRITABLE == PyBUF_WRITABLE:
            raise BufferError("the elements are read-only; use the methods of the field")
        if not kind_packable(self.field.kind) or kind_wire(self.field.kind) == WIRE_VARINT:
            raise BufferError("only fixed-width numbers have a buffer; use numpy.array")
        array = scalar_array(_parent(self), self.field, None, None, None)
        array.flags.writeable = False
        PyObject_GetBuffer(array, buffer, flags)
        # NumPy says "=I" of what is not aligned; memoryview reads "I" alone, at any place.
        if buffer.format != NULL and buffer.format[0] == b"=":
            buffer.format += 1


@cython.final
@cython.no_gc
cdef class RepeatedCompositeContainer(Repeated):
    """Repeated messages, each a view of the element's bytes until it is changed."""

    def add(self, **fields):
        """Adds a new message with these fields to the end and returns it."""
        cdef Message fresh = message_blank(self.field.message)
        if fields:
            message_set_fields(fresh, fields)
        Py_INCREF(fresh)
        list_add(_parent(self), self.field, word_of_object(<PyObject *> fresh))
        return fresh

    def extend(self, values, /):
        """Adds copies of messages to the end: those before the first that does not fit."""
        if values is None:
            raise TypeError("an iterable is needed, not None")
        values = list(values) if values is self else iter(values)
        _splice(self, _length(self), _length(self), ())
        for value in values:
            self.append(value)

    def __setitem__(self, key, value):
        raise TypeError("elements cannot be assigned; use CopyFrom on one, or add and del")


cdef bint _is_listed(Repeated self) noexcept:
    """Whether an array is made from Python objects: no numbers, or numbers that may be unknown."""
    return not kind_packable(self.field.kind) or self.field.flags & FIELD_CLOSED != 0


container_class_seal(RepeatedScalarContainer, container_drop)
container_class_seal(RepeatedCompositeContainer, container_drop)
MutableSequence.register(Repeated)
class_close(Repeated)
class_close(RepeatedScalarContainer)
class_close(RepeatedCompositeContainer)
