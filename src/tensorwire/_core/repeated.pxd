from tensorwire._core.message cimport Message
from tensorwire._core.node cimport Node
from wire cimport FieldPlan


cdef class Repeated(Node):
    pass


cdef class RepeatedScalar(Repeated):
    pass


cdef class RepeatedMessage(Repeated):
    pass


# The container of that field: the one that is alive, or a new one.
cdef Repeated repeated_of(Message parent, const FieldPlan *field)
