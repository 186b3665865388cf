"""The tree of messages that edits form: who holds whom, setting, clearing and detaching.

A view holds its parent. Once it is changed its parent holds it, and so do all ancestors in turn.
What is cleared stands alone from then on: whoever holds it may go on using it.
"""

from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XINCREF
from libc.stdint cimport uint32_t

from tensorwire._core.edits cimport (
    EDIT_CLEARED, EDIT_MESSAGE, Edit, edit_clear, edit_relink, edits_find, edits_relink,
    edits_remove, edits_reserve, edits_take,
)
from tensorwire._core.maps cimport map_owned
from tensorwire._core.message cimport Message, message_blank, pieces_copy
from tensorwire._core.node cimport (
    KEY_NONE, MESSAGE_CANONICAL, MESSAGE_DIRTY, MESSAGE_NO_UNKNOWN, NODE_OWNED, Node, children_add,
    children_find, children_remove, key_of_field, node_disown, node_let_go, node_release,
)
from tensorwire._core.present cimport oneof_member
from wire cimport FIELD_MAP, FIELD_REPEATED, FieldPlan

# -- links ----------------------------------------------------------------------------------------

cdef void node_detach(Message parent, PyObject *node) noexcept:
    if (<Node> node).key != KEY_NONE:
        children_remove(parent.children, node)
    if (<Node> node).flags & NODE_OWNED:
        node_disown(node)
        return
    (<Node> node).parent = NULL
    (<Node> node).key = KEY_NONE
    (<Node> node).field = NULL
    node_release(<PyObject *> parent)


cdef void container_drop(PyObject *place) noexcept:
    cdef PyObject *parent = (<Node> place).parent
    if parent != NULL:
        children_remove((<Message> parent).children, place)
        (<Node> place).parent = NULL
        node_let_go(parent)


cdef void element_own(Message self, const FieldPlan *field, Message child) noexcept:
    """The caller's reference to the child becomes the parent's."""
    child.parent = <PyObject *> self
    child.field = field
    child.key = KEY_NONE
    child.flags |= NODE_OWNED


cdef int message_own(Message self, const FieldPlan *field, Message child) except -1:
    cdef Edit *entry = edits_take(&self.edits, field)
    element_own(self, field, child)
    Py_INCREF(child)
    entry.state = EDIT_MESSAGE
    entry.value.object = <PyObject *> child
    return 0


cdef int message_touch(Message self) except -1:
    cdef Message node = self, parent
    while not node.flags & MESSAGE_DIRTY:  # progress: towards the root
        if node.parent == NULL:
            node.flags |= MESSAGE_DIRTY
            break
        parent = <Message> node.parent
        if node.flags & NODE_OWNED == 0:
            _adopt(parent, node)
        node.flags |= MESSAGE_DIRTY
        node = parent
    return 0


cdef int _adopt(Message parent, Message child) except -1:
    """The parent is to hold a child that changes. A reference to the child changes hands."""
    cdef const FieldPlan *field = child.field
    cdef const FieldPlan *other
    if field.flags & FIELD_MAP:
        map_owned(parent, field)           # takes every value over, this one among them
        if child.flags & NODE_OWNED == 0:  # the bytes have changed, and it is there no more
            node_detach(parent, <PyObject *> child)
        return 0
    if field.flags & FIELD_REPEATED:       # stays where it is found by its item
        child.flags |= NODE_OWNED
        Py_INCREF(child)
        node_release(<PyObject *> parent)
        return 0
    other = oneof_other(parent, field)
    edits_take(&parent.edits, field)       # the memory is there: nothing fails from here on
    children_remove(parent.children, <PyObject *> child)
    message_own(parent, field, child)
    node_release(<PyObject *> parent)
    if other != NULL:                      # last: it may run code
        _clear_field(parent, other)
    return 0


cdef const FieldPlan *oneof_other(Message self, const FieldPlan *field) except? NULL:
    cdef const FieldPlan *other = NULL
    if field.oneof:
        other = oneof_member(self, field.oneof)
    return NULL if other == field else other


cdef bint message_is_blank(Message self) noexcept:
    """Children that are only shown hold nothing; those that are owned are changed."""
    return self.owner == NULL and (self.edits == NULL or not _edits_hold(self))


cdef bint _edits_hold(Message self) noexcept:
    cdef uint32_t i
    if self.edits.unknown != NULL:
        return True
    for i in range(self.edits.count):
        if self.edits.items[i].state != EDIT_CLEARED:
            return True
    return False


# -- moving content -------------------------------------------------------------------------------

