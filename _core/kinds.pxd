"""Which bulk kernel reads the packed varints of a field."""

from libc.stdint cimport uint8_t

from varint_bulk cimport (
    VARINT_BOOL, VARINT_INT32, VARINT_INT64, VARINT_SINT32, VARINT_SINT64, VARINT_UINT32,
    VARINT_UINT64, VarintKind,
)
from wire cimport (
    KIND_BOOL, KIND_INT64, KIND_SINT32, KIND_SINT64, KIND_UINT32, KIND_UINT64,
)


cdef inline VarintKind varint_kind(uint8_t kind) noexcept nogil:
    """REQUIRES: a kind that is encoded as varints. Enums are int32."""
    if kind == KIND_INT64:
        return VARINT_INT64
    if kind == KIND_UINT64:
        return VARINT_UINT64
    if kind == KIND_SINT64:
        return VARINT_SINT64
    if kind == KIND_UINT32:
        return VARINT_UINT32
    if kind == KIND_SINT32:
        return VARINT_SINT32
    if kind == KIND_BOOL:
        return VARINT_BOOL
    return VARINT_INT32
