"""Plans of FlatBuffers schemas: `tensorwire.flat.declarations`, compiled to C tables.

Source: google/flatbuffers ``reflection/reflection.fbs`` for types, ``docs/source/internals.md`` for
the places of fields.
"""

import struct

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from flat cimport (
    FLAT_ARRAY, FLAT_BASES, FLAT_BOOL, FLAT_DEPRECATED, FLAT_ENUM, FLAT_FLOAT32, FLAT_FLOAT64,
    FLAT_IS_ARRAY, FLAT_IS_NUMBERS, FLAT_IS_SCALAR, FLAT_IS_STRING, FLAT_IS_STRINGS,
    FLAT_IS_STRUCT, FLAT_IS_STRUCTS, FLAT_IS_TABLE, FLAT_IS_TABLES, FLAT_IS_UNION,
    FLAT_IS_UNIONS, FLAT_KEY, FLAT_NESTED, FLAT_OBJECT, FLAT_OFFSET64, FLAT_REQUIRED, FLAT_STRING,
    FLAT_UINT8, FLAT_UNION, FLAT_UTYPE, FLAT_VECTOR, FLAT_VECTOR64, PLAN_FLAT, FlatEnum,
    FlatEnumValue, FlatField, FlatObject,
)

cimport cython

from tensorwire.errors import SchemaError

cdef uint32_t[19] WIDTHS = [0, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 0, 0, 0, 0, 0]

cdef enum:
    # upstream: a vtable has at most 65535 bytes, of which the first four are no fields
    OFFSET_MAX = 65533
    ALIGN_MAX = 1 << 15
    FLAT_UINT64_LAST = 10


