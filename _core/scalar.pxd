"""From encoded scalars to Python objects.

Source of the conversions: protobuf.dev/programming-guides/encoding, measured on upb where the
page is silent (64 bits given to a 32-bit field keep the low 32).
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.float cimport PyFloat_FromDouble
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cursor cimport Item
from wire cimport (
    KIND_BOOL, KIND_BYTES, KIND_DOUBLE, KIND_ENUM, KIND_FIXED32, KIND_FIXED64, KIND_FLOAT,
    KIND_INT32, KIND_INT64, KIND_SINT32, KIND_SINT64, KIND_STRING, KIND_UINT32, KIND_UINT64,
    WIRE_FIXED64, WIRE_VARINT, kind_wire, le_load32, le_load64,
)


cdef extern from *:
    """
    #include "utf8.h"

    /* A short str of ASCII, NULL for any other: Python's own decoder takes half as long again. The
     * copy is looked at, not only the bytes: those of a mapped file may change meanwhile. */
    static inline PyObject *text_ascii(const uint8_t *at, Py_ssize_t length)
    {
        if (length < 2 || length > 256 || utf8_skip_ascii(at, at + length) != at + length)
            return NULL;
        PyObject *text = PyUnicode_New(length, 127);
        if (!text) {
            PyErr_Clear();
            return NULL;
        }
        uint8_t *copy = PyUnicode_1BYTE_DATA(text);
        memcpy(copy, at, (size_t)length);
        if (utf8_skip_ascii(copy, copy + length) == copy + length) return text;
        Py_DECREF(text);
        return NULL;
    }

    /* str; bytes where a schema without UTF-8 validation let something else through. */
    static inline PyObject *text_or_bytes(const uint8_t *at, Py_ssize_t length)
    {
        PyObject *text = text_ascii(at, length);
        if (!text) text = PyUnicode_DecodeUTF8((const char *)at, length, NULL);
        if (text || !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) return text;
        PyErr_Clear();
        return PyBytes_FromStringAndSize((const char *)at, length);
    }
    """
    object text_or_bytes(const uint8_t *at, Py_ssize_t length)

cdef extern from "Python.h":
    object PyLong_FromLong(long value)
    object PyLong_FromLongLong(long long value)
    object PyLong_FromUnsignedLongLong(unsigned long long value)


cdef inline object varint_object(uint8_t kind, uint64_t value):
    cdef uint32_t low = <uint32_t> value
    if kind == KIND_INT64:
        return PyLong_FromLongLong(<int64_t> value)
    if kind == KIND_INT32 or kind == KIND_ENUM:
        return PyLong_FromLong(<int32_t> low)
    if kind == KIND_BOOL:
        return value != 0
    if kind == KIND_UINT64:
        return PyLong_FromUnsignedLongLong(value)
    if kind == KIND_UINT32:
        return PyLong_FromLongLong(low)
    if kind == KIND_SINT32:
        return PyLong_FromLong(<int32_t> ((low >> 1) ^ (0 - (low & 1))))
    return PyLong_FromLongLong(<int64_t> ((value >> 1) ^ (0 - (value & 1))))


cdef inline object fixed32_object(uint8_t kind, const uint8_t *at):
    """REQUIRES: four readable bytes."""
    cdef uint32_t bits = le_load32(at)
    cdef float real
    if kind == KIND_FLOAT:
        memcpy(&real, &bits, sizeof(real))
        return PyFloat_FromDouble(real)
    if kind == KIND_FIXED32:
        return PyLong_FromLongLong(bits)
    return PyLong_FromLong(<int32_t> bits)


cdef inline object fixed64_object(uint8_t kind, const uint8_t *at):
    """REQUIRES: eight readable bytes."""
    cdef uint64_t bits = le_load64(at)
    cdef double real
    if kind == KIND_DOUBLE:
        memcpy(&real, &bits, sizeof(real))
        return PyFloat_FromDouble(real)
    if kind == KIND_FIXED64:
        return PyLong_FromUnsignedLongLong(bits)
    return PyLong_FromLongLong(<int64_t> bits)


cdef inline object item_object(uint8_t kind, const uint8_t *base, const Item *item):
    """The value of one unpacked item. REQUIRES: the item has the wire type of ``kind``."""
    if kind == KIND_STRING:
        return text_or_bytes(base + item.start, item.stop - item.start)
    if kind == KIND_BYTES:
        return PyBytes_FromStringAndSize(<const char *> base + item.start, item.stop - item.start)
    return element_object(kind, base + item.start, item.value)


cdef inline object element_object(uint8_t kind, const uint8_t *at, uint64_t value):
    """A number: ``value`` for varints, else the bytes at ``at``."""
    cdef uint8_t wire = kind_wire(kind)
    if wire == WIRE_VARINT:
        return varint_object(kind, value)
    if wire == WIRE_FIXED64:
        return fixed64_object(kind, at)
    return fixed32_object(kind, at)


cdef inline bint item_is_default(uint8_t kind, const uint8_t *base, const Item *item) noexcept:
    """Whether one unpacked item holds zero or nothing. A negative zero is no default."""
    cdef uint8_t wire = kind_wire(kind)
    if wire == WIRE_VARINT:
        if kind == KIND_INT64 or kind == KIND_UINT64 or kind == KIND_SINT64 or kind == KIND_BOOL:
            return item.value == 0
        return <uint32_t> item.value == 0
    if wire == WIRE_FIXED64:
        return le_load64(base + item.start) == 0
    if kind == KIND_STRING or kind == KIND_BYTES:
        return item.start == item.stop
    return le_load32(base + item.start) == 0
