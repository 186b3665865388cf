"""Elements narrower than a byte, as bits.h unpacks them."""

from libc.stdint cimport uint8_t


cdef extern from "bits.h" nogil:
    size_t bits_nbytes(size_t count, unsigned bits)
    void bits_unpack(const uint8_t *at, uint8_t *out, size_t count, unsigned bits, bint extend)
