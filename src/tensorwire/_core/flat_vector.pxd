from libc.stdint cimport uint8_t

from flat cimport FlatEnum, FlatField
from tensorwire._core.flat_plan cimport FlatPlans
from tensorwire._core.flat_view cimport FlatGround


cdef class FlatVector:
    cdef FlatPlans plans         # keeps `field`
    cdef object source           # keeps the ground
    cdef FlatGround ground
    cdef const FlatField *field
    cdef size_t first            # of the elements, all of which lie inside
    cdef size_t types            # of a vector of unions: first of the types
    cdef size_t count

    cdef object item(self, size_t i)
    cdef object member(self, size_t i, size_t place)


cdef FlatVector vector_new(FlatPlans plans, const FlatGround *ground, const FlatField *field,
                           size_t first, size_t count, size_t types)
cdef object union_object(const FlatGround *ground, const FlatField *field, long long type,
                         size_t at)
