"""Whole arrays at once: packed varints and packed bits, into memory that the caller allocated."""

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from libc.stdint cimport uint8_t

from bits cimport bits_nbytes, bits_unpack
from tensorwire._core.faults cimport fault_error_bare
from varint_bulk cimport (
    VARINT_BOOL, VARINT_INT32, VARINT_INT64, VARINT_KERNELS, VARINT_SINT32, VARINT_SINT64,
    VARINT_UINT32, VARINT_UINT64, VarintKernel, VarintKind, varint_kernel_at, varint_kernel_best,
    varint_kind_size, varint_run_canonical, varint_run_count,
    varint_run_decode,
)
from wire cimport Fault

import os

# Bytes of input from which on the GIL is released: below, releasing costs more than it gives.
cdef enum:
    RELEASE_FROM = 32768

cdef dict KINDS = {
    "uint64": VARINT_UINT64,
    "int64": VARINT_INT64,
    "sint64": VARINT_SINT64,
    "uint32": VARINT_UINT32,
    "int32": VARINT_INT32,
    "enum": VARINT_INT32,
    "sint32": VARINT_SINT32,
    "bool": VARINT_BOOL,
}

# Filled at import, and only read afterwards: asking the processor again costs microseconds
# under a hypervisor. NULL: this processor cannot run it.
cdef const VarintKernel *known[VARINT_KERNELS]
cdef const VarintKernel *in_use


cdef void _find() noexcept:
    global in_use
    for i in range(VARINT_KERNELS):
        known[i] = varint_kernel_at(i)
    in_use = varint_kernel_best()


_find()


cdef const VarintKernel *kernel_in_use() noexcept nogil:
    return in_use


cdef str _name(const VarintKernel *kernel):
    return kernel.name.decode("ascii")


def kernels() -> tuple[str, ...]:
    """Names of the kernels that this processor can run, the portable one first."""
    return tuple([_name(known[i]) for i in range(VARINT_KERNELS) if known[i] != NULL])


def kernel() -> str:
    """Name of the kernel in use: the fastest, or the one that ``TENSORWIRE_KERNEL`` named."""
    return _name(in_use)


cdef const VarintKernel *_kernel(name) except NULL:
    """The kernel of that name; of None, the one in use. Raises: ``ValueError`` if there is none."""
    cdef int i
    if name is None:
        return in_use
    for i in range(VARINT_KERNELS):
        if known[i] != NULL and _name(known[i]) == name:
            return known[i]
    raise ValueError(f"no kernel {name!r} for this processor; there are: {', '.join(kernels())}")


cdef _force(name):
    """Takes the kernel named by the environment. Raises: ``ImportError`` if there is none."""
    global in_use
    try:
        in_use = _kernel(name)
    except ValueError as error:
        raise ImportError(f"TENSORWIRE_KERNEL: {error}") from None


if os.environ.get("TENSORWIRE_KERNEL"):
    _force(os.environ["TENSORWIRE_KERNEL"])


cdef VarintKind _kind(name) except *:
    try:
        return KINDS[name]
    except KeyError:
        raise ValueError(f"no kind {name!r}; there are: {', '.join(KINDS)}") from None


cdef int _count(const VarintKernel *kernel, Py_buffer *data, size_t *values,
                Fault *fault) noexcept nogil:
    cdef const uint8_t *at = <const uint8_t *> data.buf
    return varint_run_count(kernel, at, at + data.len, 0, values, fault)


cdef int _decode(const VarintKernel *kernel, Py_buffer *data, VarintKind kind, Py_buffer *out,
                 size_t values, Fault *fault) noexcept nogil:
    cdef const uint8_t *at = <const uint8_t *> data.buf
    return varint_run_decode(kernel, at, at + data.len, 0, kind, <uint8_t *> out.buf, values,
                             fault)


cdef size_t _count_checked(const VarintKernel *kernel, Py_buffer *data) except? 0:
    """Raises: ``DecodeError`` at the first byte of a value that is cut or too long."""
    cdef Fault fault
    cdef size_t values = 0
    cdef int status
    if data.len < RELEASE_FROM:
        status = _count(kernel, data, &values, &fault)
    else:
        with nogil:
            status = _count(kernel, data, &values, &fault)
    if status < 0:
        raise fault_error_bare(&fault)
    return values


cdef _decode_checked(const VarintKernel *kernel, Py_buffer *data, VarintKind kind,
                     Py_buffer *out, size_t values):
    """Raises: ``DecodeError`` if the bytes changed after they were counted."""
    cdef Fault fault
    cdef int status
    if data.len < RELEASE_FROM:
        status = _decode(kernel, data, kind, out, values, &fault)
    else:
        with nogil:
            status = _decode(kernel, data, kind, out, values, &fault)
    if status < 0:
        raise fault_error_bare(&fault)


