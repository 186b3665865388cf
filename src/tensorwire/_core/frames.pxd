from cpython.object cimport PyObject

from tensorwire._core.units cimport Encoder, Frame
from wire cimport FieldPlan


# Opens a message object: as the outermost message if `field` is NULL, else as a value of the field.
# REQUIRES, unless it is unchanged: the interpreter's lock. 0, or -1 and a fault.
cdef int frame_open_message(Encoder *self, PyObject *message, const FieldPlan *field) noexcept nogil
# Writes all units of the frames from `floor` on, from the last to the first. 0; -1 and a fault, or
# -1 and a Python exception.
cdef int frames_write(Encoder *self, size_t floor) noexcept nogil
