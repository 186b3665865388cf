from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from wire cimport FieldPlan


cdef enum EditState:
    EDIT_CLEARED = 1         # absent, whatever the bytes say
    EDIT_NUMBER              # bits: two's complement, also of sint; the pattern of a real; 0 or 1
    EDIT_OBJECT              # object: str, bytes, or a contiguous memoryview of bytes
    EDIT_MESSAGE             # object: a Message with NODE_OWNED
    EDIT_LIST                # list
    EDIT_MAP                 # object: dict of keys to objects, or to Messages with NODE_OWNED


cdef struct List:
    # A changed repeated field. Numbers: an array of native ones, as wide as `list_width` says.
    # Strings, bytes, messages: uint64_t words, see `word_*`.
    void *values
    size_t count
    size_t room


cdef union EditValue:
    uint64_t bits
    PyObject *object
    List *list


cdef struct Edit:
    # One changed field. The bytes have no say in it any more.
    const FieldPlan *field
    EditState state
    EditValue value


cdef struct Edits:
    PyObject *unknown        # list of bytes: unknown fields beyond those of the bytes, or NULL
    uint32_t count
    uint32_t room
    Edit items[1]            # `count` of them, ascending by field number


# A word of a List is an original item, by the offset of its first byte, or an object that it owns.
cdef inline uint64_t word_of_item(size_t at) noexcept nogil:
    return <uint64_t> at << 1 | 1


cdef inline bint word_is_item(uint64_t word) noexcept nogil:
    return word & 1


cdef inline size_t word_item(uint64_t word) noexcept nogil:
    return <size_t> (word >> 1)


cdef inline PyObject *word_object(uint64_t word) noexcept nogil:
    return <PyObject *> <size_t> word


cdef inline uint64_t word_of_object(PyObject *object) noexcept nogil:
    return <uint64_t> <size_t> object


# Bytes of one number in memory; 8, a word, for other kinds.
cdef size_t list_width(uint8_t kind) noexcept nogil
# The entry of that field, or NULL. `edits` may be NULL.
cdef Edit *edits_find(Edits *edits, uint32_t number) noexcept nogil
# The entry of the field, EDIT_CLEARED if it is new. Moves the others: pointers into them are stale.
cdef Edit *edits_take(Edits **place, const FieldPlan *field) except NULL
# Makes the record, if there is none yet.
cdef int edits_reserve(Edits **place) except -1
# Takes an entry out without letting go of its value.
cdef void edits_remove(Edits *edits, Edit *entry) noexcept
# Lets go of the value; the entry is then EDIT_CLEARED.
cdef void edit_clear(Edit *entry) noexcept
cdef void edits_free(Edits *edits) noexcept
# Gives the messages that one entry holds, or all do, another parent, or none.
cdef void edit_relink(const Edit *entry, PyObject *parent) noexcept
cdef void edits_relink(Edits *edits, PyObject *parent) noexcept
# A new list without elements, and room for so many.
cdef List *list_new(uint8_t kind, size_t room) except NULL
cdef int list_reserve(List *values, uint8_t kind, size_t room) except -1
cdef void list_free(List *values, uint8_t kind) noexcept
# Lets go of what a word owns.
cdef void word_release(uint64_t word, uint8_t kind) noexcept
