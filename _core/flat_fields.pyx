"""Descriptors: the fields of tables and structs."""

from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t

from flat cimport (
    FLAT_ENUM, FLAT_IS_NUMBERS, FLAT_IS_SCALAR, FLAT_IS_STRING, FLAT_IS_STRUCT, FLAT_IS_STRUCTS,
    FLAT_IS_TABLE, FLAT_IS_UNION, FLAT_IS_UNIONS, FLAT_NESTED, FLAT_OFFSET64, FLAT_OPTIONAL,
    FLAT_VECTOR64, FlatField, flat_integer,
)
from tensorwire._core.flat_plan cimport FlatPlans, enum_class, object_name
from tensorwire._core.flat_values cimport array_view, number_object, string_object
from tensorwire._core.flat_vector cimport union_object, vector_new
from tensorwire._core.flat_view cimport (
    FlatGround, FlatTable, FlatView, ground_changed, ground_follow, ground_vector,
    struct_new, table_find, table_new,
)

from tensorwire._core.source cimport Source

cimport cython

# What absent vectors lie on.
cdef Source EMPTY = Source(b"")


@cython.final
cdef class FlatAttribute:
    """One field of a table or struct: ``view.name``.

    Copies: numbers and strings are fresh objects; arrays, tables and structs lie on the buffer.
    Raises: ``DecodeError`` only if the bytes of a mapped file changed since they were verified.
    """

    def __cinit__(self, FlatPlans plans not None, uint32_t place, uint32_t index):
        if place >= plans.object_count or index >= plans.objects[place].field_count:
            raise IndexError(f"field {index} of type {place}")
        self.plans = plans
        self.object = &plans.objects[place]
        self.field = &self.object.fields[index]
        self.name = plans.declarations.objects[place].fields[index].name
        if self.field.role == FLAT_IS_SCALAR and not self.field.flags & FLAT_OPTIONAL:
            self.default = number_object(self.field.base,
                                         <const uint8_t *> &self.field.default_bits)

    def __get__(self, instance, owner):
        if instance is None:
            return self
        if not isinstance(instance, FlatView) or (<FlatView> instance).object != self.object:
            raise TypeError(f"field {self.name} belongs to {object_name(self.object)}")
        if self.object.is_struct:
            return self.in_struct(<FlatView> instance)
        return self.in_table(<FlatTable> instance)

    def __set__(self, instance, value):
        raise AttributeError(f"{self.name} lies in a buffer, which is read-only here")

    def __repr__(self):
        return f"<field {object_name(self.object)}.{self.name}>"

    cdef object number(self, FlatView view, size_t at):
        cdef const uint8_t *place = view.ground.base + at
        value = number_object(self.field.base, place)
        if self.field.flags & FLAT_ENUM:
            return self.member(value)
        return value

    cdef object member(self, value):
        """The member of the enum with that number; the number itself where there is none.

        Negative bits combined stay a number too: Python's flags would make another one of it.
        """
        if self.members is None:
            cls = enum_class(self.field.enumeration)
            self.members = {int(member): member for member in cls.__members__.values()}
        found = self.members.get(value)
        if found is not None:
            return found
        if value >= 0 and self.plans.bit_flags(self.field.enumeration.head.index):
            return enum_class(self.field.enumeration)(value)
        return value

    cdef object in_struct(self, FlatView view):
        cdef size_t at = view.at + self.field.offset
        if view.ground.size < view.at or view.ground.size - view.at < self.object.size:
            raise ground_changed(&view.ground, view.at)
        if self.field.role == FLAT_IS_SCALAR:
            return self.number(view, at)
        if self.field.role == FLAT_IS_STRUCT:
            return struct_new(self.field.object, &view.ground, at)
        return array_view(&view.ground, self.field, at, self.field.length)

    cdef object in_table(self, FlatTable table):
        cdef ssize_t at = table_find(table, self.field)
        if at == 0:
            return self.absent()
        if self.field.role == FLAT_IS_SCALAR:
            return self.number(table, <size_t> at)
        if self.field.role == FLAT_IS_STRUCT:
            return struct_new(self.field.object, &table.ground, <size_t> at)
        return self.elsewhere(table, ground_follow(
            &table.ground, <size_t> at, self.field.flags & FLAT_OFFSET64 != 0))

    cdef object absent(self):
        cdef FlatGround nothing
        if self.field.role == FLAT_IS_SCALAR:
            if self.default is not None and self.field.flags & FLAT_ENUM:
                return self.member(self.default)
            return self.default
        if self.field.role < FLAT_IS_NUMBERS:
            return None
        nothing.source, nothing.base, nothing.size = <PyObject *> EMPTY, EMPTY.data, 0
        if self.field.role <= FLAT_IS_STRUCTS:
            return array_view(&nothing, self.field, 0, 0)
        return vector_new(self.plans, &nothing, self.field, 0, 0, 0)

    cdef object elsewhere(self, FlatTable table, size_t at):
        """What the field's offset leads to."""
        cdef FlatGround *ground = &table.ground
        cdef const FlatField *field = self.field
        cdef size_t first, count = 0, types = 0, type_count = 0
        cdef ssize_t before
        if field.role == FLAT_IS_STRING:
            return string_object(ground, at)
        if field.role == FLAT_IS_TABLE:
            return table_new(field.object, ground, at)
        if field.role == FLAT_IS_UNION:
            before = table_find(table, field - 1)
            if before == 0:
                return None
            return union_object(ground, field, flat_integer((field - 1).base,
                                                            ground.base + before), at)
        first = ground_vector(ground, at, field.base == FLAT_VECTOR64, field.item_size, &count)
        if field.role <= FLAT_IS_STRUCTS:
            return array_view(ground, field, first, count)
        if field.role == FLAT_IS_UNIONS:
            types = _types(table, field, &type_count)
            if type_count < count:
                raise ground_changed(ground, table.at)
        return vector_new(self.plans, ground, field, first, count, types)


