from libc.stdint cimport uint8_t

from tensorwire._core.units cimport Encoder, Padding
from wire cimport FieldPlan


cdef enum:
    # Bytes fields of that size or more are aligned.
    PADDING_PAYLOAD = 4096


# Writes a field of that payload, which `owner` keeps, and its padding. 0, or -1 and a fault.
# REQUIRES: self.padding is not NULL.
cdef int padding_write(Encoder *self, const FieldPlan *field, const uint8_t *at, size_t length,
                       void *owner) noexcept nogil
# After a pass with that many bytes in all: makes paddings longer where payloads are not aligned
# yet. Whether any was.
cdef bint padding_adjust(Padding *self, size_t total) noexcept nogil
cdef void padding_free(Padding *self) noexcept nogil
