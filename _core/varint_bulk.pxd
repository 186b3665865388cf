"""The kernels over runs of packed varints, as varint_bulk.h has them."""

from libc.stdint cimport uint8_t

from wire cimport Fault


cdef extern from "varint_bulk.h" nogil:
    ctypedef enum VarintKind:
        VARINT_UINT64
        VARINT_INT64
        VARINT_SINT64
        VARINT_UINT32
        VARINT_INT32
        VARINT_SINT32
        VARINT_BOOL

    ctypedef struct VarintKernel:
        const char *name

    enum:
        VARINT_KERNELS

    const VarintKernel *varint_kernel_at(int i)
    const VarintKernel *varint_kernel_best()
    size_t varint_kind_size(VarintKind kind)
    int varint_run_count(const VarintKernel *kernel, const uint8_t *at, const uint8_t *end,
                         size_t origin, size_t *values, Fault *fault)
    int varint_run_decode(const VarintKernel *kernel, const uint8_t *at, const uint8_t *end,
                          size_t origin, VarintKind kind, uint8_t *out, size_t values,
                          Fault *fault)
    bint varint_run_canonical(const VarintKernel *kernel, const uint8_t *at, const uint8_t *end,
                              VarintKind kind)
