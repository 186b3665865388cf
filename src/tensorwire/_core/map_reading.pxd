from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# All entries in the bytes: keys to scalars, or to Messages that are children of the parent.
cdef dict map_read(Message parent, const FieldPlan *field)
# The default of "key" or "value".
cdef object map_default(const FieldPlan *field, str name)
