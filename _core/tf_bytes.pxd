"""Spans as ``bytes`` objects, of which short ones that come again are shared."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcmp

cdef extern from "tf_store.h" nogil:
    uint64_t tf_hash(const uint8_t *text, size_t size)

cdef enum:
    RECENT_SLOTS = 256
    RECENT_LONGEST = 32      # bytes; longer ones seldom come again

# Objects met last, by hash. REQUIRES: the array that is filled keeps them; nobody else changes it.
cdef struct Recent:
    PyObject *objects[RECENT_SLOTS]


cdef inline int put_object(PyObject **place, object value) noexcept:
    """Into an array of objects."""
    Py_INCREF(value)
    Py_XDECREF(place[0])
    place[0] = <PyObject *> value
    return 0


cdef inline int put_bytes(PyObject **place, const uint8_t *at, size_t length,
                          Recent *recent) except -1:
    """A new object or, of a short text, maybe one that was put before."""
    cdef PyObject **slot
    cdef object value
    if length > RECENT_LONGEST:
        return put_object(place, PyBytes_FromStringAndSize(<const char *> at, length))
    slot = &recent.objects[tf_hash(at, length) % RECENT_SLOTS]
    if slot[0] != NULL:
        value = <object> slot[0]
        if (<size_t> PyBytes_GET_SIZE(value) == length
                and memcmp(PyBytes_AS_STRING(value), at, length) == 0):
            return put_object(place, value)
    value = PyBytes_FromStringAndSize(<const char *> at, length)
    put_object(place, value)
    slot[0] = <PyObject *> value
    return 0
