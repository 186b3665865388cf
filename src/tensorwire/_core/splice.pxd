from cpython.object cimport PyObject

from tensorwire._core.edits cimport Edits
from tensorwire._core.units cimport Encoder, Unit


# Whether the content of a message is not just that of its bytes.
cdef bint message_is_changed(PyObject *message) noexcept nogil
# Units of a changed message, which the frame on top is for. 0, or -1 and a fault.
# REQUIRES: the interpreter's lock.
cdef int units_of_message(Encoder *self, PyObject *message) noexcept nogil
# Units of the unknown fields that were added since.
cdef int units_of_unknown(Encoder *self, Edits *edits) noexcept nogil
# Units of some of the elements of a changed list of messages, the last ones, instead of `unit`,
# which was taken from the top of the stack. 0, or -1 and a fault.
cdef int units_of_list(Encoder *self, const Unit *unit) noexcept nogil
# The changed child that stands for the element in that item, or NULL. `message` may be NULL.
cdef PyObject *changed_element(PyObject *message, size_t at) noexcept nogil