@cython.final
cdef class FlatPlans:
    """All types of one schema. Frozen, but for the classes, which are made on first use.

    ``class_maker(plans, kind, position)`` makes them, kind ``"object"`` or ``"enum"``; whoever
    makes plans for views sets it.
    Raises: ``SchemaError`` for declarations that contradict themselves.
    """

    def __cinit__(self, declarations):
        cdef size_t field_count = 0, value_count = 0
        self.declarations = declarations
        self.object_count = len(declarations.objects)
        self.enum_count = len(declarations.enums)
        for declared in declarations.objects:
            field_count += <size_t> len(declared.fields)
        for declared in declarations.enums:
            value_count += <size_t> len(declared.values)
        self.objects = <FlatObject *> PyMem_Calloc(self.object_count + 1, sizeof(FlatObject))
        self.fields = <FlatField *> PyMem_Calloc(field_count + 1, sizeof(FlatField))
        self.enums = <FlatEnum *> PyMem_Calloc(self.enum_count + 1, sizeof(FlatEnum))
        self.values = <FlatEnumValue *> PyMem_Calloc(value_count + 1, sizeof(FlatEnumValue))
        if not (self.objects and self.fields and self.enums and self.values):
            raise MemoryError
        self.object_places = {one.name: i for i, one in enumerate(declarations.objects)}
        self.enum_places = {one.name: i for i, one in enumerate(declarations.enums)}
        self.classes = [None] * self.object_count
        self.enum_classes = [None] * self.enum_count
        self.dtypes = {}
        self.projections = {}
        self._fill_enums()
        self._fill_objects()

    def __dealloc__(self):
        PyMem_Free(self.objects)
        PyMem_Free(self.fields)
        PyMem_Free(self.enums)
        PyMem_Free(self.values)

    cdef int _fill_enums(self) except -1:
        cdef FlatEnumValue *next_value = self.values
        cdef FlatEnum *plan
        cdef FlatEnumValue *value
        for i, declared in enumerate(self.declarations.enums):
            plan = &self.enums[i]
            plan.head.kind = PLAN_FLAT
            plan.head.index = i
            plan.head.set = <void *> self
            plan.values = next_value
            plan.count = len(declared.values)
            plan.base = _in_range(declared.base, FLAT_UTYPE, FLAT_UINT64_LAST, declared.name)
            plan.is_union = bool(declared.is_union)
            before = None
            for known in declared.values:
                if before is not None and known.value <= before:
                    raise SchemaError(f"{declared.name}: values do not ascend at {known.name}")
                before = known.value
            # Ascending as they are held: of unsigned numbers of 64 bits the highest come first.
            for known in sorted(declared.values, key=lambda one: _int64(one.value, declared.name)):
                value = next_value
                next_value += 1
                value.value = _int64(known.value, declared.name)
                if known.type is not None and known.type.base == FLAT_OBJECT:
                    value.base = FLAT_OBJECT
                    value.object = self.object_named(known.type.ref, declared.name)
                elif known.type is not None and known.type.base == FLAT_STRING:
                    value.base = FLAT_STRING
        return 0

    cdef int _fill_objects(self) except -1:
        cdef FlatField *next_field = self.fields
        cdef FlatObject *plan
        for i, declared in enumerate(self.declarations.objects):
            plan = &self.objects[i]
            plan.head.kind = PLAN_FLAT
            plan.head.index = i
            plan.head.set = <void *> self
            plan.is_struct = bool(declared.is_struct)
            plan.size = _in_range(declared.size, 0, 1 << 30, declared.name)
            plan.align = declared.align if plan.is_struct else 4
            if not _power_of_two(plan.align) or plan.is_struct and plan.size == 0:
                raise SchemaError(f"{declared.name}: {plan.size} bytes aligned to {plan.align}")
        for i, declared in enumerate(self.declarations.objects):
            self._fill_object(&self.objects[i], declared, next_field)
            next_field += <size_t> len(declared.fields)
        self._check_structs()
        return 0

    cdef int _check_structs(self) except -1:
        """A struct holds smaller ones only, or is the only field of another: no chain is a ring."""
        cdef const FlatObject *plan
        cdef uint32_t i, steps
        for i in range(self.object_count):
            plan = &self.objects[i]
            steps = 0
            while plan.is_struct:          # progress: a chain has fewer steps than there are types
                plan = _alike_inside(plan)
                if plan == NULL:
                    break
                steps += 1
                if steps > self.object_count:
                    name = self.declarations.objects[i].name
                    raise SchemaError(f"{name}: the struct holds itself")
        return 0

    cdef int _fill_object(self, FlatObject *plan, declared, FlatField *fields) except -1:
        cdef FlatField *field
        plan.fields = fields
        plan.field_count = len(declared.fields)
        end = 4 if not plan.is_struct else 0
        for i, one in enumerate(declared.fields):
            field = &fields[i]
            where = f"{declared.name}.{one.name}"
            field.index = i
            field.id = _in_range(one.id, 0, 0xffff, where)
            field.offset = _in_range(one.offset, end, OFFSET_MAX if not plan.is_struct
                                     else plan.size, where)
            self._fill_field(field, one)
            end = field.offset + (field.size if plan.is_struct else 2)
            if plan.is_struct and end > plan.size:
                raise SchemaError(f"{where}: leaves the struct of {plan.size} bytes")
            if plan.is_struct and field.role > FLAT_IS_ARRAY or (
                    not plan.is_struct and field.role == FLAT_IS_ARRAY):
                raise SchemaError(f"{where}: of a type that cannot be there")
            if field.flags & FLAT_KEY:
                plan.key = field
            if field.flags & FLAT_REQUIRED and not field.flags & FLAT_DEPRECATED:
                plan.required_end = field.offset + 1
            if field.role == FLAT_IS_UNION or field.role == FLAT_IS_UNIONS:
                _check_types_before(fields, i, where)
        return 0

    cdef int _fill_field(self, FlatField *plan, field) except -1:
        type = field.type
        cdef str where = field.name
        plan.flags = field.flags & 0x3f
        plan.base = _in_range(type.base, FLAT_UTYPE, FLAT_BASES - 1, where)
        plan.element = _in_range(type.element, 0, FLAT_BASES - 1, where)
        if plan.base == FLAT_ARRAY:
            plan.length = _in_range(type.length, 1, 0xffff, where)
        self._fill_references(plan, type, where)
        plan.role = _role(plan)
        if plan.role == 0:
            raise SchemaError(f"{where}: no type of base {plan.base} and element {plan.element}")
        if field.nested is not None:
            if plan.role != FLAT_IS_NUMBERS or plan.element != FLAT_UINT8:
                raise SchemaError(f"{where}: only bytes hold a nested buffer")
            plan.flags |= FLAT_NESTED
            plan.object = self.object_named(field.nested, where)
        _fill_sizes(plan, field.force_align, where)
        if plan.role == FLAT_IS_SCALAR and field.default is not None:
            plan.default_bits = _bits(plan.base, field.default, where)
        return 0

    cdef int _fill_references(self, FlatField *plan, declared, str where) except -1:
        cdef uint8_t inner = plan.element if plan.base in (
            FLAT_VECTOR, FLAT_VECTOR64, FLAT_ARRAY) else plan.base
        if inner == FLAT_OBJECT:
            plan.object = self.object_named(declared.ref, where)
        elif inner == FLAT_UNION or declared.ref is not None:
            plan.enumeration = self.enum_named(declared.ref, where)
            if inner == FLAT_UNION and not plan.enumeration.is_union:
                raise SchemaError(f"{where}: {declared.ref} is no union")
            if inner >= FLAT_FLOAT32 and inner != FLAT_UNION:
                raise SchemaError(f"{where}: type {inner} of an enum")
            if inner != FLAT_UNION:
                plan.flags |= FLAT_ENUM
        return 0

    cdef const FlatObject *object_named(self, name, str where) except NULL:
        place = self.object_places.get(name)
        if place is None:
            raise SchemaError(f"{where}: no table or struct {name!r}")
        return &self.objects[<size_t> place]

    cdef const FlatEnum *enum_named(self, name, str where) except NULL:
        place = self.enum_places.get(name)
        if place is None:
            raise SchemaError(f"{where}: no enum or union {name!r}")
        return &self.enums[<size_t> place]

    def object_place(self, name):
        """Position of a table or struct by full name, or None."""
        return self.object_places.get(name)

    def enum_place(self, name):
        """Position of an enum or union by full name, or None."""
        return self.enum_places.get(name)

    def bit_flags(self, uint32_t place):
        """Whether the numbers of the enum at that position may be combined."""
        return self.declarations.enums[place].bit_flags

    def class_at(self, uint32_t place):
        """The class of the table or struct at that position, made on first use."""
        if place >= self.object_count:
            raise IndexError(f"type {place} of {self.object_count}")
        if self.classes[place] is None:
            made = self.class_maker(self, "object", place)
            if self.classes[place] is None:          # making it may have made it, or a thread
                self.classes[place] = made
                self.objects[place].head.cls = <void *> <PyObject *> made
        return self.classes[place]

    def enum_class_at(self, uint32_t place):
        """The class of the enum or union at that position, made on first use."""
        if place >= self.enum_count:
            raise IndexError(f"enum {place} of {self.enum_count}")
        if self.enum_classes[place] is None:
            made = self.class_maker(self, "enum", place)
            if self.enum_classes[place] is None:
                self.enum_classes[place] = made
                self.enums[place].head.cls = <void *> <PyObject *> made
        return self.enum_classes[place]

    def __reduce__(self):
        return FlatPlans, (self.declarations,)


