"""Several fields of tables at once, as plain values: no enums, no arrays, and so no NumPy."""

from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint64_t

from flat cimport (
    FLAT_FLOAT32, FLAT_IS_NUMBERS, FLAT_IS_SCALAR, FLAT_IS_STRING, FLAT_IS_TABLE, FLAT_IS_TABLES,
    FLAT_OFFSET64, FLAT_VECTOR64, FlatField,
)
from tensorwire._core.flat_fields cimport FlatAttribute
from tensorwire._core.flat_plan cimport object_name
from tensorwire._core.flat_values cimport number_object
from tensorwire._core.flat_vector cimport FlatVector
from tensorwire._core.flat_view cimport (
    FlatTable, ground_follow, ground_offset, ground_vector, table_find, table_new,
)

from tensorwire.errors import LimitError


def pick(FlatTable table not None, tuple attributes not None, /):
    """The values of those fields of a table, as a tuple.

    A number is that, also of an enum; a string is str; of a vector of numbers there is
    ``(start, stop)`` of its elements in the source; a table is a view. Absent ones are the default,
    or None. Raises: ``TypeError`` for a field of another table, or of another kind.
    """
    cdef uint64_t most = <uint64_t> table.ground.size + 1
    return _picked(table, attributes, &most)


def pick_all(FlatVector vector not None, tuple attributes not None, uint64_t most, /):
    """The same for every table of a vector: a list of tuples.

    Raises: ``LimitError`` if strings, which tables may share, have more than ``most`` bytes in all.
    """
    cdef list found = []
    cdef uint64_t left = most
    cdef size_t i
    if vector.count and vector.field.role != FLAT_IS_TABLES:
        raise TypeError("a vector of tables is needed")
    for i in range(vector.count):
        found.append(_picked(<FlatTable> vector.item(i), attributes, &left))
    return found


def integers(FlatAttribute attribute not None, FlatTable table not None, size_t most, /):
    """The elements of a vector of integers as a tuple, none where it is absent.

    None if there are more than ``most``. Raises: ``TypeError`` for another kind of field.
    """
    cdef ssize_t at
    cdef size_t count = 0, first, i
    cdef const FlatField *field = attribute.field
    if (table.object != attribute.object or field.role != FLAT_IS_NUMBERS
            or field.element >= FLAT_FLOAT32):
        raise TypeError(f"{attribute.name} is no vector of integers")
    at = table_find(table, field)
    if at == 0:
        return ()
    first = _elements(table, field, <size_t> at, &count)
    if count > most:
        return None
    cdef tuple found = PyTuple_New(<Py_ssize_t> count)
    for i in range(count):
        value = number_object(field.element, table.ground.base + first + i * field.item_size)
        Py_INCREF(value)
        PyTuple_SET_ITEM(found, <Py_ssize_t> i, value)
    return found


cdef tuple _picked(FlatTable table, tuple attributes, uint64_t *left):
    cdef Py_ssize_t i, count = len(attributes)
    cdef tuple found = PyTuple_New(count)
    for i in range(count):
        value = _plain(table, <FlatAttribute?> attributes[i], left)
        Py_INCREF(value)
        PyTuple_SET_ITEM(found, i, value)
    return found


cdef object _plain(FlatTable table, FlatAttribute attribute, uint64_t *left):
    cdef const FlatField *field = attribute.field
    cdef ssize_t at
    cdef size_t place, first, count = 0
    if table.object != attribute.object:
        raise TypeError(f"field {attribute.name} belongs to {object_name(attribute.object)}")
    at = table_find(table, field)
    if field.role == FLAT_IS_SCALAR:
        if at == 0:
            return attribute.default
        return number_object(field.base, table.ground.base + at)
    if at == 0:
        return None
    if field.role == FLAT_IS_NUMBERS:
        first = _elements(table, field, <size_t> at, &count)
        first = ground_offset(&table.ground, first)
        return first, first + count * field.item_size
    place = ground_follow(&table.ground, <size_t> at, field.flags & FLAT_OFFSET64 != 0)
    if field.role == FLAT_IS_STRING:
        first = ground_vector(&table.ground, place, False, 1, &count)
        if count > left[0]:
            raise LimitError("strings that tables share have more bytes than are allowed",
                             path=attribute.name)
        left[0] -= count
        return PyUnicode_DecodeUTF8(<const char *> table.ground.base + first, <Py_ssize_t> count,
                                    b"surrogateescape")
    if field.role == FLAT_IS_TABLE:
        return table_new(field.object, &table.ground, place)
    raise TypeError(f"field {attribute.name} is of no kind that can be picked")


cdef size_t _elements(FlatTable table, const FlatField *field, size_t at, size_t *count) except 0:
    """First element of the vector of numbers that a field at ``at`` leads to."""
    cdef size_t place = ground_follow(&table.ground, at, field.flags & FLAT_OFFSET64 != 0)
    return ground_vector(&table.ground, place, field.base == FLAT_VECTOR64, field.item_size, count)
