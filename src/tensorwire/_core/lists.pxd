from libc.stdint cimport uint64_t

from tensorwire._core.edits cimport List
from tensorwire._core.message cimport Message
from wire cimport FieldPlan, MessagePlan


cdef enum Taking:
    TAKE_CHECKED = 1         # what may be appended
    TAKE_DICTS               # dicts of fields for messages too
    TAKE_AS_IS               # values of another message: strings that are no UTF-8 too


# The list of a changed repeated field; NULL if the bytes still say what it is.
cdef List *list_known(Message parent, const FieldPlan *field) noexcept
# A copy of the numbers of a field.
cdef List *list_numbers(Message parent, const FieldPlan *field) except NULL
cdef Py_ssize_t list_length(Message parent, const FieldPlan *field) except -1
# REQUIRES: place < count.
cdef object list_element(Message parent, const FieldPlan *field, List *values, size_t place)
# A list of values that were all checked; strings and bytes are exact objects, messages are copies.
cdef List *list_checked(Message parent, const FieldPlan *field, values,
                        Taking taking=*) except NULL
# Puts all elements of `fresh`, whose memory is freed, in the place of [start, stop).
cdef int list_splice(Message parent, const FieldPlan *field, size_t start, size_t stop,
                     List *fresh) except -1
# Makes `order`, a list of indices, the new order. Raises ValueError if the list has changed.
cdef int list_permute(Message parent, const FieldPlan *field, list order) except -1
# One value that was checked: the bits of a number, else a word that owns its object.
cdef int element_checked(const MessagePlan *plan, const FieldPlan *field, value, Taking taking,
                         uint64_t *element) except -1
# Adds such an element to the end.
cdef int list_add(Message parent, const FieldPlan *field, uint64_t element) except -1
