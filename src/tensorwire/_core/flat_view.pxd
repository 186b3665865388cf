from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t

from flat cimport FlatField, FlatObject


# Where views lie: a buffer in a Source. Its first byte, its size, and who keeps it.
cdef struct FlatGround:
    PyObject *source
    const uint8_t *base
    size_t size


cdef class FlatView:
    cdef FlatGround ground
    cdef const FlatObject *object
    cdef size_t at               # first byte, counted from the buffer's

cdef class FlatTable(FlatView):
    cdef size_t vtable           # lies in the buffer, with `vtable_size` bytes
    cdef uint32_t vtable_size

cdef class FlatStruct(FlatView):
    pass


cdef FlatTable table_new(const FlatObject *plan, const FlatGround *ground, size_t at)
cdef FlatStruct struct_new(const FlatObject *plan, const FlatGround *ground, size_t at)

# Where a field of a table lies, checked to be inside with all its bytes; 0: absent; -1: raised.
cdef ssize_t table_find(FlatTable self, const FlatField *field) except -1
# Where the offset at `at` leads.
cdef size_t ground_follow(const FlatGround *ground, size_t at, bint wide) except 0
# First element of the vector at `at`, all of which lie inside, and their number.
cdef size_t ground_vector(const FlatGround *ground, size_t at, bint wide, uint32_t item,
                          size_t *count) except 0
cdef object ground_changed(const FlatGround *ground, size_t at)
cdef size_t ground_offset(const FlatGround *ground, size_t at)