cdef long long _in_range(number, long long low, long long high, where) except? -1:
    if not isinstance(number, int) or not low <= number <= high:
        raise SchemaError(f"{where}: {number!r} is not from {low} to {high}")
    return number


cdef long long _int64(number, where) except? -1:
    """Values of an unsigned enum of 64 bits count as those of a signed one here."""
    if not isinstance(number, int) or not -(1 << 63) <= number < 1 << 64:
        raise SchemaError(f"{where}: {number!r} is no number of 64 bits")
    return <long long> <unsigned long long> (number & 0xffffffffffffffff)


cdef const FlatObject *_alike_inside(const FlatObject *plan) noexcept:
    """The struct that fills this one whole, or NULL: every other inside is smaller."""
    cdef uint32_t i
    for i in range(plan.field_count):
        if plan.fields[i].object != NULL and plan.fields[i].size >= plan.size:
            return plan.fields[i].object
    return NULL


cdef inline bint _power_of_two(uint64_t number) noexcept:
    return 0 < number <= ALIGN_MAX and number & (number - 1) == 0


cdef int _check_types_before(FlatField *fields, size_t i, where) except -1:
    """The types of a union, or of a vector of them, are the field before it."""
    cdef bint many = fields[i].role == FLAT_IS_UNIONS
    if i > 0 and fields[i - 1].offset + 2 == fields[i].offset and (
            fields[i - 1].role == (FLAT_IS_NUMBERS if many else FLAT_IS_SCALAR)) and (
            fields[i - 1].enumeration == fields[i].enumeration):
        return 0
    raise SchemaError(f"{where}: a union without its type before it")


