"""Vectors of tables, strings and unions as sequences."""

from cpython.slice cimport PySlice_AdjustIndices, PySlice_Unpack
from libc.stdint cimport uint8_t
from libc.string cimport memcmp

from flat cimport (
    FLAT_IS_SCALAR, FLAT_IS_STRING, FLAT_IS_STRINGS, FLAT_IS_TABLES, FLAT_OBJECT, FLAT_STRING,
    FlatEnumValue, FlatField, flat_enum_find, flat_integer,
)
from tensorwire._core.flat_plan cimport FlatPlans, object_name
from tensorwire._core.flat_values cimport number_object, string_object
from tensorwire._core.flat_view cimport (
    FlatGround, FlatTable, ground_changed, ground_follow, ground_vector, struct_new, table_find,
    table_new,
)

cimport cython

cdef extern from "Python.h":
    Py_ssize_t PyNumber_AsSsize_t(object value, object overflow) except? -1


@cython.final
cdef class FlatVector:
    """The elements of a vector of tables, strings or unions, as a read-only sequence.

    Elements are made anew each time; a slice is a list of them. Lifetime: holds its source.
    """

    def __init__(self, *args, **kwargs):
        raise TypeError("fields of views make vectors")

    def __len__(self):
        return <Py_ssize_t> self.count

    def __getitem__(self, index):
        cdef Py_ssize_t start, stop, step, i, length
        if isinstance(index, slice):
            PySlice_Unpack(index, &start, &stop, &step)
            length = PySlice_AdjustIndices(<Py_ssize_t> self.count, &start, &stop, step)
            return [self.item(<size_t> (start + i * step)) for i in range(length)]
        i = PyNumber_AsSsize_t(index, IndexError)
        if i < 0:
            i += <Py_ssize_t> self.count
        if not 0 <= i < <Py_ssize_t> self.count:
            raise IndexError(f"element {index} of {self.count}")
        return self.item(<size_t> i)

    def __iter__(self):
        cdef FlatIterator iterator = FlatIterator.__new__(FlatIterator)
        iterator.vector = self
        return iterator

    def lookup(self, key, default=None):
        """The element whose ``key`` field is ``key``, found by binary search; else ``default``.

        Of several with that key, any. A vector that its writer did not sort finds fewer.
        Raises: ``TypeError`` for a vector of other things than tables with a key.
        Source: google/flatbuffers ``docs/source/tutorial.md``, "key".
        """
        cdef const FlatField *field = NULL
        cdef size_t low = 0, high = self.count, mid
        cdef int order
        if self.field.role == FLAT_IS_TABLES:
            field = self.field.object.key
        if field == NULL or field.role not in (FLAT_IS_SCALAR, FLAT_IS_STRING):
            raise TypeError("a vector of tables with a key is needed for that")
        cdef bytes wanted = None
        if field.role == FLAT_IS_STRING:
            wanted = key.encode("utf-8", "surrogateescape") if isinstance(key, str) else bytes(key)
        while low < high:                  # progress: the range halves
            mid = (low + high) // 2
            element = self.item(mid)
            order = _key_order(<FlatTable> element, field, key, wanted)
            if order == 0:
                return element
            if order < 0:
                low = mid + 1
            else:
                high = mid
        return default

    def __repr__(self):
        return f"<vector of {self.count} {self._what()}>"

    def _what(self):
        if self.field.role == FLAT_IS_TABLES:
            return object_name(self.field.object)
        return "strings" if self.field.role == FLAT_IS_STRINGS else "unions"

    def __eq__(self, other):
        if isinstance(other, (FlatVector, list, tuple)):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other))
        return NotImplemented

    __hash__ = None

    def __reduce__(self):
        raise TypeError("views of a buffer cannot be pickled; pickle the buffer")

    cdef object item(self, size_t i):
        """REQUIRES: i < count."""
        cdef size_t place = self.first + 4 * i
        if self.field.role == FLAT_IS_TABLES:
            return table_new(self.field.object, &self.ground,
                             ground_follow(&self.ground, place, False))
        if self.field.role == FLAT_IS_STRINGS:
            return string_object(&self.ground, ground_follow(&self.ground, place, False))
        return self.member(i, place)

    cdef object member(self, size_t i, size_t place):
        """Of a union. Where the type is none of the schema's, nobody verified the offset."""
        cdef const FlatField *types = self.field - 1
        cdef const uint8_t *at = self.ground.base + self.types + i * types.item_size
        cdef long long type = flat_integer(types.element, at)
        cdef const FlatEnumValue *known = flat_enum_find(self.field.enumeration, type)
        if known == NULL or known.base not in (FLAT_STRING, FLAT_OBJECT):
            return None
        return union_object(&self.ground, self.field, type,
                            ground_follow(&self.ground, place, False))


@cython.final
cdef class FlatIterator:
    """Over the elements of a `FlatVector`."""
    cdef FlatVector vector
    cdef size_t next

    def __iter__(self):
        return self

    def __next__(self):
        cdef size_t i = self.next
        if i >= self.vector.count:
            raise StopIteration
        self.next = i + 1
        return self.vector.item(i)

    def __length_hint__(self):
        return <Py_ssize_t> (self.vector.count - self.next)


cdef FlatVector vector_new(FlatPlans plans, const FlatGround *ground, const FlatField *field,
                           size_t first, size_t count, size_t types):
    cdef FlatVector self = FlatVector.__new__(FlatVector)
    self.plans = plans
    self.source = <object> ground.source
    self.ground = ground[0]
    self.field = field
    self.first = first
    self.count = count
    self.types = types
    return self


cdef object union_object(const FlatGround *ground, const FlatField *field, long long type,
                         size_t at):
    """The value of a union: a table, struct or string; None for a type that is not known."""
    cdef const FlatEnumValue *member = flat_enum_find(field.enumeration, type)
    if member == NULL:
        return None
    if member.base == FLAT_STRING:
        return string_object(ground, at)
    if member.base != FLAT_OBJECT:
        return None
    if member.object.is_struct:
        return struct_new(member.object, ground, at)
    return table_new(member.object, ground, at)


cdef int _key_order(FlatTable table, const FlatField *field, key, bytes wanted) except? 2:
    """Below 0, 0, or above, as the table's key comes before, at or after the one wanted."""
    cdef ssize_t at = table_find(table, field)
    cdef size_t count = 0, first
    cdef int order
    if wanted is not None:
        if at == 0:
            raise ground_changed(&table.ground, table.at)      # the schema requires it
        first = ground_follow(&table.ground, <size_t> at, False)
        first = ground_vector(&table.ground, first, False, 1, &count)
        order = memcmp(table.ground.base + first, <const char *> wanted,
                       min(count, <size_t> len(wanted)))
        return order if order else (count > <size_t> len(wanted)) - (count < <size_t> len(wanted))
    value = number_object(field.base, <const uint8_t *> &field.default_bits if at == 0
                          else table.ground.base + at)
    return (value > key) - (value < key)
