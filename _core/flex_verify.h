/* The FlexBuffers verifier, as it belongs to that of FlatBuffers: the verdict of google/flatbuffers
 * include/flatbuffers/flexbuffers.h, class Verifier, but that its work has a limit. */
#ifndef TENSORWIRE_FLEX_VERIFY_H
#define TENSORWIRE_FLEX_VERIFY_H

#include "flex.h"

#define FLEX_VERIFY_DEPTH 64 /* upstream's; vectors and strings count */

typedef struct {
    const uint8_t *base;
    size_t size;
    size_t vectors;      /* met; upstream allows as many as there are bytes */
    uint64_t *steps;     /* that are left */
    uint32_t depth;
    int busy;            /* no steps were left */
    size_t at;           /* where something is wrong */
} FlexVerifier;

static inline int flex_verify_ref(FlexVerifier *v, size_t at, unsigned parent, unsigned width,
                                  unsigned type);

TW_INLINE int flex_wrong(FlexVerifier *v, size_t at)
{
    v->at = at < v->size ? at : v->size;
    return -1;
}

TW_INLINE int flex_inside(FlexVerifier *v, size_t at, uint64_t length)
{
    return length < v->size && at <= v->size - length ? 0 : flex_wrong(v, at);
}

TW_INLINE int flex_work(FlexVerifier *v, size_t at, uint64_t count)
{
    if (count <= *v->steps) {
        *v->steps -= count;
        return 0;
    }
    v->busy = 1;
    return flex_wrong(v, at);
}

/* Elements with a type each, or all keys. */
static inline int flex_verify_items(FlexVerifier *v, size_t at, uint64_t count, unsigned width,
                                    int keys)
{
    size_t types = at + (size_t)count * width;
    if (flex_work(v, at, count) < 0) return -1;
    if (!keys && flex_inside(v, types, count) < 0) return -1;
    for (uint64_t i = 0; i < count; i++) {
        unsigned packed = keys ? FLEX_KEY << 2 : v->base[types + i];
        if (flex_verify_ref(v, at + (size_t)i * width, width, 1u << (packed & 3), packed >> 2) < 0)
            return -1;
    }
    return 0;
}

typedef enum { FLEX_ITEMS_MIXED, FLEX_ITEMS_KEYS, FLEX_ITEMS_INLINE, FLEX_ITEMS_BYTES } FlexItems;

static inline int flex_verify_vector(FlexVerifier *v, size_t at, unsigned width, FlexItems items)
{
    if (++v->depth > FLEX_VERIFY_DEPTH || ++v->vectors > v->size || at < width)
        return flex_wrong(v, at);
    if (flex_inside(v, at - width, width) < 0) return -1;
    uint64_t count = flex_uint(v->base + at - width, width);
    unsigned item = items == FLEX_ITEMS_BYTES ? 1 : width;
    if (count > v->size || flex_inside(v, at, count * item) < 0) return flex_wrong(v, at - width);
    if ((items == FLEX_ITEMS_MIXED || items == FLEX_ITEMS_KEYS) &&
        flex_verify_items(v, at, count, width, items == FLEX_ITEMS_KEYS) < 0)
        return -1;
    v->depth--;
    return 0;
}

static inline int flex_verify_keys(FlexVerifier *v, size_t map, unsigned width)
{
    if (map < FLEX_MAP_PREFIX * width) return flex_wrong(v, map);
    size_t at = map - FLEX_MAP_PREFIX * width;
    uint64_t offset = flex_uint(v->base + at, width);
    uint64_t key_width = flex_uint(v->base + at + width, width) & 0xff;
    if (offset > at || !flex_is_width(key_width)) return flex_wrong(v, at);
    return flex_verify_vector(v, at - (size_t)offset, (unsigned)key_width, FLEX_ITEMS_KEYS);
}

static inline int flex_verify_key(FlexVerifier *v, size_t at)
{
    const uint8_t *end = at < v->size ? memchr(v->base + at, 0, v->size - at) : NULL;
    if (end == NULL) return flex_wrong(v, at);
    return flex_work(v, at, (uint64_t)(end - (v->base + at)) / 4);
}

/* What an offset leads to. */
static inline int flex_verify_target(FlexVerifier *v, size_t at, unsigned width, unsigned type)
{
    switch (type) {
    case FLEX_INDIRECT_INT:
    case FLEX_INDIRECT_UINT:
    case FLEX_INDIRECT_FLOAT: return flex_inside(v, at, width);
    case FLEX_KEY: return flex_verify_key(v, at);
    case FLEX_MAP:
        if (flex_verify_vector(v, at, width, FLEX_ITEMS_MIXED) < 0) return -1;
        return flex_verify_keys(v, at, width);
    case FLEX_VECTOR: return flex_verify_vector(v, at, width, FLEX_ITEMS_MIXED);
    case FLEX_VECTOR_INT:
    case FLEX_VECTOR_UINT:
    case FLEX_VECTOR_FLOAT:
    case FLEX_VECTOR_BOOL: return flex_verify_vector(v, at, width, FLEX_ITEMS_INLINE);
    case FLEX_VECTOR_KEY:
    case FLEX_VECTOR_STRING: return flex_verify_vector(v, at, width, FLEX_ITEMS_KEYS);
    case FLEX_BLOB: return flex_verify_vector(v, at, width, FLEX_ITEMS_BYTES);
    case FLEX_STRING:
        if (flex_verify_vector(v, at, width, FLEX_ITEMS_BYTES) < 0) return -1;
        return flex_inside(v, at, flex_uint(v->base + at - width, width) + 1);
    default: break;
    }
    if (type < FLEX_TUPLE_FIRST || type > FLEX_TUPLE_LAST) return flex_wrong(v, at);
    return flex_inside(v, at, (uint64_t)width * ((type - FLEX_TUPLE_FIRST) / 3 + 2));
}

/* A value at `at`, of `parent` bytes; what its offset leads to has words of `width` bytes.
 * REQUIRES: those bytes. Recursion ends at FLEX_VERIFY_DEPTH vectors. */
static inline int flex_verify_ref(FlexVerifier *v, size_t at, unsigned parent, unsigned width,
                                  unsigned type)
{
    if (type <= FLEX_FLOAT || type == FLEX_BOOL) return 0;
    uint64_t offset = flex_uint(v->base + at, parent);
    if (offset > at) return flex_wrong(v, at);
    size_t target = at - (size_t)offset;
    if (target & (width - 1)) return flex_wrong(v, at);
    return flex_verify_target(v, target, width, type);
}

/* 0; -1: malformed at v->at, or, with v->busy, without an end in sight. */
static inline int flex_verify(FlexVerifier *v, const uint8_t *base, size_t size, uint64_t *steps)
{
    *v = (FlexVerifier){base, size, 0, steps, 0, 0, 0};
    if (size < FLEX_SMALLEST) return flex_wrong(v, 0);
    unsigned width = base[size - 1], packed = base[size - 2];
    if (!flex_is_width(width) || size - 2 < width) return flex_wrong(v, size - 1);
    return flex_verify_ref(v, size - 2 - width, width, 1u << (packed & 3), packed >> 2);
}

#endif
