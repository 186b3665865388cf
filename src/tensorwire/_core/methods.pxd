from libc.stdint cimport uint32_t

from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# 1-based number of the oneof of that name; 0: there is none.
cdef uint32_t oneof_named(Message self, name) except? 0
# `other` as a message of the same type. Raises TypeError.
cdef Message message_same_type(Message self, other, str method)
# Merges an encoding in; returns its length.
cdef object message_parse(Message self, data)
cdef bytes message_serialize(Message self, tuple positional, deterministic, bint complete)
cdef int message_discard_unknown(Message self) except -1
cdef list message_list_fields(Message self)
cdef object field_descriptor(cls, const FieldPlan *field)
