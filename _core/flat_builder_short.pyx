"""The short ways of a FlatBuffers builder's methods.

Each does exactly what upstream's method would do, and applies to exact numbers, strings and bytes
in a state that only builders make; else it gives 0, has done nothing, and the careful way
(``flat_builder_careful``) goes through upstream's steps, errors included.
Source: google/flatbuffers 25.12.19, ``python/flatbuffers/builder.py``.
"""

import sys

from cpython.buffer cimport PyBUF_ND, Py_buffer, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytearray cimport PyByteArray_CheckExact
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItem
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_CheckExact
from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy, memmove

from flat cimport FLAT_UINT32
from flat_vtables cimport (
    FlatVtable, flat_vtable_add, flat_vtable_find, flat_vtable_hash,
)


cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL


cdef int short_write(BuilderState self, const uint8_t *data, Py_ssize_t length,
                     int after) except -1:
    """A vector of bytes, and ``after`` zero bytes behind it."""
    if (not self.plain or self.inside or length > FLAT_MOST - 8
            or not flat_prep(self, 4, length + after)):
        return 0
    if after:
        flat_put(self, 0, 1)
    self.at -= length
    # memmove: it may be the buffer itself that is written.
    memmove(flat_base(self) + self.at, data, length)
    flat_put(self, <uint64_t> length, 4)
    self.elements, self.counted = None, True
    return 1


cdef int short_end_object(BuilderState self, Py_ssize_t *begun) except -1:
    """The object's vtable, or an offset to one like it, and the offset to it in the object."""
    cdef uint16_t *words
    cdef Py_ssize_t start, i, size, count, total, at
    cdef const FlatVtable *known
    cdef uint32_t hash
    if (not self.plain or not self.inside or not self.open or not self.ended
            or self.mapped is not None or not flat_prep(self, 4, 0)):
        return 0
    start = flat_written(self) + 4
    size = start - self.end
    count = self.used
    while count and self.ends[count - 1] == 0:     # progress: one slot
        count -= 1
    if not 0 <= size <= 65535:
        return 0
    if self.room == 0:                     # no slot was ever used
        self.widen(0)
    words = <uint16_t *> (self.ends + self.room)
    words[0] = <uint16_t> size
    for i in range(count):
        at = start - self.ends[i] if self.ends[i] else 0
        if not 0 <= at <= 65535:
            return 0
        words[i + 1] = <uint16_t> at
    count += 1
    hash = flat_vtable_hash(words, count)
    known = flat_vtable_find(&self.known, words, count, hash)
    if known:
        at = known.offset
    else:
        total = 2 * (count + 1)
        if self.at < 4 + total and not self.reserve(4 + total):
            return 0
        at = start + total
        if not flat_vtable_add(&self.known, words, count, hash, at):
            raise MemoryError
    flat_put(self, <uint64_t> (at - start), 4)
    if not known:
        self.at -= 2 * count
        memcpy(flat_base(self) + self.at, words, 2 * count)
        flat_put(self, <uint64_t> (2 * (count + 1)), 2)
    self.open = self.inside = False
    self.listed = None
    begun[0] = start
    return 1


cdef int short_finish(BuilderState self, object root, bint prefixed, object identifier) except -1:
    cdef Py_ssize_t offset, written, size = 4
    if (not self.plain or not flat_int(root, &offset)
            or not 1 <= self.widest <= FLAT_MOST
            or not 0 <= self.at <= PyByteArray_GET_SIZE(self.data)
            or not 0 <= offset <= flat_written(self)
            or flat_written(self) + self.widest + 16 >= FLAT_MOST):
        return 0
    if identifier is not None:
        if not PyBytes_CheckExact(identifier) or PyBytes_GET_SIZE(identifier) != 4:
            return 0
        size += 4
    if prefixed:
        size += 4
    if not flat_prep(self, self.widest, size):
        return 0
    if identifier is not None:
        if not flat_prep(self, 4, 4):
            return 0
        self.at -= 4
        memcpy(flat_base(self) + self.at, PyBytes_AS_STRING(identifier), 4)
    flat_prep(self, 4, 0)                  # cannot fail: see the limit above
    written = flat_written(self)
    flat_put(self, <uint64_t> (written - offset + 4), 4)
    if prefixed:
        flat_prep(self, 4, 0)
        flat_put(self, <uint64_t> flat_written(self), 4)
    self.done = True
    return 1


