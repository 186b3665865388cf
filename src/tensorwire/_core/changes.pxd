from cpython.object cimport PyObject

from tensorwire._core.edits cimport Edit
from tensorwire._core.units cimport Encoder, Unit
from wire cimport FieldPlan


# Elements of a changed repeated field; 0 for others.
cdef size_t edit_length(const Edit *entry) noexcept nogil
# Writes or opens a changed field; of a list of messages, up to the first `left` of its elements,
# until one of them is to be written by itself. 0; -1 and a fault or a Python exception.
cdef int edit_write(Encoder *self, const Edit *entry, size_t left) noexcept nogil
# Writes or opens a value of a field; a string or bytes, the bare bytes without a field.
cdef int object_write(Encoder *self, const FieldPlan *field, PyObject *value) noexcept nogil
cdef int text_write(Encoder *self, const FieldPlan *field, PyObject *text) noexcept nogil
# Opens an entry of a changed map.
cdef int pair_open(Encoder *self, const Unit *unit) noexcept nogil
