# A one-dimensional array of `count` elements at `data`, memory that `base` keeps alive and where it
# is; None where NumPy's table is not one that is known: `np.frombuffer` does it then.
# REQUIRES: a NumPy dtype, and `count` elements of it at `data`, which is not NULL.
cdef object array_over(object base, object dtype, const void *data, Py_ssize_t count,
                       bint is_writable)
