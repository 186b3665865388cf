"""CRC-32C of whole buffers, by the processor's instruction where it has one."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport uint8_t, uint32_t

from crc32c cimport (
    CRC32C_KERNELS, Crc32c, Crc32cKernel, Crc32cTables, crc32c_fill, crc32c_kernel_at,
    crc32c_masked, crc32c_of,
)

# Bytes of input from which on the GIL is released: 32 KiB take some 2 us, releasing 30 ns.
cdef enum:
    RELEASE_FROM = 32768

# Filled at import, and only read afterwards. `kernel` NULL: not for this processor.
cdef Crc32cTables tables
cdef Crc32c known[CRC32C_KERNELS]
cdef const Crc32c *in_use


cdef void _find() noexcept:
    global in_use
    crc32c_fill(&tables)
    for i in range(CRC32C_KERNELS):
        known[i].kernel = crc32c_kernel_at(i)
        known[i].tables = &tables
        if known[i].kernel != NULL:
            in_use = &known[i]


_find()


cdef const Crc32c *crc32c_in_use() noexcept nogil:
    return in_use


cdef str _name(const Crc32cKernel *kernel):
    return kernel.name.decode("ascii")


def kernels() -> tuple[str, ...]:
    """Names of the kernels of this processor: the portable one first, the fastest last."""
    return tuple([_name(known[i].kernel) for i in range(CRC32C_KERNELS) if known[i].kernel != NULL])


cdef const Crc32c *_chosen(name) except NULL:
    """The kernel of that name; of None, the fastest. Raises: ``ValueError`` if there is none."""
    cdef int i
    if name is None:
        return in_use
    for i in range(CRC32C_KERNELS):
        if known[i].kernel != NULL and _name(known[i].kernel) == name:
            return &known[i]
    raise ValueError(f"no kernel {name!r} for this processor; there are: {', '.join(kernels())}")


def crc32c(data, /, *, kernel: str | None = None) -> int:
    """The CRC-32C of the bytes. Threads: the GIL is released from 32 KiB of data."""
    cdef const Crc32c *chosen = _chosen(kernel)
    cdef Py_buffer view
    cdef uint32_t result
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        if view.len < RELEASE_FROM:
            result = crc32c_of(chosen, <const uint8_t *> view.buf, <size_t> view.len)
        else:
            with nogil:
                result = crc32c_of(chosen, <const uint8_t *> view.buf, <size_t> view.len)
    finally:
        PyBuffer_Release(&view)
    return result


def masked(uint32_t checksum, /) -> int:
    """A checksum as TFRecord files and TensorBundles store it beside the bytes."""
    return crc32c_masked(checksum)
