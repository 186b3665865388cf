from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint64_t

from tensorwire._core.message cimport Message
from tensorwire._core.node cimport Node, children_add
from wire cimport FieldPlan


# Records that the content changed: here and in every ancestor, which hold it from now on.
cdef int message_touch(Message self) except -1
# Makes a new node a child that shows what lies in the parent, and holds it.
cdef inline int node_attach(Node self, Message parent, const FieldPlan *field,
                            uint64_t key) except -1:
    self.key = key
    children_add(&parent.children, <PyObject *> self)
    self.parent = <PyObject *> parent
    Py_INCREF(parent)
    self.field = field
    return 0


# Makes a child stand alone. REQUIRES: somebody holds the parent.
cdef void node_detach(Message parent, PyObject *node) noexcept
# Makes a message that stands alone the value of a singular field, which is not set.
cdef int message_own(Message self, const FieldPlan *field, Message child) except -1
# Makes an element that stands alone one that the parent's edits are to hold: sets its links.
cdef void element_own(Message self, const FieldPlan *field, Message child) noexcept
cdef int message_clear(Message self) except -1
# Moves the whole content to the message that is returned, None for none. Dropping that one may run
# any code.
cdef Message message_emptied(Message self)
# Moves a child that `old` does not own to a message of the same type that has none of its key.
cdef int node_move(Message old, Message fresh, PyObject *node) except -1
cdef int message_clear_field(Message self, const FieldPlan *field) except -1
# The other member of the field's oneof that is set, or NULL.
cdef const FieldPlan *oneof_other(Message self, const FieldPlan *field) except? NULL
# Moves the whole content of `source` to a message that has none.
cdef int message_take(Message self, Message source) except -1
# Whether nothing is set and there are no unknown fields.
cdef bint message_is_blank(Message self) noexcept
# Lets go of a dying container's parent. By place: a reference would revive it.
cdef void container_drop(PyObject *place) noexcept
