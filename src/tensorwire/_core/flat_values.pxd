from libc.stdint cimport uint8_t

from flat cimport FlatField, FlatObject
from tensorwire._core.flat_view cimport FlatGround


cdef object number_object(uint8_t base, const uint8_t *at)
cdef object string_object(const FlatGround *ground, size_t at)
cdef object array_view(const FlatGround *ground, const FlatField *field, size_t first, size_t count)
cdef object struct_dtype(const FlatObject *plan)
