from tensorwire._core.message cimport Message
from wire cimport FieldPlan


cdef class Repeated:
    cdef Message parent
    cdef const FieldPlan *field


cdef class RepeatedScalar(Repeated):
    pass


cdef class RepeatedMessage(Repeated):
    pass


cdef Repeated repeated_new(Message parent, const FieldPlan *field)
