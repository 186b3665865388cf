"""Edits: what was changed in a message since its bytes were verified, one entry per field."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memmove

from tensorwire._core.node cimport NODE_OWNED, Node, node_disown, node_release
from wire cimport (
    KIND_BOOL, KIND_ENUM, KIND_FIXED32, KIND_FLOAT, KIND_INT32, KIND_SFIXED32, KIND_SINT32,
    KIND_UINT32, FieldPlan, kind_is_message, kind_packable,
)

cdef enum:
    FIRST_ROOM = 4
    LIST_ROOM = 4


cdef extern from "Python.h":
    void Py_DecRef(PyObject *object)

# -- entries --------------------------------------------------------------------------------------

cdef inline uint32_t _place(Edits *edits, uint32_t number) noexcept nogil:
    """How many entries have lower numbers. From the end: fields are mostly set in order."""
    cdef uint32_t place = edits.count, low, mid
    if place > 8:
        low = 0
        while low < place:                 # progress: the range halves
            mid = (low + place) // 2
            if edits.items[mid].field.number < number:
                low = mid + 1
            else:
                place = mid
        return low
    while place > 0 and edits.items[place - 1].field.number >= number:
        place -= 1                         # progress: towards the first
    return place


cdef Edit *edits_find(Edits *edits, uint32_t number) noexcept nogil:
    cdef uint32_t place
    if edits == NULL:
        return NULL
    place = _place(edits, number)
    if place < edits.count and edits.items[place].field.number == number:
        return &edits.items[place]
    return NULL


cdef Edit *edits_take(Edits **place, const FieldPlan *field) except NULL:
    cdef Edits *edits = place[0]
    cdef uint32_t at
    cdef Edit *entry
    if edits == NULL or edits.count == edits.room:
        edits = _grow(place)
    at = _place(edits, field.number)
    entry = &edits.items[at]
    if at < edits.count and entry.field.number == field.number:
        return entry
    memmove(entry + 1, entry, (edits.count - at) * sizeof(Edit))
    edits.count += 1
    entry.field = field
    entry.state = EDIT_CLEARED
    return entry


cdef int edits_reserve(Edits **place) except -1:
    if place[0] == NULL:
        _grow(place)
    return 0


cdef Edits *_grow(Edits **place) except NULL:
    cdef Edits *edits = place[0]
    cdef uint32_t room = FIRST_ROOM if edits == NULL else 2 * edits.room
    edits = <Edits *> PyMem_Realloc(edits, sizeof(Edits) + room * sizeof(Edit))
    if edits == NULL:
        raise MemoryError
    if place[0] == NULL:
        edits.unknown = NULL
        edits.count = 0
    edits.room = room
    place[0] = edits
    return edits


cdef void edits_remove(Edits *edits, Edit *entry) noexcept:
    cdef size_t behind = &edits.items[edits.count] - (entry + 1)
    memmove(entry, entry + 1, behind * sizeof(Edit))
    edits.count -= 1


cdef void edit_clear(Edit *entry) noexcept:
    """The entry is emptied first: letting go of an object may run code that looks at it."""
    cdef Edit old = entry[0]
    entry.state = EDIT_CLEARED             # `entry` may be stale behind this
    if old.state == EDIT_OBJECT:
        Py_DecRef(old.value.object)
    elif old.state == EDIT_MESSAGE:
        node_disown(old.value.object)
    elif old.state == EDIT_LIST:
        list_free(old.value.list, old.field.kind)
    elif old.state == EDIT_MAP:
        _map_free(old.value.object)


cdef void edits_free(Edits *edits) noexcept:
    cdef uint32_t i
    if edits == NULL:
        return
    for i in range(edits.count):
        edit_clear(&edits.items[i])
    Py_XDECREF(edits.unknown)
    PyMem_Free(edits)


cdef void edits_relink(Edits *edits, PyObject *parent) noexcept:
    cdef uint32_t i
    if edits != NULL:
        for i in range(edits.count):
            edit_relink(&edits.items[i], parent)


cdef void edit_relink(const Edit *entry, PyObject *parent) noexcept:
    cdef List *values
    cdef uint64_t word
    cdef size_t i
    if entry.state == EDIT_MESSAGE:
        (<Node> entry.value.object).parent = parent
    elif entry.state == EDIT_MAP:
        for value in (<dict> entry.value.object).values():
            if isinstance(value, Node):
                (<Node> value).parent = parent
    elif entry.state == EDIT_LIST and kind_is_message(entry.field.kind):
        values = entry.value.list
        for i in range(values.count):
            word = (<uint64_t *> values.values)[i]
            if not word_is_item(word):
                (<Node> word_object(word)).parent = parent


cdef void _map_free(PyObject *entries) noexcept:
    _disown_values(<dict> entries)
    node_release(entries)


cdef void _disown_values(dict entries) noexcept:
    """Messages in it stand alone from here on, whoever else holds them."""
    for value in entries.values():
        if isinstance(value, Node):
            (<Node> value).parent = NULL
            (<Node> value).field = NULL
            (<Node> value).flags &= ~<uint32_t> NODE_OWNED


# -- lists ----------------------------------------------------------------------------------------

cdef size_t list_width(uint8_t kind) noexcept nogil:
    if kind == KIND_BOOL:
        return 1
    if (kind == KIND_INT32 or kind == KIND_UINT32 or kind == KIND_SINT32 or kind == KIND_ENUM
            or kind == KIND_FIXED32 or kind == KIND_SFIXED32 or kind == KIND_FLOAT):
        return 4
    return 8


cdef List *list_new(uint8_t kind, size_t room) except NULL:
    cdef List *values = <List *> PyMem_Malloc(sizeof(List))
    if values == NULL:
        raise MemoryError
    values.values = NULL
    values.count = values.room = 0
    if room:
        try:
            list_reserve(values, kind, room)
        except MemoryError:
            PyMem_Free(values)
            raise
    return values


cdef int list_reserve(List *values, uint8_t kind, size_t room) except -1:
    """Room for that many elements in all, at least half as much again as there was."""
    cdef size_t width = list_width(kind)
    cdef void *grown
    if room <= values.room:
        return 0
    if room > <size_t> -1 // 2 // width:
        raise MemoryError
    room = max(room, values.room + values.room // 2, LIST_ROOM)
    grown = PyMem_Realloc(values.values, room * width)
    if grown == NULL:
        raise MemoryError
    values.values, values.room = grown, room
    return 0


cdef void word_release(uint64_t word, uint8_t kind) noexcept:
    if word_is_item(word):
        return
    if kind_is_message(kind):
        node_disown(word_object(word))
    else:
        Py_DecRef(word_object(word))


cdef void list_free(List *values, uint8_t kind) noexcept:
    cdef size_t i
    if not kind_packable(kind):
        for i in range(values.count):
            word_release((<uint64_t *> values.values)[i], kind)
    PyMem_Free(values.values)
    PyMem_Free(values)