cdef uint8_t _role(const FlatField *plan) noexcept:
    """FLAT_IS_..., or 0 for types that do not exist."""
    cdef bint many = plan.base == FLAT_VECTOR or plan.base == FLAT_VECTOR64
    cdef uint8_t inner = plan.element if many or plan.base == FLAT_ARRAY else plan.base
    cdef bint struct_inside = inner == FLAT_OBJECT and plan.object.is_struct
    if plan.base == FLAT_ARRAY:
        return FLAT_IS_ARRAY if WIDTHS[inner] or struct_inside else 0
    if WIDTHS[inner]:
        return FLAT_IS_NUMBERS if many else FLAT_IS_SCALAR
    if inner == FLAT_OBJECT and struct_inside:
        return FLAT_IS_STRUCTS if many else FLAT_IS_STRUCT
    if inner == FLAT_OBJECT:
        return FLAT_IS_TABLES if many else FLAT_IS_TABLE
    if inner == FLAT_STRING:
        return FLAT_IS_STRINGS if many else FLAT_IS_STRING
    if inner == FLAT_UNION:
        return FLAT_IS_UNIONS if many else FLAT_IS_UNION
    return 0


cdef int _fill_sizes(FlatField *plan, force_align, where) except -1:
    cdef uint32_t wide = 8 if plan.flags & FLAT_OFFSET64 else 4
    plan.item_size = 4
    plan.item_align = 4
    if plan.role in (FLAT_IS_NUMBERS, FLAT_IS_ARRAY) and WIDTHS[plan.element]:
        plan.item_size = plan.item_align = WIDTHS[plan.element]
    elif plan.role in (FLAT_IS_STRUCTS, FLAT_IS_ARRAY):
        plan.item_size = plan.object.size
        plan.item_align = plan.object.align
    if plan.role == FLAT_IS_SCALAR:
        plan.size = plan.align = WIDTHS[plan.base]
    elif plan.role == FLAT_IS_STRUCT:
        plan.size, plan.align = plan.object.size, plan.object.align
    elif plan.role == FLAT_IS_ARRAY:
        plan.size, plan.align = plan.length * plan.item_size, plan.item_align
    else:
        plan.size = plan.align = wide
    if force_align:
        if not _power_of_two(force_align):
            raise SchemaError(f"{where}: force_align {force_align} is no power of two")
        plan.force_align = force_align
    return 0


cdef uint64_t _bits(uint8_t base, value, where) except? 0:
    """A default as it would lie in a table, zero-extended."""
    cdef object bits = 8 * WIDTHS[base]  # an object, or the shift below would be one of C
    try:
        if base == FLAT_FLOAT32:
            return struct.unpack("<I", struct.pack("<f", value))[0]
        if base == FLAT_FLOAT64:
            return struct.unpack("<Q", struct.pack("<d", value))[0]
        if base == FLAT_BOOL:
            return bool(value)
        return int(value) & ((1 << bits) - 1)
    except (struct.error, OverflowError, TypeError, ValueError):
        raise SchemaError(f"{where}: {value!r} is no default of its type") from None


cdef object field_declared(const FlatObject *owner, const FlatField *field):
    cdef FlatPlans plans = <FlatPlans> owner.head.set
    return plans.declarations.objects[owner.head.index].fields[field.index]


cdef str object_name(const FlatObject *plan):
    return (<FlatPlans> plan.head.set).declarations.objects[plan.head.index].name


cdef object object_class(const FlatObject *plan):
    if plan.head.cls != NULL:
        return <object> <PyObject *> plan.head.cls
    return (<FlatPlans> plan.head.set).class_at(plan.head.index)


cdef object enum_class(const FlatEnum *plan):
    if plan.head.cls != NULL:
        return <object> <PyObject *> plan.head.cls
    return (<FlatPlans> plan.head.set).enum_class_at(plan.head.index)
