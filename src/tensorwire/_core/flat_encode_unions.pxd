from libc.stdint cimport uint64_t

from flat cimport FlatEnumValue, FlatField
from tensorwire._core.flat_encoder cimport FlatEncoder


# What a union holds: by its type's name or number, or, where that is None, by the value itself.
cdef const FlatEnumValue *union_member(FlatEncoder self, const FlatField *field, object tag,
                                       object value) except NULL
# A value that is no table; 0 for that of NONE.
cdef uint64_t union_value(FlatEncoder self, const FlatEnumValue *member,
                          object value) except? 0
