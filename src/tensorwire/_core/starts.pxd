from cursor cimport Item
from elements cimport Elements
from tensorwire._core.message cimport Message
from wire cimport FieldPlan


# Number of elements of a repeated field.
cdef Py_ssize_t field_length(Message self, const FieldPlan *field) except -1
# The item of the element at `place`: strings, bytes and messages. REQUIRES: place < length.
cdef int item_at(Message self, const FieldPlan *field, size_t place, Item *item) except -1
# The number at `place`, as the current element of `walk`. REQUIRES: place < length.
cdef int element_at(Message self, const FieldPlan *field, size_t place, Elements *walk) except -1