cdef size_t _types(FlatTable table, const FlatField *field, size_t *count) except? 0:
    """First of the types of a vector of unions."""
    cdef const FlatField *types = field - 1
    cdef ssize_t at = table_find(table, types)
    cdef size_t place
    if at == 0:
        raise ground_changed(&table.ground, table.at)
    place = ground_follow(&table.ground, <size_t> at, types.flags & FLAT_OFFSET64 != 0)
    return ground_vector(&table.ground, place, types.base == FLAT_VECTOR64, types.item_size, count)


def nested_bytes(FlatAttribute attribute not None, FlatTable table not None, /):
    """``(start, stop)`` in the table's source of the elements of a vector of numbers, or None."""
    cdef ssize_t at
    cdef size_t count = 0, first, place
    if table.object != attribute.object or attribute.field.role != FLAT_IS_NUMBERS:
        raise TypeError(f"{attribute.name} is no vector of numbers of {object_name(table.object)}")
    at = table_find(table, attribute.field)
    if at == 0:
        return None
    place = ground_follow(&table.ground, <size_t> at, attribute.field.flags & FLAT_OFFSET64 != 0)
    first = ground_vector(&table.ground, place, attribute.field.base == FLAT_VECTOR64,
                          attribute.field.item_size, &count)
    first += <size_t> (table.ground.base - (<Source> table.ground.source).data)
    return first, first + count * attribute.field.item_size


def nested_root(FlatAttribute attribute not None, /):
    """Position of the root type of a nested buffer, or None for bytes that are none."""
    if attribute.field.flags & FLAT_NESTED:
        return attribute.field.object.head.index
    return None


def field_present(FlatAttribute attribute not None, FlatView view not None, /):
    """Whether a field is there; those of structs always are."""
    if view.object != attribute.object:
        raise TypeError(f"field {attribute.name} belongs to {object_name(attribute.object)}")
    if attribute.object.is_struct:
        return True
    return table_find(<FlatTable> view, attribute.field) != 0
