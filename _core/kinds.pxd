"""Which bulk kernel reads the packed varints of a field, as kinds.h has it."""

from libc.stdint cimport uint8_t

from varint_bulk cimport VarintKind


cdef extern from "kinds.h" nogil:
    VarintKind varint_kind(uint8_t kind)
