"""Numbers by the array: into a changed repeated field, and out of it."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.string cimport memcpy

from tensorwire._core.edits cimport List, list_reserve, list_width
from tensorwire._core.lists cimport list_known, list_length
from tensorwire._core.message cimport Message
from wire cimport (
    FIELD_CLOSED, KIND_BOOL, KIND_BYTES, KIND_DOUBLE, KIND_ENUM, KIND_FIXED32, KIND_FIXED64,
    KIND_FLOAT, KIND_INT32, KIND_INT64, KIND_SFIXED32, KIND_SFIXED64, KIND_SINT32, KIND_SINT64,
    KIND_STRING, KIND_UINT32, KIND_UINT64, FieldPlan, MessagePlan,
)

import sys

# What the elements of a field are in memory.
DTYPES = {
    KIND_DOUBLE: "<f8", KIND_FLOAT: "<f4", KIND_INT64: "<i8", KIND_UINT64: "<u8",
    KIND_INT32: "<i4", KIND_FIXED64: "<u8", KIND_FIXED32: "<u4", KIND_BOOL: "?",
    KIND_UINT32: "<u4", KIND_ENUM: "<i4", KIND_SFIXED32: "<i4", KIND_SFIXED64: "<i8",
    KIND_SINT32: "<i4", KIND_SINT64: "<i8", KIND_STRING: "O", KIND_BYTES: "O",
}


cdef bint numbers_from_array(const MessagePlan *plan, const FieldPlan *field, values,
                             List *fresh) except -1:
    """Shape: one dimension. Integers are checked by their least and greatest, reals are converted.

    False for what is no array of fitting numbers: it is then taken element by element, which says
    what is wrong with it.
    """
    cdef Py_buffer view
    cdef size_t count
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(values, numpy.ndarray) or field.flags & FIELD_CLOSED:
        return False
    own = numpy.dtype(DTYPES[field.kind])
    if values.ndim != 1 or not _fits(field, values, own):
        return False
    with numpy.errstate(over="ignore"):    # a real out of range is an infinity, as upstream
        array = numpy.ascontiguousarray(values, dtype=own)
    if array.size == 0:
        return True
    PyObject_GetBuffer(array, &view, PyBUF_SIMPLE)
    try:                                   # the buffer counts, whatever a subclass says of itself
        count = <size_t> view.len // list_width(field.kind)
        list_reserve(fresh, field.kind, fresh.count + count)
        memcpy(<char *> fresh.values + fresh.count * list_width(field.kind), view.buf,
               count * list_width(field.kind))
    finally:
        PyBuffer_Release(&view)
    fresh.count += count
    return True


cdef bint _fits(const FieldPlan *field, array, own) except -1:
    kind = array.dtype.kind
    if field.kind == KIND_FLOAT or field.kind == KIND_DOUBLE:
        return kind in "fiu"
    if field.kind == KIND_BOOL:
        return kind == "b"
    if kind not in "iu":
        return False
    if array.size == 0 or array.dtype == own:
        return True
    import numpy

    limits = numpy.iinfo(own)
    return limits.min <= int(array.min()) and int(array.max()) <= limits.max


cdef object numbers_array(Message parent, const FieldPlan *field, dtype):
    import numpy

    cdef Py_buffer view
    cdef List *values
    array = numpy.empty(list_length(parent, field), dtype=DTYPES[field.kind])
    PyObject_GetBuffer(array, &view, PyBUF_SIMPLE)
    try:                                   # making the array may have run code
        values = list_known(parent, field)
        if values == NULL or values.count * list_width(field.kind) != <size_t> view.len:
            raise RuntimeError("the field was changed while its array was made")
        if values.count:
            memcpy(view.buf, values.values, view.len)
    finally:
        PyBuffer_Release(&view)
    return array if dtype is None else array.astype(dtype, copy=False)
