"""Vectors of numbers and structs: arrays are copied once, lists element by element."""

from cpython.buffer cimport Py_buffer, PyObject_CheckBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.memoryview cimport PyMemoryView_FromObject, PyMemoryView_GET_BUFFER
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from flat cimport (
    FLAT_BOOL, FLAT_FLOAT32, FLAT_INT8, FLAT_IS_SCALAR, FLAT_IS_STRUCTS, FLAT_OFFSET64,
    FLAT_UINT8, FLAT_VECTOR64, FlatField,
)
from tensorwire._core.flat_encode_values cimport (
    elements_of, encode_item, struct_copy, struct_has_gaps,
)
from tensorwire._core.flat_values cimport number_object, struct_dtype

cdef enum:
    # OUTPUT_REFER of output.h: what is shorter is copied at once, and nobody needs to keep it.
    REFER = 2048

# NumPy's names by base type, and the letters of `struct` for numbers of such a kind and any width.
cdef tuple FORMS = ("", "u1", "?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4",
                    "<f8")
cdef dict LETTERS = {"?": b"?", "i": b"bhilqn", "u": b"BHILQN", "f": b"fd"}


cdef uint64_t encode_bytes(FlatEncoder self, const FlatField *field, bytes data,
                           uint32_t align) except 0:
    return _written(self, field, <const uint8_t *> PyBytes_AS_STRING(data),
                    <size_t> PyBytes_GET_SIZE(data), align, data)


cdef uint64_t encode_vector(FlatEncoder self, const FlatField *field, object value) except 0:
    cdef bint sorts = (self.sorts and field.role == FLAT_IS_STRUCTS and field.object.key != NULL
                       and field.object.key.role == FLAT_IS_SCALAR)
    if isinstance(value, (bytes, bytearray)):
        if field.role == FLAT_IS_STRUCTS or field.element not in (FLAT_UINT8, FLAT_INT8):
            raise self.wrong(f"a sequence is needed, not {type(value).__name__}")
        if isinstance(value, bytes):
            return encode_bytes(self, field, value, _alignment(field))
    elif isinstance(value, (list, tuple)) or not PyObject_CheckBuffer(value):
        return _listed(self, field, elements_of(self, value), sorts)
    return _array(self, field, value, sorts)


cdef inline uint32_t _alignment(const FlatField *field) noexcept:
    return max(field.item_align, field.force_align)


cdef uint64_t _written(FlatEncoder self, const FlatField *field, const uint8_t *data,
                       size_t nbytes, uint32_t align, object owner) except 0:
    if not field.flags & FLAT_OFFSET64:
        self.fits(nbytes + align + 16)
    if nbytes >= REFER:
        self.held.append(owner)
    return self.bytes_vector(data, nbytes, nbytes / field.item_size, align, <PyObject *> owner,
                             field.base == FLAT_VECTOR64)


cdef uint64_t _listed(FlatEncoder self, const FlatField *field, tuple items,
                      bint sorts) except 0:
    """Elements one by one, in memory of their own."""
    cdef Py_ssize_t i, count = len(items)
    cdef uint32_t width = field.item_size
    cdef bytearray packed = bytearray(count * width)
    cdef uint8_t *to = <uint8_t *> packed
    for i in range(count):
        self.places[self.depth - 1].index = i
        encode_item(self, field, items[i], to + i * width)
    self.places[self.depth - 1].index = -1
    if sorts:
        packed = _sorted(field, packed)
        to = <uint8_t *> packed
    return _written(self, field, to, <size_t> (count * width), _alignment(field), packed)


cdef bytearray _sorted(const FlatField *field, bytearray packed):
    """Structs by their key."""
    cdef const uint8_t *at = <const uint8_t *> packed
    cdef uint32_t width = field.item_size
    cdef Py_ssize_t i, count = len(packed) // width
    keys = [number_object(field.object.key.base, at + i * width + field.object.key.offset)
            for i in range(count)]
    order = sorted(range(count), key=keys.__getitem__)
    return bytearray().join([packed[width * place:width * (place + 1)] for place in order])