cdef void _relink(Message old, Message fresh, PyObject *node) noexcept:
    """Gives a child another parent. REQUIRES: somebody holds the old one."""
    (<Node> node).parent = <PyObject *> fresh
    if (<Node> node).flags & NODE_OWNED == 0:
        Py_INCREF(fresh)
        node_release(<PyObject *> old)


cdef int node_move(Message old, Message fresh, PyObject *node) except -1:
    children_add(&fresh.children, node)    # first: it may fail
    children_remove(old.children, node)
    _relink(old, fresh, node)
    return 0


cdef int message_take(Message self, Message source) except -1:
    cdef uint32_t i, moved = MESSAGE_CANONICAL | MESSAGE_NO_UNKNOWN | MESSAGE_DIRTY
    self.owner, self.base, self.whole = source.owner, source.base, source.whole
    self.pieces, self.index, self.hint = source.pieces, source.index, source.hint
    self.children, self.edits = source.children, source.edits
    self.flags = (self.flags & ~<uint32_t> (MESSAGE_CANONICAL | MESSAGE_NO_UNKNOWN)
                  | source.flags & moved)
    source.children = NULL
    source.edits = NULL
    _forget_bytes(source)
    edits_relink(self.edits, <PyObject *> self)
    if self.children != NULL:
        for i in range(self.children.room):
            if self.children.nodes[i] != NULL:
                _relink(source, self, self.children.nodes[i])
    return 0


cdef void _forget_bytes(Message self) noexcept:
    """The bytes belong to somebody else now, or to nobody."""
    self.owner = NULL
    self.base = NULL
    self.whole.start = self.whole.stop = 0
    self.pieces = NULL
    self.index = NULL
    self.hint = 0
    self.flags = self.flags & ~<uint32_t> MESSAGE_NO_UNKNOWN | MESSAGE_CANONICAL


# -- clearing -------------------------------------------------------------------------------------

cdef int message_clear(Message self) except -1:
    message_emptied(self)
    return 0


cdef Message message_emptied(Message self):
    """Children and containers that somebody holds keep what they show, by the message returned."""
    cdef Message ghost
    message_touch(self)
    if self.owner == NULL and self.edits == NULL and self.children == NULL:
        return None
    ghost = message_blank(self.plan)
    message_take(ghost, self)
    return ghost


cdef int message_clear_field(Message self, const FieldPlan *field) except -1:
    message_touch(self)
    return _clear_field(self, field)


cdef int _clear_field(Message self, const FieldPlan *field) except -1:
    cdef PyObject *live = children_find(self.children, key_of_field(field))
    cdef Edit *entry
    cdef Edit old
    if field.flags & FIELD_REPEATED == 0:
        if live != NULL:
            node_detach(self, live)
    elif live != NULL:
        _hand_over(self, field)
    else:
        _detach_elements(self, field)
    entry = edits_take(&self.edits, field)
    old = entry[0]
    entry.state = EDIT_CLEARED
    if self.owner == NULL:
        edits_remove(self.edits, entry)    # there are no bytes to hide
    edit_clear(&old)                       # last: it may run code
    return 0


cdef list _nodes_of(Message self, const FieldPlan *field):
    """The children that belong to one field."""
    cdef list nodes = []
    cdef uint32_t i
    if self.children != NULL:
        for i in range(self.children.room):
            if (self.children.nodes[i] != NULL
                    and (<Node> self.children.nodes[i]).field == field):
                nodes.append(<Node> self.children.nodes[i])
    return nodes


cdef int _detach_elements(Message self, const FieldPlan *field) except -1:
    cdef Node node
    for node in _nodes_of(self, field):
        node_detach(self, <PyObject *> node)
    return 0


cdef int _hand_over(Message self, const FieldPlan *field) except -1:
    """A container that somebody holds keeps its elements, in a hidden message of the same bytes."""
    cdef Message ghost = message_blank(self.plan)
    cdef list nodes = _nodes_of(self, field)
    cdef Edit *entry = edits_find(self.edits, field.number)
    cdef Edit *moved
    cdef Node node
    edits_reserve(&ghost.edits)
    for node in nodes:
        node_move(self, ghost, <PyObject *> node)
    # An iterator over the container may be at the very pieces that are here now.
    ghost.pieces, self.pieces = self.pieces, pieces_copy(self)
    ghost.owner, ghost.base, ghost.whole = self.owner, self.base, self.whole
    Py_XINCREF(ghost.owner)
    ghost.flags = self.flags & (MESSAGE_CANONICAL | MESSAGE_NO_UNKNOWN) | MESSAGE_DIRTY
    if entry != NULL:
        moved = edits_take(&ghost.edits, field)
        moved.state, moved.value = entry.state, entry.value
        edits_remove(self.edits, entry)
        edit_relink(moved, <PyObject *> ghost)
    return 0