cdef int short_start_vector(BuilderState self, Py_ssize_t width, object num_elems,
                            Py_ssize_t alignment) except -1:
    cdef Py_ssize_t count = 0
    if (not self.plain or self.inside or not flat_int(num_elems, &count)
            or not 0 <= width <= 65536 or not 0 <= count <= FLAT_MOST
            or width * count > FLAT_MOST or not 1 <= alignment <= 65536
            or not flat_prep(self, 4, width * count)
            or not flat_prep(self, alignment, width * count)):
        return 0
    self.inside = True
    self.elements, self.counted = num_elems, True
    return 1


cdef int short_end_vector(BuilderState self) except -1:
    cdef uint64_t bits
    if (not self.plain or not self.inside or not self.counted
            or not flat_int_bits(FLAT_UINT32, self.elements, &bits)
            or not 4 <= self.at <= PyByteArray_GET_SIZE(self.data)):
        return 0
    self.inside = False
    flat_put(self, bits, 4)
    self.elements = None
    return 1


cdef int short_start_object(BuilderState self, Py_ssize_t slots) except -1:
    if not self.plain or self.inside or slots < 0:
        return 0
    self.slots, self.used, self.open = slots, 0, True
    self.end, self.ended = flat_written(self), True
    self.inside = True
    return 1


cdef int short_bytes(BuilderState self, object x) except -1:
    if PyBytes_CheckExact(x):
        return short_write(self, <const uint8_t *> PyBytes_AS_STRING(x), PyBytes_GET_SIZE(x), 0)
    if PyByteArray_CheckExact(x):
        return short_write(self, <const uint8_t *> PyByteArray_AS_STRING(x),
                           PyByteArray_GET_SIZE(x), 0)
    return 0


cdef int short_string(BuilderState self, object s) except -1:
    cdef const char *text
    cdef Py_ssize_t length
    if PyBytes_CheckExact(s):
        return short_write(self, <const uint8_t *> PyBytes_AS_STRING(s), PyBytes_GET_SIZE(s), 1)
    if not PyUnicode_CheckExact(s) or not self.plain or self.inside:
        return 0
    try:
        text = PyUnicode_AsUTF8AndSize(s, &length)
    except UnicodeEncodeError:
        return 0
    return short_write(self, <const uint8_t *> text, length, 1)


# -- arrays ---------------------------------------------------------------------------------------

cdef class _Arrays:
    """NumPy's classes of arrays, and the alignment of each little-endian number."""
    cdef type array
    cdef type mapped
    cdef dict alignments

    def __init__(self, numpy):
        self.array, self.mapped = numpy.ndarray, numpy.memmap
        kinds = [numpy.dtype(form) for form in "? b B <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8".split()]
        self.alignments = {kind: kind.alignment for kind in kinds}


cdef _Arrays _arrays = None


cdef int short_array(BuilderState self, object x, Py_ssize_t least) except -1:
    global _arrays
    cdef Py_buffer view
    cdef PyObject *alignment
    if _arrays is None:
        if "numpy" not in sys.modules:
            return 0
        import numpy

        _arrays = _Arrays(numpy)
    if type(x) is not _arrays.array and type(x) is not _arrays.mapped:
        return 0
    alignment = PyDict_GetItem(_arrays.alignments, x.dtype)
    if alignment == NULL:
        return 0
    try:
        PyObject_GetBuffer(x, &view, PyBUF_ND)
    except (BufferError, ValueError):      # not contiguous
        return 0
    try:
        return _array(self, &view, max(least, <Py_ssize_t> <object> alignment))
    finally:
        PyBuffer_Release(&view)


cdef int _array(BuilderState self, const Py_buffer *view, Py_ssize_t alignment) except -1:
    if (view.ndim > 1 or not self.plain or self.inside or view.len > FLAT_MOST
            or not flat_prep(self, 4, view.len) or not flat_prep(self, alignment, view.len)):
        return 0
    self.at -= view.len
    memmove(flat_base(self) + self.at, view.buf, view.len)
    flat_put(self, <uint64_t> (view.len // view.itemsize), 4)
    self.elements, self.counted = None, True
    return 1
