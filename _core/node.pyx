"""Node: what messages and containers share: their place in a tree, and the table of children.

Ownership never forms a cycle. A node that only shows the parent's bytes holds its parent. One that
was changed is held by its parent instead, and borrows it: see ``message_touch`` in tree.pyx.
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from libc.stdint cimport uint32_t, uint64_t

cimport cython


cdef enum:
    FIRST_ROOM = 4
    # Nodes that are dropped within one another by recursion; deeper ones wait in a list.
    RELEASE_DEPTH = 50
    # Empty tables of the first size that are kept.
    KEPT_TABLES = 16

cdef struct Waiting:
    size_t count
    size_t room
    PyObject **nodes

# All belong to the thread that holds the interpreter's lock.
cdef int release_depth = 0
cdef Waiting waiting
waiting.count = waiting.room = 0
waiting.nodes = NULL
cdef Children *kept_tables[KEPT_TABLES]
cdef uint32_t kept = 0


@cython.no_gc
cdef class Node:
    """What messages and containers share. Never made from Python."""

    def __cinit__(self, *args, **kwargs):
        node_init(self)


cdef inline uint32_t _home(Children *table, uint64_t key) noexcept nogil:
    """Where a key is looked for first. Keys are small even numbers and odd byte offsets."""
    return <uint32_t> ((key * <uint64_t> 0x9E3779B97F4A7C15) >> 32) & (table.room - 1)


cdef PyObject *children_look_up(Children *table, uint64_t key) noexcept nogil:
    cdef uint32_t place = _home(table, key)
    while table.nodes[place] != NULL:      # progress: the table is never full
        if (<Node> table.nodes[place]).key == key:
            return table.nodes[place]
        place = (place + 1) & (table.room - 1)
    return NULL


cdef void _put(Children *table, PyObject *node) noexcept:
    """REQUIRES: a free place, and no node of that key."""
    cdef uint32_t place = _home(table, (<Node> node).key)
    while table.nodes[place] != NULL:      # progress: the table is never full
        place = (place + 1) & (table.room - 1)
    table.nodes[place] = node
    table.count += 1


cdef Children *_table_new(uint32_t room) except NULL:
    """An empty table: one that was kept, where one of the first size is wanted."""
    global kept
    cdef Children *table
    if room == FIRST_ROOM and kept:
        kept -= 1
        return kept_tables[kept]
    table = <Children *> PyMem_Calloc(1, sizeof(Children) + room * sizeof(PyObject *))
    if table == NULL:
        raise MemoryError
    table.room = room
    return table


cdef void _table_free(Children *table) noexcept:
    """Keeps some: a walk over a graph takes a table for each node. REQUIRES: an empty one."""
    global kept
    if table.room == FIRST_ROOM and kept < KEPT_TABLES:
        kept_tables[kept] = table
        kept += 1
    else:
        PyMem_Free(table)


cdef int children_add(Children **place, PyObject *node) except -1:
    """Doubles the table where it would be more than three quarters full."""
    cdef Children *old = place[0]
    cdef Children *table = old
    cdef uint32_t i
    if old == NULL:
        table = place[0] = _table_new(FIRST_ROOM)
    elif 4 * (old.count + 1) > 3 * old.room:
        table = _table_new(2 * old.room)
        for i in range(old.room):
            if old.nodes[i] != NULL:
                _put(table, old.nodes[i])
        place[0] = table
        PyMem_Free(old)
    _put(table, node)
    return 0


cdef void children_remove(Children *table, PyObject *node) noexcept:
    """Moves up whatever was put behind the node because its own place was taken."""
    cdef uint32_t mask = table.room - 1
    cdef uint32_t hole = _home(table, (<Node> node).key)
    cdef uint32_t place, home
    while table.nodes[hole] != node:       # progress: REQUIRES says that it is there
        hole = (hole + 1) & mask
    place = hole
    while True:                            # progress: a free place ends every cluster
        place = (place + 1) & mask
        if table.nodes[place] == NULL:
            break
        home = _home(table, (<Node> table.nodes[place]).key)
        if (place - home) & mask >= (place - hole) & mask:
            table.nodes[hole] = table.nodes[place]
            hole = place
    table.nodes[hole] = NULL
    table.count -= 1


cdef void children_orphan(Children *table) noexcept:
    cdef uint32_t i
    for i in range(table.room):
        if table.nodes[i] != NULL:
            (<Node> table.nodes[i]).parent = NULL


cdef void children_free(Children *table) noexcept:
    cdef uint32_t i
    if table == NULL:
        return
    if table.count:
        for i in range(table.room):
            if table.nodes[i] != NULL:
                node_disown(table.nodes[i])
        PyMem_Free(table)
    else:
        _table_free(table)


cdef void node_disown(PyObject *node) noexcept:
    (<Node> node).parent = NULL
    (<Node> node).key = KEY_NONE
    (<Node> node).field = NULL
    (<Node> node).flags &= ~<uint32_t> NODE_OWNED
    node_release(node)


cdef void node_release(PyObject *node) noexcept:
    """Recursion would follow a chain of a million submessages; here it ends after a few."""
    global release_depth
    if release_depth >= RELEASE_DEPTH and Py_REFCNT(node) == 1 and _defer(node):
        return
    release_depth += 1
    Py_DecRef(node)
    while release_depth == 1 and waiting.count:  # progress: one is dropped each time
        waiting.count -= 1
        Py_DecRef(waiting.nodes[waiting.count])
    release_depth -= 1


cdef bint _defer(PyObject *node) noexcept:
    """Lets a node wait for its end. False without memory: then it has to end now."""
    cdef size_t room = 2 * waiting.room + RELEASE_DEPTH
    cdef PyObject **grown
    if waiting.count == waiting.room:
        grown = <PyObject **> PyMem_Realloc(waiting.nodes, room * sizeof(PyObject *))
        if grown == NULL:
            return False
        waiting.nodes, waiting.room = grown, room
    waiting.nodes[waiting.count] = node
    waiting.count += 1
    return True
