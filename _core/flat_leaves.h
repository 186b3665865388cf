/* What the FlatBuffers verifier finds at the ends of its ways. */
#ifndef TENSORWIRE_FLAT_LEAVES_H
#define TENSORWIRE_FLAT_LEAVES_H

#include "flat_verify.h"

/* A step of the walk. */
enum { WALK_FAULT = -1, WALK_DONE = 0, WALK_DOWN = 1 /* a frame was pushed */ };

static inline int flat_string(FlatVerifier *v, size_t at)
{
    size_t first;
    uint64_t count;
    if (flat_vector(v, at, 0, 1, &first, &count) < 0) return WALK_FAULT;
    size_t end = first + (size_t)count;
    if (flat_range(v, end, 1) < 0) return WALK_FAULT;
    if (TW_UNLIKELY(v->base[end] != 0)) return flat_fault(v, FAULT_NO_NUL, end, 0, 0);
    if (!v->strict) return WALK_DONE;
    if (flat_steps(v, at, count / 4) < 0) return WALK_FAULT;
    if (!utf8_valid(v->base + first, v->base + end))
        return flat_fault(v, FAULT_BAD_UTF8, first, 0, 0);
    return WALK_DONE;
}

/* What the strict mode asks of a table beyond its vtable lying in the buffer. */
static inline int flat_table_strict(FlatVerifier *v, size_t at, size_t vtable, uint32_t size)
{
    if (size < 4) return flat_fault(v, FAULT_VTABLE, vtable, size, 0);
    uint32_t inside = le_load16(v->base + vtable + 2);
    if (inside < 4) return flat_fault(v, FAULT_OUTSIDE, vtable + 2, 4, inside);
    if (inside > v->size - at) return flat_fault(v, FAULT_RANGE, at, inside, v->size - at);
    return WALK_DONE;
}

/* A FlexBuffer of `size` bytes at `first`. */
static inline int flat_flex(FlatVerifier *v, size_t first, uint64_t size)
{
    FlexVerifier flex;
    FlatMemoEntry key = flat_key(v, NULL, MEMO_FLEX, first);
    int seen = flat_seen(v, &key, first);
    if (seen) return seen < 0 ? WALK_FAULT : WALK_DONE;
    uint64_t before = v->steps_left;
    if (flex_verify(&flex, v->base + first, (size_t)size, &v->steps_left) < 0) {
        FaultReason reason = flex.busy ? FAULT_WORK : FAULT_FLEX;
        return flat_fault(v, reason, first + flex.at, v->steps_limit, 0);
    }
    if (before - v->steps_left < FLAT_MEMO_LEAST) return WALK_DONE;
    return flat_remember(v, key, 0, first);
}

#endif
