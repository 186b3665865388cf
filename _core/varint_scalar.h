/* The portable kernel over runs of varints: eight bytes a step, and every run's last bytes. */
#ifndef TENSORWIRE_VARINT_SCALAR_H
#define TENSORWIRE_VARINT_SCALAR_H

#include "varint_canonical.h"
#include "varint_run.h"

/* Top bits of 32 bytes, ORed. REQUIRES: 32 readable bytes. */
TW_INLINE uint64_t varint_tops32(const uint8_t *at)
{
    uint64_t low = le_load64(at) | le_load64(at + 8);
    return (low | le_load64(at + 16) | le_load64(at + 24)) & VARINT_TOPS;
}

/* Counts value by value, to find the one that is wrong. */
static inline VarintStop varint_scalar_count_each(VarintCount *count)
{
    while (count->at != count->end) { /* progress: a value is at least one byte */
        uint64_t value;
        int used = varint_decode(count->at, count->end, &value);
        if (used <= 0) return (VarintStop)used;
        count->at += used;
        count->values++;
    }
    return VARINT_DONE;
}

/* Counts the bytes that end a value. `pending` bytes before the position belong to a value that
 * has not ended; ten or more of them are found in the word where they become ten. */
static inline VarintStop varint_scalar_count(VarintCount *count)
{
    const uint8_t *at = count->at;
    unsigned pending = 0;
    while ((size_t)(count->end - at) >= 8) {
        if ((size_t)(count->end - at) >= 32 && varint_tops32(at) == 0) {
            count->values += 32;
            at += 32;
            pending = 0;
            continue;
        }
        uint64_t stops = ~le_load64(at) & VARINT_TOPS;
        unsigned head = stops ? (unsigned)ctz64(stops) >> 3 : 8;
        if (TW_UNLIKELY(pending + head >= VARINT_MAX)) break;
        pending = stops ? (unsigned)clz64(stops) >> 3 : pending + 8;
        count->values += (stops >> 7) * UINT64_C(0x0101010101010101) >> 56;
        at += 8;
    }
    count->at = at - pending; /* at most nine: back to the first byte of the value */
    return varint_scalar_count_each(count);
}

/* Eight values of one byte. REQUIRES: room for eight items. */
TW_INLINE uint8_t *varint_put8(uint8_t *out, VarintForm form, uint64_t word)
{
    for (int i = 0; i < 8; i++)
        out = varint_put(out, form, word >> (8 * i) & 0x7f);
    return out;
}

TW_INLINE VarintStop varint_scalar_run(VarintCursor *run, VarintForm form)
{
    const uint8_t *at = run->at;
    uint8_t *out = run->out;
    size_t left = run->left;
    int used = VARINT_DONE;
    while (left != 0 && at != run->end) { /* progress: a value is at least one byte */
        if (left >= 8 && (size_t)(run->end - at) >= 8 && !(le_load64(at) & VARINT_TOPS)) {
            out = varint_put8(out, form, le_load64(at));
            at += 8;
            left -= 8;
            continue;
        }
        uint64_t value;
        used = varint_decode(at, run->end, &value);
        if (TW_UNLIKELY(used <= 0)) break;
        out = varint_put(out, form, value);
        at += used;
        left--;
    }
    run->at = at;
    run->out = out;
    run->left = left;
    return used < VARINT_DONE ? (VarintStop)used : VARINT_DONE;
}

/* One copy of the loop for each form: the form is constant inside. */
static inline VarintStop varint_scalar_decode(VarintCursor *run, VarintForm form)
{
    switch (form) {
    case FORM_64: return varint_scalar_run(run, FORM_64);
    case FORM_ZIGZAG64: return varint_scalar_run(run, FORM_ZIGZAG64);
    case FORM_32: return varint_scalar_run(run, FORM_32);
    case FORM_ZIGZAG32: return varint_scalar_run(run, FORM_ZIGZAG32);
    default: return varint_scalar_run(run, FORM_BOOL);
    }
}

/* Canonical bools are the bytes 0 and 1. */
static inline bool varint_scalar_canonical_bools(const uint8_t *at, const uint8_t *end)
{
    uint64_t seen = 0;
    for (; (size_t)(end - at) >= 8; at += 8)
        seen |= le_load64(at);
    for (; at != end; at++)
        seen |= *at;
    return (seen & UINT64_C(0xfefefefefefefefe)) == 0;
}

/* Whether the run is sound and what our encoder would write. */
static inline bool varint_scalar_canonical(const uint8_t *at, const uint8_t *end, VarintKind kind)
{
    if (kind == VARINT_BOOL) return varint_scalar_canonical_bools(at, end);
    while (at != end) {
        if ((size_t)(end - at) >= 32 && varint_tops32(at) == 0) {
            at += 32;
            continue;
        }
        uint64_t value;
        int used = varint_decode(at, end, &value);
        if (used <= 0 || !varint_is_canonical(value, used, kind)) return false;
        if (used == VARINT_MAX && at[VARINT_MAX - 1] != 1) return false; /* surplus bits */
        at += used;
    }
    return true;
}

#endif
