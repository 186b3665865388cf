"""Lists of strings as one block of bytes and spans of it."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport (
    PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE,
)
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcpy


cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL
    bint PyUnicode_CheckExact(object one)


cdef struct Span:
    int64_t start
    int64_t length


cdef int _measure(list given, bint is_bytes, Span *spans, uint8_t *valid) except -1:
    """Fills spans and validity; 0 if something is neither a string nor None."""
    cdef Py_ssize_t i, size
    cdef int64_t start = 0
    for i in range(PyList_GET_SIZE(given)):
        one = <object> <PyObject *> PyList_GET_ITEM(given, i)
        valid[i] = one is not None
        size = 0
        if PyBytes_CheckExact(one):
            size = PyBytes_GET_SIZE(one)
        elif PyUnicode_CheckExact(one) and not is_bytes:
            PyUnicode_AsUTF8AndSize(one, &size)
        elif one is not None:
            return 0
        spans[i].start = start
        spans[i].length = size
        start += size
    return 1


cdef int _copy(list given, char *block, const Span *spans) except -1:
    """REQUIRES: no other code of Python ran since the list was measured."""
    cdef Py_ssize_t i, size
    cdef const char *data
    for i in range(PyList_GET_SIZE(given)):
        if spans[i].length == 0:
            continue
        one = <object> <PyObject *> PyList_GET_ITEM(given, i)
        if PyBytes_CheckExact(one):
            data = PyBytes_AS_STRING(one)
        else:
            data = PyUnicode_AsUTF8AndSize(one, &size)  # kept by the string since it was measured
        memcpy(block + spans[i].start, data, spans[i].length)
    return 0


def texts_join(list given not None, bint is_bytes, spans, valid, /):
    """The bytes of all strings (UTF-8) and ``bytes``, or None where something is neither.

    ``spans`` is given start and length of each, ``valid`` a bool, False for None. ``is_bytes``:
    strings are not taken. Raises: ``UnicodeEncodeError`` for a lone surrogate.
    """
    cdef Py_buffer places, flags
    cdef Py_ssize_t count = PyList_GET_SIZE(given)
    cdef Span *filled
    cdef bytes block = None
    PyObject_GetBuffer(spans, &places, PyBUF_SIMPLE | PyBUF_WRITABLE)
    try:
        PyObject_GetBuffer(valid, &flags, PyBUF_SIMPLE | PyBUF_WRITABLE)
        try:
            if flags.len != count or places.len != count * <Py_ssize_t> sizeof(Span):
                raise ValueError(f"{places.len} and {flags.len} bytes for {count} strings")
            filled = <Span *> places.buf
            if count == 0:
                block = b""
            elif _measure(given, is_bytes, filled, <uint8_t *> flags.buf):
                block = PyBytes_FromStringAndSize(
                    NULL, filled[count - 1].start + filled[count - 1].length)
                _copy(given, PyBytes_AS_STRING(block), filled)
        finally:
            PyBuffer_Release(&flags)
    finally:
        PyBuffer_Release(&places)
    return block
