from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

from cursor cimport Item
from tensorwire._core.find cimport Found
from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# The live child that lies in the item of that key, borrowed, or NULL. Raises DecodeError if it is
# of another field: then the bytes have changed.
cdef PyObject *child_at(Message self, const FieldPlan *field, uint64_t key) except? NULL
# The submessage of a singular field: the one that is alive, or a new view of the bytes.
cdef Message message_child(Message self, const FieldPlan *field)
# The element of a repeated message field that lies in that item.
cdef Message message_child_at(Message self, const FieldPlan *field, const Item *item)
# A view of what a find has found, that stands alone; the empty message if it found none.
cdef Message message_lone(Message self, const FieldPlan *field, Found *found)
