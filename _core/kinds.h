/* Which bulk kernel reads the packed varints of a field. */
#ifndef TENSORWIRE_KINDS_H
#define TENSORWIRE_KINDS_H

#include "plan.h"
#include "varint_bulk.h"

/* REQUIRES: a kind that is encoded as varints. Enums are int32. */
static inline VarintKind varint_kind(uint8_t kind)
{
    switch (kind) {
    case KIND_INT64: return VARINT_INT64;
    case KIND_UINT64: return VARINT_UINT64;
    case KIND_SINT64: return VARINT_SINT64;
    case KIND_UINT32: return VARINT_UINT32;
    case KIND_SINT32: return VARINT_SINT32;
    case KIND_BOOL: return VARINT_BOOL;
    default: return VARINT_INT32;
    }
}

#endif
