"""NumPy arrays on memory that something else keeps. NumPy is imported when the first is made."""

from cpython.pycapsule cimport PyCapsule_GetPointer


cdef extern from "numpy_arrays.h":
    object numpy_array_on(void **api, object dtype, Py_ssize_t count, Py_ssize_t width,
                          void *data, object base, int writeable)


cdef void **api = NULL


cdef int _load() except -1:
    global api
    import numpy

    core = getattr(numpy, "_core", None) or numpy.core     # `numpy.core` before NumPy 2
    capsule = core._multiarray_umath._ARRAY_API
    api = <void **> PyCapsule_GetPointer(capsule, NULL)
    return 0


cdef object array_on(object dtype, Py_ssize_t count, Py_ssize_t width, const void *data,
                     object base, bint writeable):
    if api == NULL:
        _load()
    return numpy_array_on(api, dtype, count, width, <void *> data, base, writeable)