cdef _check_room(Py_buffer *out, size_t itemsize, size_t items):
    """Raises: ``ValueError`` unless ``out`` has exactly ``items`` items of ``itemsize`` bytes."""
    if <size_t> out.itemsize != itemsize:
        raise ValueError(f"out has items of {out.itemsize} bytes; {itemsize} are needed")
    if <size_t> out.len // itemsize != items:
        raise ValueError(f"out has {out.len // out.itemsize} items; the data has {items}")


def varint_count(data, /, *, kernel: str | None = None) -> int:
    """Number of values in a run of packed varints, each of them checked.

    Raises: ``DecodeError`` at the first byte of a value that is cut by the end, or has more than
    ten bytes. Threads: the GIL is released from 32 KiB of data.
    """
    cdef const VarintKernel *chosen = _kernel(kernel)
    cdef Py_buffer view
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        return _count_checked(chosen, &view)
    finally:
        PyBuffer_Release(&view)


def varint_decode(data, out, kind: str, /, *, kernel: str | None = None) -> None:
    """Decodes a run of packed varints into ``out``, a writable contiguous buffer.

    ``kind``: uint64, int64, sint64 (items of 8 bytes), uint32, int32, enum, sint32 (4), bool (1).
    Bits that a kind has no room for are dropped, as upstream drops them.
    Raises: ``DecodeError`` as `varint_count` does, with ``out`` untouched; ``ValueError`` unless
    ``out`` has as many items as the data, of the kind's size.
    Threads: the GIL is released from 32 KiB of data.
    """
    cdef const VarintKernel *chosen = _kernel(kernel)
    cdef VarintKind wanted = _kind(kind)
    cdef Py_buffer view, room
    cdef size_t values
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        PyObject_GetBuffer(out, &room, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)
        try:
            values = _count_checked(chosen, &view)
            _check_room(&room, varint_kind_size(wanted), values)
            _decode_checked(chosen, &view, wanted, &room, values)
        finally:
            PyBuffer_Release(&room)
    finally:
        PyBuffer_Release(&view)


def varint_canonical(data, kind: str, /, *, kernel: str | None = None) -> bool:
    """Whether an encoder would write the run just so.

    True if each value is sound, of minimal length, and within its kind: int32 and enum
    sign-extended, uint32 and sint32 within 32 bits, bool 0 or 1.
    """
    cdef const VarintKernel *chosen = _kernel(kernel)
    cdef VarintKind wanted = _kind(kind)
    cdef const uint8_t *at
    cdef Py_buffer view
    cdef bint result
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        at = <const uint8_t *> view.buf
        if view.len < RELEASE_FROM:
            return varint_run_canonical(chosen, at, at + view.len, wanted)
        with nogil:
            result = varint_run_canonical(chosen, at, at + view.len, wanted)
        return result
    finally:
        PyBuffer_Release(&view)


cdef _unpack(Py_buffer *data, Py_buffer *out, unsigned bits, bint extend):
    cdef size_t wanted = bits_nbytes(<size_t> out.len, bits)
    if out.itemsize != 1:
        raise ValueError(f"out has items of {out.itemsize} bytes; 1 is needed")
    if <size_t> data.len != wanted:
        raise ValueError(
            f"{out.len} elements of {bits} bits take {wanted} bytes; the data has {data.len}"
        )
    if data.len < RELEASE_FROM:
        bits_unpack(<const uint8_t *> data.buf, <uint8_t *> out.buf, out.len, bits, extend)
    else:
        with nogil:
            bits_unpack(<const uint8_t *> data.buf, <uint8_t *> out.buf, out.len, bits, extend)


def unpack_bits(data, out, bits: int, is_signed: bool, /) -> None:
    """Unpacks elements of 2, 4 or 6 bits, low bits first, to one byte each.

    ``out``: a writable contiguous buffer of one byte an element, apart from ``data``.
    ``is_signed``: copy each element's top bit to the bits above it.
    Raises: ``ValueError`` unless the data has exactly the bytes that the elements of ``out`` take.
    Threads: the GIL is released from 32 KiB of data.
    """
    cdef Py_buffer view, room
    if bits not in (2, 4, 6):
        raise ValueError(f"elements of {bits} bits; 2, 4 or 6 are known")
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        PyObject_GetBuffer(out, &room, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)
        try:
            _unpack(&view, &room, bits, is_signed)
        finally:
            PyBuffer_Release(&room)
    finally:
        PyBuffer_Release(&view)
