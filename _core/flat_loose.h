/* Reads of FlatBuffers that nobody verified: every read looks whether it may.
 *
 * Positions are what upstream's Python has, numbers of 64 bits here, of which it lets only those of
 * 32 bits be read. A read that upstream would refuse is told by `false`: who called it then asks
 * upstream's own way for the exception. Source of the layout: google/flatbuffers
 * docs/source/internals.md; of the order of checks: python/flatbuffers/table.py.
 */
#ifndef TENSORWIRE_FLAT_LOOSE_H
#define TENSORWIRE_FLAT_LOOSE_H

#include "flat_plan.h"
#include "le.h"

typedef struct {
    const uint8_t *data;
    uint64_t size;
} LooseBytes;

#define LOOSE_AT_MAX ((int64_t)UINT32_MAX)

/* Elements are asked for by numbers up to this, either sign: no sum below can leave 64 bits. */
#define LOOSE_INDEX_MAX ((int64_t)1 << 31)

/* Whether `width` bytes at `at` may be read. By subtraction: nothing wraps. */
TW_INLINE bool loose_has(const LooseBytes *bytes, int64_t at, uint64_t width)
{
    return at >= 0 && at <= LOOSE_AT_MAX && (uint64_t)at <= bytes->size &&
           width <= bytes->size - (uint64_t)at;
}

/* Where an offset of 32 bits at `at` leads. */
TW_INLINE bool loose_follow(const LooseBytes *bytes, int64_t at, int64_t *target)
{
    if (!loose_has(bytes, at, 4)) return false;
    *target = at + (int64_t)le_load32(bytes->data + at);
    return true;
}

/* What the vtable of the table at `pos` has in a slot: the field's distance from `pos`, or 0.
 * REQUIRES: -LOOSE_INDEX_MAX <= slot <= LOOSE_INDEX_MAX. Odd and negative slots are upstream's. */
TW_INLINE bool loose_field(const LooseBytes *bytes, int64_t pos, int64_t slot, int64_t *field)
{
    if (!loose_has(bytes, pos, 4)) return false;
    int64_t vtable = pos - (int32_t)le_load32(bytes->data + pos);
    if (!loose_has(bytes, vtable, 2)) return false;
    if (slot >= le_load16(bytes->data + vtable)) {
        *field = 0;
        return true;
    }
    if (!loose_has(bytes, vtable + slot, 2)) return false;
    *field = le_load16(bytes->data + vtable + slot);
    return true;
}

/* The first element of the vector that the field at `pos + field` refers to. Its length is not
 * looked at: upstream does not either. */
TW_INLINE bool loose_elements(const LooseBytes *bytes, int64_t pos, int64_t field, int64_t *start)
{
    if (!loose_follow(bytes, pos + field, start)) return false;
    *start += 4;
    return true;
}

/* How many elements that vector has. */
TW_INLINE bool loose_count(const LooseBytes *bytes, int64_t pos, int64_t field, uint32_t *count)
{
    int64_t at;
    if (!loose_follow(bytes, pos + field, &at) || !loose_has(bytes, at, 4)) return false;
    *count = le_load32(bytes->data + at);
    return true;
}

/* The bytes of the string that the offset at `at` refers to: a length beyond the end is clipped. */
TW_INLINE bool loose_text(const LooseBytes *bytes, int64_t at, int64_t *start, uint32_t *length)
{
    int64_t head;
    if (!loose_follow(bytes, at, &head) || !loose_has(bytes, head, 4)) return false;
    uint64_t left = bytes->size - (uint64_t)head - 4;
    uint32_t promised = le_load32(bytes->data + head);
    *start = head + 4;
    *length = promised < left ? promised : (uint32_t)left;
    return true;
}

/* How generated code gets from a table to what a field holds. */
typedef enum {
    LOOSE_INLINE = 1,       /* it lies in the table, or its offset does */
    LOOSE_FOLLOW,           /* where the offset in the table leads */
    LOOSE_ELEMENT,          /* an element of the vector there */
    LOOSE_ELEMENT_FOLLOW,   /* where the offset that is this element leads */
    LOOSE_STRUCT            /* in a struct, which has no vtable: at a distance, or elements there */
} LooseWay;

typedef struct {
    LooseWay way;
    int64_t slot;           /* in the vtable; of a struct's field its distance */
    int64_t stride;         /* of elements */
} LoosePath;

typedef enum { LOOSE_MISS = 0, LOOSE_ABSENT, LOOSE_FOUND } LooseStatus;

/* Goes that way from the table at `pos`. REQUIRES: pos <= LOOSE_AT_MAX, index and slot at most
 * LOOSE_INDEX_MAX, stride at most UINT16_MAX, none less than its negative. */
TW_INLINE LooseStatus loose_locate(const LooseBytes *bytes, const LoosePath *path, int64_t pos,
                                   int64_t index, int64_t *at)
{
    int64_t field;
    if (path->way == LOOSE_STRUCT) {
        *at = pos + path->slot + index * path->stride;
        return LOOSE_FOUND;
    }
    if (!loose_field(bytes, pos, path->slot, &field)) return LOOSE_MISS;
    if (field == 0) return LOOSE_ABSENT;
    *at = pos + field;
    if (path->way == LOOSE_INLINE) return LOOSE_FOUND;
    if (!loose_follow(bytes, *at, at)) return LOOSE_MISS;
    if (path->way == LOOSE_FOLLOW) return LOOSE_FOUND;
    *at += 4 + index * path->stride;
    if (path->way == LOOSE_ELEMENT) return LOOSE_FOUND;
    return loose_follow(bytes, *at, at) ? LOOSE_FOUND : LOOSE_MISS;
}

/* Bytes of a number by its base type, 0 for what is none. */
TW_INLINE uint32_t loose_width(int base)
{
    static const uint8_t widths[FLAT_BASES] = {
        [FLAT_BOOL] = 1,   [FLAT_INT8] = 1,   [FLAT_UINT8] = 1,  [FLAT_INT16] = 2,
        [FLAT_UINT16] = 2, [FLAT_INT32] = 4,  [FLAT_UINT32] = 4, [FLAT_INT64] = 8,
        [FLAT_UINT64] = 8, [FLAT_FLOAT32] = 4, [FLAT_FLOAT64] = 8,
    };
    return widths[base];
}

/* The bits of a number there, the rest of them 0. REQUIRES: loose_has() of its width. */
TW_INLINE uint64_t loose_bits(const LooseBytes *bytes, int base, int64_t at)
{
    const uint8_t *from = bytes->data + at;
    switch (loose_width(base)) {
    case 1: return *from;
    case 2: return le_load16(from);
    case 4: return le_load32(from);
    default: return le_load64(from);
    }
}

#endif
