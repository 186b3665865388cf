from tensorwire._core.message cimport Message
from tensorwire._core.node cimport Node
from wire cimport FieldPlan


cdef class Repeated(Node):
    pass


cdef class RepeatedScalarContainer(Repeated):
    pass


cdef class RepeatedCompositeContainer(Repeated):
    pass


# The container of that field: the one that is alive, or a new one.
cdef Repeated repeated_of(Message parent, const FieldPlan *field)
