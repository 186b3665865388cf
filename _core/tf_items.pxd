"""What reads messages for TensorFlow's questions, declared once."""

from libc.stdint cimport uint8_t

from varint_bulk cimport VarintKernel
from wire cimport Fault

cdef extern from "tf_items.h" nogil:
    ctypedef struct TfStore:
        uint8_t *data
        size_t used
        size_t room

    ctypedef struct TfSpan:
        const uint8_t *at
        size_t length

    ctypedef struct TfReading:
        const uint8_t *base
        const VarintKernel *kernel
        Fault *fault

    void tf_store_free(TfStore *store)

cdef enum:
    RELEASE_FROM = 32768     # bytes of input from which on the GIL is released
    ROWS_AT_ONCE = 256
