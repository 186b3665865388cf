/* One varint: base 128, low group first, top bit of a byte set while more follow.
 * Source: protobuf.dev/programming-guides/encoding, "Base 128 Varints". */
#ifndef TENSORWIRE_VARINT_H
#define TENSORWIRE_VARINT_H

#include "le.h"
#include "platform.h"

/* Longest legal varint, in bytes: ceil(64 / 7). */
#define VARINT_MAX 10

/* The top bit of each byte of a word, and the seven others. */
#define VARINT_TOPS UINT64_C(0x8080808080808080)
#define VARINT_LOWS UINT64_C(0x7f7f7f7f7f7f7f7f)

/* Length in bytes of the shortest encoding, 1..10. */
TW_INLINE int varint_size(uint64_t value)
{
    /* ceil(bits / 7) for bits 1..64, without a division: 9/64 is a little above 1/7. */
    int bits = 64 - clz64(value | 1);
    return (bits * 9 + 64) / 64;
}

/* Moves the low seven bits of each byte together: eight groups of 7 become 56 bits.
 * REQUIRES: the top bit of each byte is clear. */
TW_INLINE uint64_t varint_join(uint64_t groups)
{
    groups = (groups & UINT64_C(0x007f007f007f007f)) |
             (groups & UINT64_C(0x7f007f007f007f00)) >> 1;
    groups = (groups & UINT64_C(0x00003fff00003fff)) |
             (groups & UINT64_C(0x3fff00003fff0000)) >> 2;
    return (groups & UINT64_C(0x000000000fffffff)) |
           (groups & UINT64_C(0x0fffffff00000000)) >> 4;
}

/* Adds bytes nine and ten to a value whose first eight bytes all continue.
 * The tenth byte holds bit 63; its surplus bits fall out of the shift, as upb drops them. */
TW_INLINE int varint_decode_tail(const uint8_t *at, uint64_t low56, uint64_t *out)
{
    uint64_t ninth = at[8], tenth = at[9];
    low56 |= (ninth & 0x7f) << 56;
    if (ninth < 0x80) {
        *out = low56;
        return 9;
    }
    *out = low56 | tenth << 63;
    return tenth < 0x80 ? 10 : -1;
}

/* The varint in the low bytes of a word: bytes used (1..8), or 0 where all eight continue.
 * Without a branch per byte: lengths in real columns are mixed, and a wrong guess costs more than
 * the three joining steps. */
TW_INLINE int varint_decode_word(uint64_t word, uint64_t *out)
{
    uint64_t stops = ~word & VARINT_TOPS;
    if (TW_UNLIKELY(stops == 0)) return 0;
    uint64_t kept = stops ^ (stops - 1); /* up to and with the first stop's top bit */
    *out = varint_join(word & kept & VARINT_LOWS);
    return (ctz64(stops) >> 3) + 1;
}

/* REQUIRES: ten readable bytes at `at`. */
TW_INLINE int varint_decode_roomy(const uint8_t *at, uint64_t *out)
{
    uint64_t word = le_load64(at);
    int used = varint_decode_word(word, out);
    return TW_LIKELY(used) ? used : varint_decode_tail(at, varint_join(word & VARINT_LOWS), out);
}

/* Byte by byte: the last nine bytes of a run. */
static inline int varint_decode_bounded(const uint8_t *at, const uint8_t *end, uint64_t *out)
{
    uint64_t value = 0;
    for (int i = 0; i < VARINT_MAX; i++) {
        if (at + i == end) return 0;
        uint64_t byte = at[i];
        value |= (byte & 0x7f) << (7 * i); /* i <= 9: the shift is at most 63 */
        if (byte < 0x80) {
            *out = value;
            return i + 1;
        }
    }
    return -1;
}

/* Decodes one varint at `at`; never reads at or past `end`. REQUIRES: at <= end.
 * Returns bytes used (1..10); 0 when `end` came first; -1 when an eleventh byte would follow.
 * `out` is filled only when the result is positive, or holds rubbish after -1. */
TW_INLINE int varint_decode(const uint8_t *at, const uint8_t *end, uint64_t *out)
{
    size_t left = (size_t)(end - at);
    if (TW_LIKELY(left != 0 && at[0] < 0x80)) {
        *out = at[0];
        return 1;
    }
    if (TW_LIKELY(left >= VARINT_MAX)) return varint_decode_roomy(at, out);
    return varint_decode_bounded(at, end, out);
}

#endif
