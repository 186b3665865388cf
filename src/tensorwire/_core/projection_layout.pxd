from libc.stdint cimport uint8_t

from tensorwire._core.parse cimport MessageType
from wire cimport FieldPlan, MessagePlan

cdef enum:
    MAP_KEY = 1              # field numbers of a map entry
    MAP_VALUE = 2


cdef class Leaf:
    cdef const FieldPlan *field
    cdef readonly bint raw, watched, in_entry
    cdef readonly object scope           # of a message: its Scope
    # Numbers, -1 for none.
    cdef readonly object values, seen, list_number, table, pointers, oneof, member

    cdef bint is_message(self)
    cdef bint is_repeated(self)
    cdef bint is_key(self)
    cdef bint is_doubtful(self)
    cdef bint has_presence(self)


cdef class Scope:
    cdef const MessagePlan *plan
    cdef readonly list leaves
    cdef readonly bint is_entry
    cdef readonly object table, dead     # dead: array of entries that do not count, -1 for none
    cdef readonly tuple arrays, lists, oneofs    # (first, stop)
    cdef readonly object number, depth
    cdef dict by_number


# The scopes of what is asked for, the record's first.
cdef list scopes_of(MessageType kind, tuple nodes)
# What `Projection` fills its tables from.
cdef dict laid_out(list scopes)
cdef bint is_bytes(uint8_t kind)
# Bytes of one value.
cdef uint8_t width_of(Leaf leaf) except 0
