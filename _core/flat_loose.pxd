"""Reads of FlatBuffers that nobody verified, and the buffer they lie in, held for one call only."""

from cpython.float cimport PyFloat_FromDouble
from cpython.object cimport PyObject
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

from libc.string cimport memcpy

from flat cimport (
    FLAT_BOOL, FLAT_FLOAT32, FLAT_FLOAT64, FLAT_INT8, FLAT_INT16, FLAT_INT32, FLAT_INT64,
)


cdef extern from "flat_loose.h" nogil:
    const int64_t LOOSE_AT_MAX
    const int64_t LOOSE_INDEX_MAX
    ctypedef struct LooseBytes:
        const uint8_t *data
        uint64_t size
    bint loose_has(const LooseBytes *bytes, int64_t at, uint64_t width)
    bint loose_follow(const LooseBytes *bytes, int64_t at, int64_t *target)
    bint loose_field(const LooseBytes *bytes, int64_t pos, int64_t slot, int64_t *field)
    bint loose_elements(const LooseBytes *bytes, int64_t pos, int64_t field, int64_t *start)
    bint loose_count(const LooseBytes *bytes, int64_t pos, int64_t field, uint32_t *count)
    bint loose_text(const LooseBytes *bytes, int64_t at, int64_t *start, uint32_t *length)
    ctypedef enum LooseWay:
        LOOSE_INLINE
        LOOSE_FOLLOW
        LOOSE_ELEMENT
        LOOSE_ELEMENT_FOLLOW
        LOOSE_STRUCT
    ctypedef struct LoosePath:
        LooseWay way
        int64_t slot
        int64_t stride
    ctypedef enum LooseStatus:
        LOOSE_MISS
        LOOSE_ABSENT
        LOOSE_FOUND
    LooseStatus loose_locate(const LooseBytes *bytes, const LoosePath *path, int64_t pos,
                             int64_t index, int64_t *at)
    uint32_t loose_width(int base)
    uint64_t loose_bits(const LooseBytes *bytes, int base, int64_t at)

cdef extern from *:
    """
    #include "flat_loose.h"

    typedef struct {
        LooseBytes bytes;
        int is_open;      /* `view` is to be released */
        Py_buffer view;
    } Held;

    /* Takes the bytes of a buffer until held_drop(). False, and no exception: it gives none. Those
     * of bytes and bytearray are taken without an export: REQUIRES, that no code runs meanwhile. */
    static inline int held_take(Held *held, PyObject *buffer)
    {
        held->is_open = 0;
        if (PyBytes_CheckExact(buffer)) {
            held->bytes.data = (const uint8_t *)PyBytes_AS_STRING(buffer);
            held->bytes.size = (uint64_t)PyBytes_GET_SIZE(buffer);
            return 1;
        }
        if (PyByteArray_CheckExact(buffer)) {
            held->bytes.data = (const uint8_t *)PyByteArray_AS_STRING(buffer);
            held->bytes.size = (uint64_t)PyByteArray_GET_SIZE(buffer);
            return 1;
        }
        Py_INCREF(buffer);                 /* an exporter's code may drop what holds it */
        held->is_open = PyObject_GetBuffer(buffer, &held->view, PyBUF_SIMPLE) == 0;
        Py_DECREF(buffer);
        if (!held->is_open) {
            PyErr_Clear();
            return 0;
        }
        held->bytes.data = (const uint8_t *)held->view.buf;
        held->bytes.size = (uint64_t)held->view.len;
        return 1;
    }

    static inline void held_drop(Held *held)
    {
        if (held->is_open) PyBuffer_Release(&held->view);
    }

    /* Whether slices of a buffer are its bytes, as of what held_take() takes without an export. */
    static inline int held_is_plain(PyObject *buffer)
    {
        return PyBytes_CheckExact(buffer) || PyByteArray_CheckExact(buffer);
    }

    /* An int of 64 bits. False, and no exception: something else. */
    static inline int plain_int(PyObject *number, int64_t *value)
    {
        int overflow;
        if (!PyLong_CheckExact(number)) return 0;
        *value = PyLong_AsLongLongAndOverflow(number, &overflow);
        return !overflow;
    }
    """
    ctypedef struct Held:
        LooseBytes bytes
    bint held_take(Held *held, PyObject *buffer)
    void held_drop(Held *held)
    bint held_is_plain(PyObject *buffer)
    bint plain_int(PyObject *number, int64_t *value)

cdef extern from "Python.h":
    object PyLong_FromLong(long value)
    object PyLong_FromLongLong(long long value)
    object PyLong_FromUnsignedLongLong(unsigned long long value)


cdef inline object loose_number(int base, uint64_t bits):
    """The number of that base type which has those bits, from `loose_bits`."""
    cdef uint32_t low = <uint32_t> bits
    cdef float narrow
    cdef double wide
    if base == FLAT_INT32:
        return PyLong_FromLong(<int32_t> low)
    if base == FLAT_INT8:
        return PyLong_FromLong(<int8_t> low)
    if base == FLAT_BOOL:
        return low != 0
    if base == FLAT_FLOAT32:
        memcpy(&narrow, &low, sizeof(narrow))
        return PyFloat_FromDouble(narrow)
    if base == FLAT_FLOAT64:
        memcpy(&wide, &bits, sizeof(wide))
        return PyFloat_FromDouble(wide)
    if base == FLAT_INT16:
        return PyLong_FromLong(<int16_t> low)
    if base == FLAT_INT64:
        return PyLong_FromLongLong(<int64_t> bits)
    return PyLong_FromUnsignedLongLong(bits)