# -- arrays ---------------------------------------------------------------------------------------

cdef uint64_t _array(FlatEncoder self, const FlatField *field, object value,
                     bint sorts) except 0:
    """What exports a buffer: as it lies there, or converted by NumPy."""
    cdef const Py_buffer *view
    if not _fits(field, value):
        converted = _converted(self, field, value)
        if isinstance(converted, (list, tuple)):
            return _listed(self, field, tuple(converted), sorts)
        value = converted
    if sorts or field.role == FLAT_IS_STRUCTS and struct_has_gaps(field.object):
        packed = _without_gaps(field, value)
        if sorts:
            packed = _sorted(field, packed)
        return _written(self, field, <uint8_t *> packed, len(packed), _alignment(field), packed)
    held = PyMemoryView_FromObject(value)
    view = PyMemoryView_GET_BUFFER(held)
    return _written(self, field, <const uint8_t *> view.buf, <size_t> view.len,
                    _alignment(field), held)


cdef bytearray _without_gaps(const FlatField *field, value):
    """A copy, zero where the memory of an array may hold anything."""
    cdef bytearray packed = bytearray(value)
    cdef bytearray clean = bytearray(len(packed))
    cdef size_t i
    for i in range(0, <size_t> len(packed), field.item_size):
        struct_copy(field.object, <const uint8_t *> packed + i, <uint8_t *> clean + i)
    return clean


cdef bint _fits(const FlatField *field, object value) except -1:
    """Whether the elements lie there as they would in a buffer."""
    cdef const Py_buffer *view
    try:
        held = PyMemoryView_FromObject(value)
    except (ValueError, BufferError, TypeError):
        return False
    view = PyMemoryView_GET_BUFFER(held)
    if view.ndim != 1 or view.itemsize != field.item_size or not held.c_contiguous:
        return False
    if field.role == FLAT_IS_STRUCTS:
        return getattr(value, "dtype", None) == struct_dtype(field.object)
    form = (held.format or "B").lstrip("@=<")
    if type(value) is bytearray:
        return True
    kind = FORMS[field.element].lstrip("<")[0]
    return len(form) == 1 and form.encode() in LETTERS[kind]


cdef object _converted(FlatEncoder self, const FlatField *field, object value):
    """The same numbers as an array of the right type; or as a list, to be looked at one by one."""
    import numpy

    array = numpy.asarray(value)
    if array.ndim != 1:
        raise self.wrong(f"an array of one dimension is needed, not of {array.ndim}")
    kind = array.dtype.kind
    if field.role == FLAT_IS_STRUCTS or kind not in "biuf":
        return list(array) if array.dtype.names else array.tolist()
    if field.element >= FLAT_FLOAT32:
        return _reals(self, field, array, numpy)
    if kind == "f":
        raise self.wrong(f"whole numbers are needed, not {array.dtype}")
    wanted = numpy.dtype(FORMS[field.element])
    low, high = (0, 1) if field.element == FLAT_BOOL else _bounds(numpy, wanted)
    if array.size and (int(array.min()) < low or int(array.max()) > high):
        raise self.wrong(f"numbers from {array.min()} to {array.max()} do not fit {wanted}")
    return numpy.ascontiguousarray(array, wanted)


cdef tuple _bounds(numpy, wanted):
    found = numpy.iinfo(wanted)
    return int(found.min), int(found.max)


cdef object _reals(FlatEncoder self, const FlatField *field, array, numpy):
    wanted = numpy.dtype(FORMS[field.element])
    with numpy.errstate(over="ignore"):
        converted = numpy.ascontiguousarray(array, wanted)
    if (numpy.isinf(converted) & numpy.isfinite(array)).any():
        raise self.wrong(f"numbers up to {numpy.abs(array).max()} do not fit {wanted}")
    return converted
