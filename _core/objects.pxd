"""What the encoder takes out of Python objects, without making any: while it walks a message, no
code may run that changes it.

Each REQUIRES the interpreter's lock; they are declared without it, because the loops that call
them also go, without the lock, over messages that have no objects.
"""

from libc.stdint cimport uint8_t, uint64_t


cdef extern from *:
    """
    #include "plan.h"

    /* The bytes of a str, bytes, or contiguous memoryview. -1: a Python exception is set. */
    static inline int object_text(void *object, const uint8_t **at, size_t *length)
    {
        PyObject *self = (PyObject *)object;
        if (PyUnicode_Check(self)) {
            if (PyUnicode_IS_COMPACT_ASCII(self)) {
                *at = (const uint8_t *)PyUnicode_1BYTE_DATA(self);
                *length = (size_t)PyUnicode_GET_LENGTH(self);
                return 0;
            }
            Py_ssize_t size;
            *at = (const uint8_t *)PyUnicode_AsUTF8AndSize(self, &size);
            *length = (size_t)size;
            return *at ? 0 : -1;
        }
        if (PyMemoryView_Check(self)) {
            Py_buffer *view = PyMemoryView_GET_BUFFER(self);
            if (((PyMemoryViewObject *)self)->flags & _Py_MEMORYVIEW_RELEASED) {
                PyErr_SetString(PyExc_ValueError, "the buffer that was put is released");
                return -1;
            }
            *at = (const uint8_t *)view->buf;
            *length = (size_t)view->len;
            return 0;
        }
        if (!PyBytes_Check(self)) {
            PyErr_Format(PyExc_TypeError, "a string or bytes is needed, not %s",
                         Py_TYPE(self)->tp_name);
            return -1;
        }
        *at = (const uint8_t *)PyBytes_AS_STRING(self);
        *length = (size_t)PyBytes_GET_SIZE(self);
        return 0;
    }

    /* A number as an Edit has it. -1: a Python exception is set. */
    static inline int object_bits(uint8_t kind, void *object, uint64_t *bits)
    {
        PyObject *self = (PyObject *)object;
        if (kind == KIND_FLOAT || kind == KIND_DOUBLE) {
            double wide = PyFloat_AsDouble(self);
            float narrow = (float)wide;
            uint32_t half;
            memcpy(bits, &wide, sizeof wide);
            memcpy(&half, &narrow, sizeof narrow);
            if (kind == KIND_FLOAT) *bits = half;
            return wide == -1.0 && PyErr_Occurred() ? -1 : 0;
        }
        if (kind == KIND_UINT64 || kind == KIND_FIXED64) *bits = PyLong_AsUnsignedLongLong(self);
        else *bits = (uint64_t)PyLong_AsLongLong(self);
        return *bits == UINT64_MAX && PyErr_Occurred() ? -1 : 0;
    }

    /* The next pair of a dict, borrowed. */
    static inline int dict_next(void *dict, Py_ssize_t *at, void **key, void **value)
    {
        return PyDict_Next((PyObject *)dict, at, (PyObject **)key, (PyObject **)value);
    }

    static inline size_t list_count(void *list)
    {
        return (size_t)PyList_GET_SIZE((PyObject *)list);
    }

    static inline void *list_at(void *list, size_t i)
    {
        return PyList_GET_ITEM((PyObject *)list, (Py_ssize_t)i);
    }
    """

cdef extern from * nogil:
    int object_text(void *object, const uint8_t **at, size_t *length)
    int object_bits(uint8_t kind, void *object, uint64_t *bits)
    bint dict_next(void *items, Py_ssize_t *at, void **key, void **value)
    size_t list_count(void *items)
    void *list_at(void *items, size_t i)
