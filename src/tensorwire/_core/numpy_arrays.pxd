# `count` elements of `width` bytes at `data`, which `base` keeps; `base` exports a buffer, whose
# being writable decides whether the array may be made so later.
cdef object array_on(object dtype, Py_ssize_t count, Py_ssize_t width, const void *data,
                     object base, bint writeable)
