"""Verification of FlatBuffers: once, before anything is read."""

import os

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from flat cimport (
    FLAT_FRAMES, FRAME_NESTED, FRAME_TABLE, FlatFrame, FlatObject, FlatVerifier, flat_verifier_free,
    flat_verify,
)
from tensorwire._core.flat_plan cimport FlatPlans, field_declared
from tensorwire._core.source cimport Source
from wire cimport (
    FAULT_IDENTIFIER, FAULT_NO_MEMORY, FAULT_RANGE, FAULT_TABLES, FAULT_WORK, Fault, FaultText,
    fault_set, fault_text, le_load32, le_load64,
)

from tensorwire.errors import DecodeError, LimitError

cdef enum:
    # Below this size the GIL is kept: see parse.pyx.
    NOGIL_BYTES = 32 * 1024
    NAMES_MAX = 1000       # in a path, as in faults.pyx

# Positions in a file decide where entries of the memo go: without this, a file could choose badly.
cdef uint64_t[2] SEED
for _place in range(2):
    SEED[_place] = int.from_bytes(os.urandom(8), "little") | 1


cdef struct Options:
    uint32_t depth
    uint64_t tables
    uint64_t work
    bint strict
    uint32_t prefix


def verify_flat(FlatPlans plans not None, uint32_t place, Source source not None, size_t start,
                size_t stop, *, limits, bint strict=False, uint32_t prefix=0, identifier=None):
    """``(position, tables, vectors, depth)`` of the buffer at ``[start, stop)`` of a source.

    ``position`` is that of the root table, of type ``place``; vectors include strings. ``prefix``:
    bytes of the size before the buffer, 0, 4 or 8; ``identifier``: four bytes, or None for any.
    Raises: ``DecodeError`` with reason, offset in the source and path; ``LimitError``.
    Threads: the GIL is released for large buffers.
    """
    cdef Options options
    cdef FlatVerifier v
    cdef Fault fault
    cdef size_t table = 0
    cdef const uint8_t *name = NULL
    cdef bytes kept
    cdef int status
    if place >= plans.object_count or plans.objects[place].is_struct:
        raise IndexError(f"no table {place}")
    if not start <= stop <= source.size:
        raise ValueError(f"range [{start}, {stop}) in a source of {source.size} bytes")
    if prefix not in (0, 4, 8):
        raise ValueError(f"a size prefix has 4 or 8 bytes, not {prefix}")
    if identifier is not None:
        kept = identifier
        if len(kept) != 4:
            raise ValueError(f"a file identifier has 4 bytes, not {len(kept)}")
        name = <const uint8_t *> kept
    options.depth, options.strict, options.prefix = limits.flat_depth, strict, prefix
    options.tables, options.work = limits.flat_tables, limits.flat_work
    _begin(&v, &fault, source.data + start, stop - start, &options)
    if strict:
        _name_nested(&v, plans)
    if stop - start < NOGIL_BYTES:
        status = _run(&v, &plans.objects[place], prefix, name, &table)
    else:
        with nogil:
            status = _run(&v, &plans.objects[place], prefix, name, &table)
    try:
        if status < 0:
            raise _error(&v, start, kept if name != NULL else None, source)
        return start + table, v.tables, v.vectors, v.deepest
    finally:
        flat_verifier_free(&v)


cdef void _begin(FlatVerifier *v, Fault *fault, const uint8_t *base, size_t size,
                 const Options *options) noexcept:
    memset(v, 0, sizeof(FlatVerifier))
    v.base, v.size, v.fault = base, size, fault
    v.frames, v.frame_room = v.first, FLAT_FRAMES
    v.memo.seed[0], v.memo.seed[1] = SEED[0], SEED[1]
    v.depth_limit, v.strict = options.depth, options.strict
    # Small parts are looked at again where they are shared: up to the limit of steps.
    v.tables_limit = options.tables if options.tables else options.work * <uint64_t> size
    # A step is about 4 bytes, an element of a vector; a small buffer may take some more.
    v.steps_limit = v.steps_left = options.work * (<uint64_t> size // 4 + 16)


cdef int _name_nested(FlatVerifier *v, FlatPlans plans) except -1:
    """Nested buffers of the schema's root type have its identifier."""
    cdef bytes name = plans.declarations.identifier.encode("latin-1")
    place = plans.object_place(plans.declarations.root)
    if len(name) == 4 and place is not None:
        v.named = &plans.objects[<size_t> place]
        memcpy(v.name, <const char *> name, 4)
    return 0


cdef int _run(FlatVerifier *v, const FlatObject *root, uint32_t prefix, const uint8_t *identifier,
              size_t *table) noexcept nogil:
    cdef uint64_t promised
    if prefix:
        if v.size < prefix:
            return fault_set(v.fault, FAULT_RANGE, 0, prefix, v.size)
        promised = le_load64(v.base) if prefix == 8 else le_load32(v.base)
        if promised > v.size - prefix:
            return fault_set(v.fault, FAULT_RANGE, 0, promised, v.size - prefix)
    return flat_verify(v, root, prefix, identifier, table)


cdef object _error(FlatVerifier *v, size_t start, identifier, Source source):
    cdef FaultText known = fault_text(v.fault.reason)
    if v.fault.reason == FAULT_NO_MEMORY:
        return MemoryError()
    reason = known.text.decode("ascii").replace("%llu", "{}").format(v.fault.wanted, v.fault.found)
    if v.fault.reason == FAULT_IDENTIFIER:
        at = start + v.fault.offset
        wanted = identifier if v.frame_count == 0 else bytes(v.name[:4])
        reason = f"file identifier is {bytes(source.span(at, 4))!r}, not {wanted!r}"
    kind = LimitError if v.fault.reason in (FAULT_TABLES, FAULT_WORK) else DecodeError
    return kind(reason, start + v.fault.offset, _path(v), source.path)


cdef str _path(FlatVerifier *v):
    """The names of the fields that lead to the fault: ``subgraphs[0].tensors[3].name``."""
    cdef list parts = []
    cdef const FlatFrame *frame
    cdef size_t i
    for i in range(min(v.frame_count, <size_t> NAMES_MAX)):
        frame = &v.frames[i]
        if frame.index == 0 or frame.kind == FRAME_NESTED:
            continue
        if frame.kind == FRAME_TABLE:
            parts.append(field_declared(frame.object, frame.field).name)
        elif parts:
            parts[-1] += f"[{frame.index - 1}]"
    return ".".join(parts)
