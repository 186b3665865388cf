from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from flat cimport FlatField, FlatObject
from flat_vtables cimport FlatVtables
from tensorwire._core.flat_names cimport FlatNames
from tensorwire._core.output cimport Output


# A field of a table that is about to be written. `bits`: of a number, or where a value that lies
# elsewhere begins, counted from the buffer's end; of a struct its first byte in `scratch`.
cdef struct EncodedField:
    const FlatField *field
    uint64_t bits

# Where in the value the encoder is: a field, and an element of it, or -1.
cdef struct EncodedPlace:
    const FlatObject *object
    const FlatField *field
    Py_ssize_t index


cdef class FlatEncoder:
    cdef FlatNames names
    cdef Output out
    cdef uint64_t low               # what was written before it is reached by 64-bit offsets only
    cdef uint32_t widest
    cdef bint forced                # numbers that equal their default are written
    cdef bint sorts                 # vectors of tables and structs with a key
    cdef dict strings               # where each was written; None: none is shared
    cdef list held                  # what the output refers to
    cdef FlatVtables known
    cdef uint16_t *words            # of the vtable that is being made
    cdef size_t words_room
    cdef EncodedField *fields       # of the tables that are being gathered, innermost last
    cdef size_t field_count
    cdef size_t field_room
    cdef uint8_t *scratch           # structs of those
    cdef size_t scratch_used
    cdef size_t scratch_room
    cdef EncodedPlace *places
    cdef size_t depth
    cdef size_t depth_room
    cdef uint32_t tables            # of those that are being written, innermost last
    cdef uint32_t depth_limit
    cdef object limits
    cdef object key                 # of the table that was written last, where vectors are sorted
    cdef bint ahead                 # the first time through a value, for offsets of 64 bits
    cdef list far                   # (field, position) of what these reach, in order
    cdef Py_ssize_t far_used

    cdef int enter(self, const FlatObject *object) except -1
    cdef void leave(self) noexcept
    cdef int note(self, const FlatField *field, uint64_t bits) except -1
    cdef uint8_t *struct_room(self, size_t size) except NULL
    cdef int fits(self, size_t more) except -1
    cdef int align(self, uint32_t to, size_t after) except -1
    cdef uint64_t bytes_vector(self, const uint8_t *data, size_t nbytes, size_t count,
                               uint32_t align, PyObject *owner, bint wide) except 0
    cdef uint64_t string(self, const char *text, Py_ssize_t length) except 0
    cdef uint64_t offsets(self, list targets) except 0
    cdef uint64_t table(self, size_t first) except 0
    cdef int words_for(self, size_t slots) except -1
    cdef int field(self, const EncodedField *encoded) except -1
    cdef int vtable(self, uint64_t start, uint32_t count) except -1
    cdef bytes finish(self, uint64_t root, bytes identifier, int prefix)
    cdef object wrong(self, str reason)
    cdef object at_place(self, error, reason)
    cdef str path(self)
