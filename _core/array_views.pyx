"""Arrays on memory that another object owns, by NumPy's own C functions.

``np.frombuffer`` looks at its arguments for longer than an array takes to be made: 210 ns of 260,
measured. NumPy's functions stand at fixed places of the table that it gives to extensions; it only
ever appends there. Source: numpy ``numpy/_core/code_generators/numpy_api.py``. pybind11 uses the
same places, without NumPy's headers too (``include/pybind11/numpy.h``).
"""

from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid
from cpython.ref cimport Py_INCREF


cdef extern from *:
    """
    enum {
        ARRAY_C_CONTIGUOUS = 0x0001,
        ARRAY_F_CONTIGUOUS = 0x0002,
        ARRAY_ALIGNED = 0x0100,
        ARRAY_WRITEABLE = 0x0400
    };

    static void **array_table;

    /* Whether these are the places of a NumPy whose ABI is known: 1.x or 2.x. */
    static inline int array_table_take(void **table)
    {
        unsigned version = ((unsigned (*)(void))table[0])();
        if ((version >> 24) > 2) return 0;
        array_table = table;
        return 1;
    }

    /* Takes a reference of `dtype` and one of `base`. */
    static inline PyObject *array_new(PyObject *base, PyObject *dtype, void *data,
                                      Py_ssize_t count, int is_writable)
    {
        typedef PyObject *(*NewFromDescr)(void *, PyObject *, int, const Py_ssize_t *,
                                          const Py_ssize_t *, void *, int, PyObject *);
        typedef int (*SetBaseObject)(PyObject *, PyObject *);
        typedef void (*UpdateFlags)(PyObject *, int);
        int flags = ARRAY_C_CONTIGUOUS | ARRAY_F_CONTIGUOUS;
        if (is_writable) flags |= ARRAY_WRITEABLE;
        PyObject *array = ((NewFromDescr)array_table[94])(array_table[2], dtype, 1, &count, NULL,
                                                          data, flags, NULL);
        if (!array) {
            Py_DECREF(base);
            return NULL;
        }
        if (((SetBaseObject)array_table[282])(array, base) < 0) {
            Py_DECREF(array);
            return NULL;
        }
        ((UpdateFlags)array_table[92])(array, ARRAY_ALIGNED);
        return array;
    }
    """
    bint array_table_take(void **table)
    object array_new(object base, object dtype, void *data, Py_ssize_t count, bint is_writable)


cdef bint is_looked_for = False, is_found = False


cdef bint _find_table() except -1:
    global is_looked_for, is_found
    is_looked_for = True
    try:
        from numpy._core import _multiarray_umath as umath
    except ImportError:                    # before NumPy 2
        from numpy.core import _multiarray_umath as umath
    capsule = umath._ARRAY_API
    if PyCapsule_IsValid(capsule, NULL):
        is_found = array_table_take(<void **> PyCapsule_GetPointer(capsule, NULL))
    return is_found


cdef object array_over(object base, object dtype, const void *data, Py_ssize_t count,
                       bint is_writable):
    if not is_looked_for:
        _find_table()
    if not is_found:
        return None
    Py_INCREF(base)                        # both are given away
    Py_INCREF(dtype)
    return array_new(base, dtype, <void *> data, count, is_writable)
