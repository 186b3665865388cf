from tensorwire._core.message cimport Message
from tensorwire._core.node cimport Node
from wire cimport FieldPlan


cdef class Map(Node):
    cdef dict known          # what the bytes say, made on first use


# The map of that field: the one that is alive, or a new one.
cdef Map map_of(Message parent, const FieldPlan *field)
# Keys to values: scalars, or Messages that show or are owned. Not to be changed by the caller.
cdef dict map_entries(Message parent, const FieldPlan *field)
# The same to be changed; of messages, the parent holds every one from now on.
cdef dict map_edit(Message parent, const FieldPlan *field)
# The same without recording that the parent is changed, which the caller does.
cdef dict map_owned(Message parent, const FieldPlan *field)
# Changes the map so that it has a value, which stands alone.
cdef int map_put(Message parent, const FieldPlan *field, key, value) except -1
