"""From Python objects to field values, with upstream's checks, and back.

Source: measured on upb. Integers take whatever has ``__index__`` but bool; enums take labels too.
"""

from cpython.bool cimport PyBool_Check
from cpython.bytes cimport (
    PyBytes_AS_STRING, PyBytes_Check, PyBytes_CheckExact, PyBytes_GET_SIZE,
)
from cpython.float cimport PyFloat_AsDouble, PyFloat_Check, PyFloat_FromDouble
from cpython.long cimport PyLong_Check
from cpython.number cimport PyNumber_Index
from cpython.unicode cimport PyUnicode_Check, PyUnicode_CheckExact, PyUnicode_DecodeUTF8
from libc.stdint cimport (
    INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, UINT32_MAX, UINT64_MAX, int32_t, int64_t, uint8_t,
    uint32_t, uint64_t,
)
from libc.string cimport memcpy

from tensorwire._core.edits cimport EDIT_NUMBER, EDIT_OBJECT, Edit, list_width
from tensorwire._core.plan cimport PlanSet
from wire cimport (
    FIELD_CLOSED, KIND_BOOL, KIND_BYTES, KIND_DOUBLE, KIND_ENUM, KIND_FIXED32, KIND_FIXED64,
    KIND_FLOAT, KIND_INT64, KIND_SFIXED64, KIND_SINT64, KIND_UINT32, KIND_UINT64, FieldPlan,
    MessagePlan, enum_knows, kind_packable,
)


cdef extern from "Python.h":
    bint PyIndex_Check(object value)
    long long PyLong_AsLongLongAndOverflow(object value, int *overflow) except? -1
    unsigned long long PyLong_AsUnsignedLongLong(object value) except? -1
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL
    object PyUnicode_FromObject(object text)
    object PyLong_FromLongLong(long long value)
    object PyLong_FromUnsignedLongLong(unsigned long long value)


cdef object _wrong(str wanted, value):
    return TypeError(f"{wanted} is needed, not {type(value).__name__}: {value!r:.100}")


cdef bint _is_array(value) except -1:
    """Upstream refuses arrays for reals and bools, those of one element too."""
    return type(value).__name__ == "ndarray"


# -- numbers --------------------------------------------------------------------------------------

cdef int number_bits(const MessagePlan *plan, const FieldPlan *field, value,
                     uint64_t *bits) except -1:
    cdef uint8_t kind = field.kind
    if kind == KIND_FLOAT or kind == KIND_DOUBLE:
        return _real_bits(kind, value, bits)
    if kind == KIND_BOOL:
        return _bool_bits(value, bits)
    if kind == KIND_ENUM:
        return _enum_bits(plan, field, value, bits)
    return _integer_bits(kind, value, bits)


cdef int _real_bits(uint8_t kind, value, uint64_t *bits) except -1:
    cdef double real
    cdef float single
    cdef uint32_t low = 0
    if PyFloat_Check(value) or PyLong_Check(value):
        real = PyFloat_AsDouble(value)
    elif _is_array(value) or hasattr(value, "__len__"):
        raise _wrong("a number", value)
    else:
        try:
            real = PyFloat_AsDouble(value)
        except TypeError:
            raise _wrong("a number", value) from None
    if kind == KIND_DOUBLE:
        memcpy(bits, &real, sizeof(real))
    else:
        single = <float> real              # out of range: an infinity, as upstream
        memcpy(&low, &single, sizeof(single))
        bits[0] = low
    return 0


cdef int _bool_bits(value, uint64_t *bits) except -1:
    cdef int overflow = 0
    if PyBool_Check(value):
        bits[0] = value is True
        return 0
    # numpy.bool has no __index__
    if _is_array(value) or not PyIndex_Check(value) and type(value).__name__ != "bool":
        raise _wrong("a bool or an integer", value)
    if PyIndex_Check(value):
        PyLong_AsLongLongAndOverflow(PyNumber_Index(value), &overflow)
        if overflow:
            raise OverflowError(f"{value!r:.100} has more than 64 bits")
    bits[0] = bool(value)
    return 0


