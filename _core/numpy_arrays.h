/* NumPy arrays without NumPy's headers: by the table of functions that it keeps in a capsule, whose
 * order is part of its binary interface (numpy/_core/code_generators/numpy_api.py). A call takes a
 * tenth of what `numpy.ndarray(...)` does. */
#ifndef TENSORWIRE_NUMPY_ARRAYS_H
#define TENSORWIRE_NUMPY_ARRAYS_H

#include <Python.h>

enum {
    NUMPY_ARRAY_TYPE = 2,       /* PyArray_Type */
    NUMPY_NEW_FROM_DESCR = 94,  /* PyArray_NewFromDescr */
    NUMPY_SET_BASE = 282        /* PyArray_SetBaseObject */
};

#define NUMPY_WRITEABLE 0x0400

/* numpy/ndarraytypes.h: npy_intp is Py_ssize_t wide. Steals `dtype`. */
typedef PyObject *(*NumpyNew)(PyTypeObject *type, PyObject *dtype, int rank,
                              Py_ssize_t const *shape, Py_ssize_t const *strides, void *data,
                              int flags, PyObject *object);
/* Steals `base`. */
typedef int (*NumpySetBase)(PyObject *array, PyObject *base);

/* `count` elements at `data`, one behind the other, which `base` keeps. REQUIRES: data not NULL.
 * Strides are given so that NumPy looks whether the elements are aligned. */
static inline PyObject *numpy_array_on(void **api, PyObject *dtype, Py_ssize_t count,
                                       Py_ssize_t width, void *data, PyObject *base, int writeable)
{
    NumpyNew make = (NumpyNew)api[NUMPY_NEW_FROM_DESCR];
    NumpySetBase keep = (NumpySetBase)api[NUMPY_SET_BASE];
    PyObject *array;
    Py_INCREF(dtype);
    array = make((PyTypeObject *)api[NUMPY_ARRAY_TYPE], dtype, 1, &count, &width, data,
                 writeable ? NUMPY_WRITEABLE : 0, NULL);
    if (array == NULL) return NULL;
    Py_INCREF(base);
    if (keep(array, base) < 0) {
        Py_DECREF(array);
        return NULL;
    }
    return array;
}

#endif
