"""Vectors of numbers that an object's ``Pack`` writes."""

from cpython.buffer cimport (
    PyBUF_CONTIG_RO, PyBUF_FORMAT, Py_buffer, PyBuffer_Release, PyObject_CheckBuffer,
    PyObject_GetBuffer,
)
from cpython.bytearray cimport PyByteArray_CheckExact
from cpython.bytes cimport PyBytes_CheckExact
from cpython.list cimport PyList_CheckExact
from cpython.tuple cimport PyTuple_CheckExact
from libc.string cimport memmove

from flat cimport FLAT_UINT8
from tensorwire._core.flat_builder_short cimport *

import sys as _sys

from tensorwire._core.flat_functions import NAMES

# How `struct` calls numbers of that base type, in any width.
cdef tuple LETTERS = (
    b"", b"", b"?", b"b", b"B", b"hi", b"HI", b"ilq", b"ILQ", b"lq", b"LQ", b"f", b"d",
)


cdef int pack_start_vector(BuilderFunction function, Py_ssize_t count,
                           BuilderState builder) except -1:
    if not short_start_vector(builder, function.size, count, function.align):
        builder.StartVector(function.size, count, function.align)
    return 0


cdef object pack_end_vector(BuilderState builder):
    return flat_written(builder) if short_end_vector(builder) else builder.EndVector()


cdef object pack_numbers(BuilderFunction function, object value, int number, bint arrays,
                         BuilderState builder):
    cdef Py_ssize_t i, count
    if arrays and type(value) is _ndarray():
        return _array(function, value, builder)
    count = len(value)
    pack_start_vector(function, count, builder)
    if not _copied(value, count, number, function.size, builder):
        for i in range(count - 1, -1, -1):
            item = value[i]
            if not short_prepend(builder, number, item):
                getattr(builder, "Prepend" + NAMES[number])(item)
    return pack_end_vector(builder)


cdef object _ndarray():
    numpy = _sys.modules.get("numpy")
    return getattr(numpy, "ndarray", numpy)


cdef object _array(BuilderFunction function, object value, BuilderState builder):
    """What `CreateNumpyVector` makes of an array, aligned as the schema asks, if it does."""
    if short_array(builder, value, max(function.forced, 1)):
        return flat_written(builder)
    if function.forced > 1 and value.ndim == 1 and value.dtype.kind in "biuf":
        plain = _sys.modules["numpy"].ascontiguousarray(value, value.dtype.newbyteorder("<"))
        if short_array(builder, plain, function.forced):
            return flat_written(builder)
    return builder.CreateNumpyVector(value)


cdef int _copied(object value, Py_ssize_t count, int number, Py_ssize_t size,
                 BuilderState builder) except -1:
    """Whether the elements lie in memory as they would in the buffer; then they are written."""
    cdef Py_buffer view
    cdef int done = 0
    if PyBytes_CheckExact(value) or PyByteArray_CheckExact(value):
        if number != FLAT_UINT8:
            return 0
    elif PyList_CheckExact(value) or PyTuple_CheckExact(value) or not PyObject_CheckBuffer(value):
        return 0
    try:
        PyObject_GetBuffer(value, &view, PyBUF_CONTIG_RO | PyBUF_FORMAT)
    except (BufferError, ValueError, TypeError):
        return 0
    if view.ndim == 1 and view.itemsize == size and view.len == count * size and (
            0 <= view.len <= builder.at <= PyByteArray_GET_SIZE(builder.data)
            and _is_form(view.format, number)):
        builder.at -= view.len
        memmove(flat_base(builder) + builder.at, view.buf, view.len)
        done = 1
    PyBuffer_Release(&view)
    return done


cdef bint _is_form(const char *form, int number) except -1:
    cdef bytes letters = LETTERS[number]
    if form == NULL:
        return number == FLAT_UINT8
    if form[0] in b"@=<":
        form += 1
    return form[0] != 0 and form[1] == 0 and form[0] in letters
