from cpython.object cimport PyObject
from libc.stdint cimport uint32_t, uint64_t

from wire cimport FieldPlan


cdef enum:
    MESSAGE_CANONICAL = 1    # the bytes are what our encoder would write
    NODE_OWNED = 2           # the parent holds this node, which borrows the parent
    MESSAGE_DIRTY = 4        # the content, here or below, differs from the bytes
    MESSAGE_NO_UNKNOWN = 8   # unknown fields of the bytes are discarded, here and below

cdef enum:
    KEY_NONE = 0


cdef extern from *:
    """
    /* Leaves a class without ``__new__`` for Python: its instances come from C alone, which fills
     * them. */
    static inline int class_close(PyObject *cls)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        if (PyDict_DelItemString(type->tp_dict, "__new__") < 0) return -1;
        type->tp_new = NULL;
        type->tp_flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
        PyType_Modified(type);
        return 0;
    }
    """
    int class_close(object cls) except -1


cdef class Node:
    cdef PyObject *parent    # the Message it lies in, NULL for none; held unless NODE_OWNED
    cdef uint64_t key        # its place in the parent's children; KEY_NONE: not among them
    cdef const FieldPlan *field  # the parent's field that it belongs to; NULL without a parent
    cdef uint32_t flags


cdef struct Children:
    # Open addressing: Nodes by key, at most three quarters full. Borrowed, but for those with
    # NODE_OWNED.
    uint32_t count
    uint32_t room            # a power of two
    PyObject *nodes[1]       # `room` of them


# The key of a singular submessage or a container; of an element whose item begins at `at`.
cdef inline uint64_t key_of_field(const FieldPlan *field) noexcept nogil:
    return <uint64_t> field.number << 1


cdef inline uint64_t key_of_item(size_t at) noexcept nogil:
    return <uint64_t> at << 1 | 1


cdef extern from "Python.h":
    void Py_DecRef(PyObject *object)
    Py_ssize_t Py_REFCNT(PyObject *object)

cdef extern from *:
    """
    /* Memory of a class without collector's header, without running its constructor. The caller
     * sets every field: zeroing all of it first costs 4 ns of 20. */
    static inline PyObject *node_alloc(void *cls)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        PyObject *self = (PyObject *)PyObject_Malloc((size_t)type->tp_basicsize);
        return self ? PyObject_Init(self, type) : PyErr_NoMemory();
    }
    """
    object node_alloc(void *cls)


cdef inline void node_init(Node self) noexcept:
    self.parent = NULL
    self.key = KEY_NONE
    self.field = NULL
    self.flags = 0


# Borrowed, or NULL.
cdef inline PyObject *children_find(Children *table, uint64_t key) noexcept nogil:
    return NULL if table == NULL or table.count == 0 else children_look_up(table, key)


# The same. REQUIRES: a table that is not empty.
cdef PyObject *children_look_up(Children *table, uint64_t key) noexcept nogil
cdef int children_add(Children **place, PyObject *node) except -1
# REQUIRES: the node is there.
cdef void children_remove(Children *table, PyObject *node) noexcept
# Leaves all of them without a parent.
cdef void children_orphan(Children *table) noexcept
# Lets go of those that are owned; no other may be left.
cdef void children_free(Children *table) noexcept
# Drops a reference to a node or a dict of them, however deep the tree below or above it is.
cdef void node_release(PyObject *node) noexcept
# The same; most often somebody else holds the node too.
cdef inline void node_let_go(PyObject *node) noexcept:
    if Py_REFCNT(node) > 1:
        Py_DecRef(node)
    else:
        node_release(node)


# Makes an owned node stand alone and drops the owner's reference.
cdef void node_disown(PyObject *node) noexcept