cdef int _integer_bits(uint8_t kind, value, uint64_t *bits) except -1:
    cdef long long number
    cdef int overflow = 0
    if PyBool_Check(value) or not PyIndex_Check(value):
        raise _wrong("an integer", value)
    if not PyLong_Check(value):
        try:
            value = PyNumber_Index(value)
        except TypeError:                  # an array of more than one element
            raise _wrong("an integer", value) from None
    number = PyLong_AsLongLongAndOverflow(value, &overflow)
    if kind == KIND_UINT64 or kind == KIND_FIXED64:
        if overflow > 0:
            try:
                bits[0] = PyLong_AsUnsignedLongLong(value)
                return 0
            except OverflowError:
                pass
        if overflow or number < 0:
            raise _out_of_range(value, 0, UINT64_MAX)
    elif kind == KIND_INT64 or kind == KIND_SINT64 or kind == KIND_SFIXED64:
        if overflow:
            raise _out_of_range(value, INT64_MIN, INT64_MAX)
    elif kind == KIND_UINT32 or kind == KIND_FIXED32:
        if overflow or not 0 <= number <= UINT32_MAX:
            raise _out_of_range(value, 0, UINT32_MAX)
    elif overflow or not INT32_MIN <= number <= INT32_MAX:
        raise _out_of_range(value, INT32_MIN, INT32_MAX)
    bits[0] = <uint64_t> number
    return 0


cdef object _out_of_range(value, low, high):
    return ValueError(f"Value out of range: {value} is not in [{low}, {high}]")


cdef int _enum_bits(const MessagePlan *plan, const FieldPlan *field, value,
                    uint64_t *bits) except -1:
    cdef object number
    if PyUnicode_Check(value):
        number = (<PlanSet> plan.head.set).labels_at(plan.head.index, field.slot).get(value)
        if number is None:
            value.encode()                 # a lone surrogate is an error of its own
            raise ValueError(f"unknown enum label {value!r}")
        bits[0] = <uint64_t> <int64_t> number
        return 0
    _integer_bits(KIND_ENUM, value, bits)
    if field.flags & FIELD_CLOSED and not enum_knows(field.enumeration, <int32_t> bits[0]):
        raise ValueError(f"invalid enum value {value}: the enum is closed")
    return 0


cdef object bits_object(uint8_t kind, uint64_t bits):
    cdef double real
    cdef float single
    cdef uint32_t low = <uint32_t> bits
    if kind == KIND_DOUBLE:
        memcpy(&real, &bits, sizeof(real))
        return PyFloat_FromDouble(real)
    if kind == KIND_FLOAT:
        memcpy(&single, &low, sizeof(single))
        return PyFloat_FromDouble(single)
    if kind == KIND_BOOL:
        return bits != 0
    if kind == KIND_UINT64 or kind == KIND_FIXED64:
        return PyLong_FromUnsignedLongLong(bits)
    return PyLong_FromLongLong(<int64_t> bits)


cdef uint64_t native_load(uint8_t kind, const void *values, size_t place) noexcept nogil:
    cdef size_t width = list_width(kind)
    cdef uint64_t bits = 0
    cdef uint32_t low
    if width == 8:
        memcpy(&bits, <const uint8_t *> values + 8 * place, 8)
    elif width == 1:
        bits = (<const uint8_t *> values)[place]
    else:
        memcpy(&low, <const uint8_t *> values + 4 * place, 4)
        bits = low
        if kind != KIND_UINT32 and kind != KIND_FIXED32 and kind != KIND_FLOAT:
            bits = <uint64_t> <int64_t> <int32_t> low
    return bits


cdef void native_store(uint8_t kind, void *values, size_t place, uint64_t bits) noexcept nogil:
    cdef size_t width = list_width(kind)
    cdef uint32_t low = <uint32_t> bits
    if width == 8:
        memcpy(<uint8_t *> values + 8 * place, &bits, 8)
    elif width == 1:
        (<uint8_t *> values)[place] = bits != 0
    else:
        memcpy(<uint8_t *> values + 4 * place, &low, 4)


# -- strings, bytes, any scalar -------------------------------------------------------------------

cdef object text_object(const FieldPlan *field, value):
    cdef Py_ssize_t size
    if field.kind == KIND_BYTES:
        if not PyBytes_Check(value):
            raise _wrong("bytes", value)
        return value if PyBytes_CheckExact(value) else bytes(value)
    if PyUnicode_Check(value):
        if not PyUnicode_CheckExact(value):
            value = PyUnicode_FromObject(value)
        PyUnicode_AsUTF8AndSize(value, &size)  # raises for lone surrogates
        return value
    if PyBytes_Check(value):               # never by the method of a subclass
        return PyUnicode_DecodeUTF8(PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value), NULL)
    raise _wrong("a string", value)


cdef object scalar_checked(const MessagePlan *plan, const FieldPlan *field, value):
    cdef uint64_t bits
    if not kind_packable(field.kind):
        return text_object(field, value)
    number_bits(plan, field, value, &bits)
    return bits_object(field.kind, bits)


cdef object edit_object(const Edit *entry, default):
    cdef object value
    if entry.state == EDIT_NUMBER:
        return bits_object(entry.field.kind, entry.value.bits)
    if entry.state == EDIT_OBJECT:
        value = <object> entry.value.object
        return bytes(value) if isinstance(value, memoryview) else value
    return default
