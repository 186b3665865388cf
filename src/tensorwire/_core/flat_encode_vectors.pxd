from libc.stdint cimport uint32_t, uint64_t

from flat cimport FlatField
from tensorwire._core.flat_encoder cimport FlatEncoder


# Vectors of numbers and structs: where each begins, counted from the end.
cdef uint64_t encode_vector(FlatEncoder self, const FlatField *field, object value) except 0
cdef uint64_t encode_bytes(FlatEncoder self, const FlatField *field, bytes data,
                           uint32_t align) except 0
