"""Rows of padded arrays written as messages."""

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.bytes cimport (
    PyBytes_AS_STRING, PyBytes_Check, PyBytes_FromStringAndSize, PyBytes_GET_SIZE,
)
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from libc.stdint cimport int32_t, uint8_t, uint32_t

from wire cimport KIND_COUNT, WIRE_LEN, WIRE_START, kind_wire

cimport cython

cdef extern from "tf_encode.h" nogil:
    ctypedef struct TfStore:
        uint8_t *data
        size_t used
        size_t room

    ctypedef struct TfEncoded:
        uint32_t number
        uint8_t kind
        uint8_t width
        uint8_t packed

    int tf_encode_numbers(TfStore *out, const TfEncoded *field, const uint8_t *values,
                          size_t count)
    int tf_encode_bytes(TfStore *out, const TfEncoded *field, const uint8_t *value, size_t length)
    void tf_store_free(TfStore *store)


cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL

# A field, and the array of its values: rows of `longest`.
cdef struct Column:
    TfEncoded field
    Py_buffer view
    size_t longest
    size_t output
    bint objects


@cython.final
cdef class _Columns:
    """The arrays of all fields, ascending by number, held while records are written."""

    cdef Column *columns
    cdef size_t count
    cdef size_t held

    def __cinit__(self, tuple fields not None):
        self.columns = <Column *> PyMem_Calloc(len(fields) + 1, sizeof(Column))
        if self.columns == NULL:
            raise MemoryError
        self.count = <size_t> len(fields)
        for number, kind, packed, longest, output, values in fields:
            self._take(&self.columns[self.held], number, kind, packed, longest, output, values)

    def __dealloc__(self):
        cdef size_t i
        for i in range(self.held):
            PyBuffer_Release(&self.columns[i].view)
        PyMem_Free(self.columns)

    cdef int _take(self, Column *column, uint32_t number, int kind, bint packed, size_t longest,
                   size_t output, values) except -1:
        if not 0 < kind < KIND_COUNT:
            raise ValueError(f"kind {kind}")
        column.field.number, column.field.kind, column.field.packed = number, kind, packed
        column.longest, column.output = longest, output
        column.objects = kind_wire(kind) in (WIRE_LEN, WIRE_START)
        PyObject_GetBuffer(values, &column.view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
        self.held += 1
        if column.objects != (column.view.format != NULL and column.view.format == b"O"):
            raise TypeError("objects are needed for strings, and numbers for all else")
        if column.view.itemsize not in (1, 4, 8):
            raise TypeError(f"numbers of {column.view.itemsize} bytes")
        column.field.width = <uint8_t> column.view.itemsize
        return 0

    cdef int check(self, size_t rows, size_t outputs) except -1:
        """Raises: ``ValueError`` unless every array has its values for ``rows`` rows."""
        cdef size_t i
        for i in range(self.count):
            if self.columns[i].output >= outputs:
                raise ValueError("an output beyond the sizes")
            if rows and (<size_t> (self.columns[i].view.len // self.columns[i].view.itemsize)
                         // rows < self.columns[i].longest):
                raise ValueError("an array has fewer values than its shape tells")
        return 0


def encode(sizes, size_t outputs, tuple fields not None, size_t rows) -> list:
    """``rows`` records as a list of ``bytes``.

    ``sizes``: a contiguous buffer of int32, ``outputs`` for each row; ``fields``: ascending by
    number, each ``(number, kind, packed, longest, output, values)``, where ``values`` has
    ``longest`` values for each row, numbers or (strings, messages, groups) objects.
    Raises: ``ValueError`` for a size above ``longest``, ``TypeError`` for what is no bytes or str.
    """
    cdef _Columns columns = _Columns(fields)
    cdef TfStore out
    cdef Py_buffer view
    cdef const int32_t *size
    cdef size_t row
    cdef list records = []
    columns.check(rows, outputs)
    out.data, out.used, out.room = NULL, 0, 0
    PyObject_GetBuffer(sizes, &view, PyBUF_C_CONTIGUOUS)
    try:
        if view.itemsize != sizeof(int32_t) or (
            rows and <size_t> (view.len // view.itemsize) // rows < outputs
        ):
            raise ValueError("sizes must be int32, one for each row and field")
        size = <const int32_t *> view.buf
        for row in range(rows):
            out.used = 0
            _encode_row(columns, &out, size + row * outputs, row)
            records.append(PyBytes_FromStringAndSize(<const char *> out.data, out.used))
    finally:
        tf_store_free(&out)
        PyBuffer_Release(&view)
    return records


cdef int _encode_row(_Columns columns, TfStore *out, const int32_t *sizes, size_t row) except -1:
    cdef Column *column
    cdef size_t i, first
    cdef int32_t size
    cdef const uint8_t *values
    for i in range(columns.count):
        column = &columns.columns[i]
        size = sizes[column.output]
        if size <= 0:
            continue
        if <size_t> size > column.longest:
            raise ValueError(f"row {row}: size {size} for {column.longest} values")
        first = row * column.longest
        if column.objects:
            _encode_objects(out, &column.field, <PyObject **> column.view.buf + first, size)
            continue
        values = <const uint8_t *> column.view.buf + first * column.field.width
        if tf_encode_numbers(out, &column.field, values, size) < 0:
            raise MemoryError
    return 0


cdef int _encode_objects(TfStore *out, const TfEncoded *field, PyObject **values,
                         int32_t count) except -1:
    cdef Py_ssize_t length
    cdef const char *data
    cdef object value
    cdef int32_t i
    for i in range(count):
        value = <object> values[i] if values[i] != NULL else None
        if PyBytes_Check(value):
            data, length = PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value)
        elif isinstance(value, str):
            data = PyUnicode_AsUTF8AndSize(value, &length)
        else:
            raise TypeError(f"bytes or str are needed, not {type(value).__name__}")
        if tf_encode_bytes(out, field, <const uint8_t *> data, length) < 0:
            raise MemoryError
    return 0
