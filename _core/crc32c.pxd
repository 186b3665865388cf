"""Checksums, as crc32c.h has them."""

from libc.stdint cimport uint8_t, uint32_t


cdef extern from "crc32c.h" nogil:
    ctypedef struct Crc32cTables:
        pass

    ctypedef struct Crc32cKernel:
        const char *name

    ctypedef struct Crc32c:
        const Crc32cKernel *kernel
        const Crc32cTables *tables

    enum:
        CRC32C_KERNELS

    void crc32c_fill(Crc32cTables *tables)
    const Crc32cKernel *crc32c_kernel_at(int i)
    uint32_t crc32c_of(const Crc32c *crc, const uint8_t *at, size_t size)
    uint32_t crc32c_masked(uint32_t checksum)
