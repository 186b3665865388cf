from tensorwire._core.message cimport Message
from tensorwire._core.repeated cimport Repeated
from wire cimport FieldPlan


cdef class Map:
    cdef Repeated entries
    cdef dict known          # made on first use

    cdef dict _read(self)


cdef Map map_new(Message parent, const FieldPlan *field)
