"""Attributes of classes, past the metaclass."""

from cpython.object cimport PyObject


cdef extern from *:
    """
    /* What the class or one of its bases has under that name, borrowed; NULL: nothing. */
    static inline PyObject *class_lookup(PyObject *cls, PyObject *name)
    {
        return _PyType_Lookup((PyTypeObject *)cls, name);
    }
    """
    PyObject *class_lookup(object cls, object name)
