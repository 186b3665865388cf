from cpython.object cimport PyObject

from tensorwire._core.edits cimport Edits
from tensorwire._core.units cimport Encoder


# Whether the content of a message is not just that of its bytes.
cdef bint message_is_changed(PyObject *message) noexcept nogil
# Whether its bytes, where it was not changed, are what would be written.
cdef bint message_is_whole(PyObject *message) noexcept nogil
# Units of a changed message, which the frame on top is for. 0, or -1 and a fault.
# REQUIRES: the interpreter's lock.
cdef int units_of_message(Encoder *self, PyObject *message) noexcept nogil
# Units of the unknown fields that were added since.
cdef int units_of_unknown(Encoder *self, Edits *edits) noexcept nogil
# The changed child that stands for the element in that item, or NULL. `message` may be NULL.
cdef PyObject *changed_element(PyObject *message, size_t at) noexcept nogil
