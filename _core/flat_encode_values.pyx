"""Values of Python as FlatBuffers has them: numbers, structs and strings."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_Check, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_Check
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from flat cimport (
    FLAT_BOOL, FLAT_DEPRECATED, FLAT_IS_SCALAR, FLAT_IS_STRUCT, FLAT_OBJECT, FlatEnum, FlatField,
    FlatObject,
)
from flat_numbers cimport (
    flat_int_bits, flat_number_real, flat_number_width, flat_real, flat_real_bits,
)
from tensorwire._core.flat_names cimport names_number
from tensorwire._core.flat_plan cimport object_name
from tensorwire._core.flat_view cimport FlatStruct, FlatView


from tensorwire._core.flat_fields import field_present


cdef object MISSING = object()

cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL


cdef tuple NAMES = (
    "", "type of a union", "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
    "uint64", "float32", "float64",
)


# -- numbers --------------------------------------------------------------------------------------

cdef int encode_number(FlatEncoder self, uint8_t base, const FlatEnum *enumeration, object value,
                       uint64_t *bits) except -1:
    cdef double real = 0
    if flat_number_real(base):
        if flat_real(value, &real) and flat_real_bits(base, real, bits):
            return 0
        return _real(self, base, value, bits)
    if flat_int_bits(base, value, bits):
        return 0
    return _integer(self, base, enumeration, value, bits)


cdef int _real(FlatEncoder self, uint8_t base, object value, uint64_t *bits) except -1:
    """What is no float that fits: NumPy's, large ints, NaN, and what cannot be written."""
    cdef float narrow
    cdef double real
    cdef uint32_t word
    if PyUnicode_Check(value) or PyBytes_Check(value) or not hasattr(value, "__float__"):
        raise self.wrong(f"a number is needed, not {type(value).__name__}")
    try:
        real = float(value)
    except (TypeError, OverflowError) as error:
        raise self.wrong(f"{_shown(value)} is no {NAMES[base]}: {error}") from None
    if flat_real_bits(base, real, bits):
        return 0
    if real == real:
        raise self.wrong(f"{_shown(value)} is no {NAMES[base]}: too large")
    narrow = <float> real
    memcpy(&word, &narrow, sizeof(word))
    bits[0] = word
    return 0


cdef int _integer(FlatEncoder self, uint8_t base, const FlatEnum *enumeration, object value,
                  uint64_t *bits) except -1:
    """A name of an enum, what can be asked for its int, and what cannot be written."""
    given = value
    if PyUnicode_Check(value) and enumeration != NULL:
        value = names_number(self.names, enumeration, value)
        if value is None:
            raise self.wrong(_no_member(self, enumeration, given))
    elif base == FLAT_BOOL and getattr(getattr(value, "dtype", None), "kind", "") == "b":
        value = bool(value)
    elif hasattr(value, "__index__"):
        try:
            value = value.__index__()
        except TypeError as error:
            raise self.wrong(f"a whole number is needed: {error}") from None
    else:
        raise self.wrong(f"a whole number is needed, not {type(value).__name__}")
    if flat_int_bits(base, value, bits):
        return 0
    if not _are_bits(self, base, enumeration, value, bits):
        raise self.wrong(f"{_shown(given)} does not fit {NAMES[base]}")
    return 0


cdef bint _are_bits(FlatEncoder self, uint8_t base, const FlatEnum *enumeration, value,
                    uint64_t *bits) except -1:
    """Whether they are bits of a signed number, which an IntFlag has as an unsigned one."""
    if enumeration == NULL or not self.names.plans.bit_flags(enumeration.head.index):
        return False
    if not 0 <= value <= <uint64_t> -1 >> (64 - 8 * flat_number_width(base)):
        return False
    bits[0] = value
    return True


cdef str _no_member(FlatEncoder self, const FlatEnum *enumeration, name):
    from tensorwire.near import near_names

    near = near_names(name, self.names.members_of(enumeration))
    hint = f"; near: {', '.join(map(repr, near))}" if near else ""
    declared = self.names.plans.declarations.enums[enumeration.head.index]
    return f"{declared.name} has no {_shown(name)}{hint}"


