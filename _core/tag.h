/* The two varints that frame every item: its tag and, if length-delimited, its length.
 * Source of the limits: facts measured on upb, restated beside each. */
#ifndef TENSORWIRE_TAG_H
#define TENSORWIRE_TAG_H

#include "fault.h"
#include "plan.h"
#include "varint.h"

/* A tag is at most 32 bits in at most five bytes (upb refuses a sixth byte and wider values). */
#define TAG_MAX 5
/* A length may be padded to five bytes; more are taken only where five could not have held it. */
#define LENGTH_PADDED_MAX 5

/* Decodes the tag at `at`, whose first byte the caller has seen to be 0x80 or above.
 * Returns its bytes (2..5), 0 when `end` came first, -1 when it is no tag. REQUIRES: at < end. */
TW_NOINLINE int tag_decode_long(const uint8_t *at, const uint8_t *end, uint32_t *tag)
{
    uint64_t value = 0;
    for (int i = 0; i < TAG_MAX; i++) {
        if (at + i == end) return 0;
        uint64_t byte = at[i];
        value |= (byte & 0x7f) << (7 * i); /* i <= 4: shift <= 28 */
        if (byte < 0x80) {
            *tag = (uint32_t)value;
            return value >> 32 ? -1 : i + 1;
        }
    }
    return -1;
}

/* Bytes used (1..5), 0 when `end` came first, -1 when it is no tag. */
TW_INLINE int tag_decode(const uint8_t *at, const uint8_t *end, uint32_t *tag)
{
    if (TW_UNLIKELY(at == end)) return 0;
    if (TW_LIKELY(*at < 0x80)) {
        *tag = *at;
        return 1;
    }
    return tag_decode_long(at, end, tag);
}

/* Bytes of the shortest tag of that value. */
TW_INLINE int tag_size(uint32_t tag) { return varint_size(tag); }

/* The fault of a varint that did not decode, `used` being what varint_decode() returned. Nobody
 * knows the length of a cut one: where it is cut, one byte at least is promised, and none is there.
 * Always -1. */
static inline int varint_fault(size_t offset, int used, Fault *fault)
{
    return fault_set(fault, used ? FAULT_OVERLONG : FAULT_TRUNCATED, offset, 1, 0);
}

/* Reads a length at `at` and checks it against the bytes behind it: on success `*start` is the
 * first payload byte and `*start + *length <= end`. `item` is the item's first byte, `base` the
 * byte that offsets count from. 0, or -1 and a filled fault. */
TW_INLINE int length_decode(const uint8_t *base, const uint8_t *item, const uint8_t *at,
                            const uint8_t *end, const uint8_t **start, size_t *length, Fault *fault)
{
    uint64_t value;
    int used = varint_decode(at, end, &value);
    if (TW_UNLIKELY(used <= 0))
        return varint_fault((size_t)(item - base), used, fault);
    if (TW_UNLIKELY(used > LENGTH_PADDED_MAX && value >> 35 == 0))
        return fault_set(fault, FAULT_BAD_LENGTH, (size_t)(item - base), value, (uint64_t)used);
    /* at + used <= end, so the difference cannot wrap; the comparison is in 64 bits. */
    if (TW_UNLIKELY(value > (uint64_t)(end - at - used)))
        return fault_set(fault, FAULT_TRUNCATED, (size_t)(item - base), value,
                         (uint64_t)(end - at - used));
    *start = at + used;
    *length = (size_t)value;
    return 0;
}

/* The fault of a tag that did not decode. */
static inline int tag_fault(const uint8_t *base, const uint8_t *item, int used, Fault *fault)
{
    return fault_set(fault, used ? FAULT_BAD_TAG : FAULT_TRUNCATED, (size_t)(item - base), 1, 0);
}

#endif
