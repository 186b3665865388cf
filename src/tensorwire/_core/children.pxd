from cursor cimport Item
from tensorwire._core.find cimport Found
from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# The submessage of a singular field: the one that is alive, or a new view of the bytes.
cdef Message message_child(Message self, const FieldPlan *field)
# The element of a repeated message field that lies in that item.
cdef Message message_child_at(Message self, const FieldPlan *field, const Item *item)
# A view of what a find has found, that stands alone; the empty message if it found none.
cdef Message message_lone(Message self, const FieldPlan *field, Found *found)