cdef str _shown(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


# -- structs --------------------------------------------------------------------------------------

cdef int encode_struct(FlatEncoder self, const FlatObject *plan, object value,
                       uint8_t *to) except -1:
    cdef FlatStruct view
    cdef uint32_t i
    if isinstance(value, FlatStruct):
        view = <FlatStruct> value
        if view.object == plan and plan.size <= view.ground.size - view.at:
            struct_copy(plan, view.ground.base + view.at, to)
            return 0
    members = _struct_members(self, plan, value)
    self.enter(plan)
    for i in range(plan.field_count):
        self.places[self.depth - 1].field = &plan.fields[i]
        if members[i] is None:
            raise self.wrong("a struct has all its fields")
        _struct_field(self, &plan.fields[i], members[i], to + plan.fields[i].offset)
    self.leave()
    return 0


cdef void struct_copy(const FlatObject *plan, const uint8_t *source, uint8_t *to) noexcept:
    cdef const FlatField *field
    cdef uint32_t i, k
    for i in range(plan.field_count):
        field = &plan.fields[i]
        if field.object == NULL:
            memcpy(to + field.offset, source + field.offset, field.size)
            continue
        for k in range(field.size / field.object.size):
            struct_copy(field.object, source + field.offset + k * field.object.size,
                        to + field.offset + k * field.object.size)


cdef bint struct_has_gaps(const FlatObject *plan) noexcept:
    cdef const FlatField *field
    cdef uint32_t i, end = 0
    for i in range(plan.field_count):
        field = &plan.fields[i]
        if field.offset != end or field.object != NULL and struct_has_gaps(field.object):
            return True
        end += field.size
    return end != plan.size


cdef list _struct_members(FlatEncoder self, const FlatObject *plan, value):
    """The values of a struct's fields, in their order."""
    if not isinstance(value, (list, tuple)):
        return table_members(self, plan, value)
    if len(value) != <Py_ssize_t> plan.field_count:
        name = object_name(plan)
        raise self.wrong(f"{len(value)} values for the {plan.field_count} fields of {name}")
    return list(value)


cdef int _struct_field(FlatEncoder self, const FlatField *field, value, uint8_t *to) except -1:
    cdef uint64_t bits = 0
    cdef uint32_t i
    cdef tuple items
    if field.role == FLAT_IS_SCALAR:
        encode_number(self, field.base, field.enumeration, value, &bits)
        memcpy(to, &bits, field.size)
        return 0
    if field.role == FLAT_IS_STRUCT:
        return encode_struct(self, field.object, value, to)
    items = elements_of(self, value)
    if <size_t> len(items) != field.length:
        raise self.wrong(f"{len(items)} values for {field.length}")
    for i in range(field.length):
        self.places[self.depth - 1].index = i
        encode_item(self, field, items[i], to + i * field.item_size)
    self.places[self.depth - 1].index = -1
    return 0


cdef int encode_item(FlatEncoder self, const FlatField *field, value, uint8_t *to) except -1:
    cdef uint64_t bits = 0
    if field.element == FLAT_OBJECT:
        return encode_struct(self, field.object, value, to)
    encode_number(self, field.element, field.enumeration, value, &bits)
    memcpy(to, &bits, field.item_size)
    return 0


cdef tuple elements_of(FlatEncoder self, object value):
    if isinstance(value, tuple):
        return value
    if isinstance(value, (str, dict)) or not hasattr(type(value), "__iter__"):
        raise self.wrong(f"a sequence is needed, not {type(value).__name__}")
    return tuple(value)


# -- fields of tables and structs -----------------------------------------------------------------

cdef list table_members(FlatEncoder self, const FlatObject *plan, value):
    """The values of the fields, in their order; None for those that are not there."""
    if isinstance(value, dict):
        return _of_dict(self, plan, value)
    if isinstance(value, FlatView):
        return _of_view(self, plan, value)
    if isinstance(value, (str, bytes, bytearray, int, float, list, tuple, set)):
        raise self.wrong(f"a {object_name(plan)} is needed, not {type(value).__name__}")
    if hasattr(type(value), "keys"):
        return _of_dict(self, plan, dict(value))
    if getattr(getattr(value, "dtype", None), "names", None) is not None:
        return _of_dict(self, plan, {name: value[name] for name in value.dtype.names})
    return _of_object(self, plan, value)


cdef list _of_dict(FlatEncoder self, const FlatObject *plan, dict value):
    cdef list members = [None] * plan.field_count
    cdef dict places = self.names.fields_of(plan)
    for name, given in value.items():
        place = places.get(name)
        if given is None:
            continue
        if place is None:
            raise self.wrong(_no_field(plan, name, places))
        if plan.fields[<size_t> place].flags & FLAT_DEPRECATED:
            raise self.wrong(f"field {name} of {object_name(plan)} is deprecated")
        members[place] = given
    return members


cdef list _of_view(FlatEncoder self, const FlatObject *plan, value):
    """Those that are in the buffer."""
    cdef list members = [None] * plan.field_count
    cdef dict places = self.names.fields_of(plan)
    for name, attribute in vars(type(value))["tensorwire.attributes"].items():
        if field_present(attribute, value):
            place = places.get(name)
            if place is None:
                raise self.wrong(_no_field(plan, name, places))
            members[place] = attribute.__get__(value, type(value))
    return members


cdef list _of_object(FlatEncoder self, const FlatObject *plan, value):
    cdef list members = []
    cdef bint found = plan.field_count == 0
    for names in self.names.attributes_of(plan):
        given = MISSING
        for name in names:
            given = getattr(value, name, MISSING)
            if given is not MISSING:
                found = True
                break
        members.append(None if given is MISSING else given)
    if not found:
        raise self.wrong(f"a {object_name(plan)} is needed, not {type(value).__name__}, which has "
                         "none of its fields")
    return members


cdef str _no_field(const FlatObject *plan, name, places):
    from tensorwire.near import near_names

    near = near_names(name, places)
    hint = f"; near: {', '.join(map(repr, near))}" if near else ""
    return f"{object_name(plan)} has no field {_shown(name)}{hint}"


# -- strings --------------------------------------------------------------------------------------

cdef uint64_t encode_string(FlatEncoder self, object value) except 0:
    cdef const char *text = NULL
    cdef Py_ssize_t length = 0
    cdef uint64_t at
    if isinstance(value, (bytearray, memoryview)):
        value = bytes(value)
    if not isinstance(value, (str, bytes)):
        raise self.wrong(f"a string is needed, not {type(value).__name__}")
    if self.strings is not None:
        known = self.strings.get(value)
        if known is not None:
            return <uint64_t> known
    given = value
    if isinstance(value, str):
        try:
            text = PyUnicode_AsUTF8AndSize(value, &length)
        except UnicodeEncodeError:
            value = _escaped(self, value)
    if isinstance(value, bytes):
        text, length = PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value)
    at = self.string(text, length)
    if self.strings is not None:
        self.strings[given] = at
    return at


cdef bytes _escaped(FlatEncoder self, str value):
    """What views make of strings that are no UTF-8, as it was."""
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise self.wrong(f"{_shown(value)} is no UTF-8: {error.reason}") from None
