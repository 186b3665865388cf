/* UTF-8 validation: The Unicode Standard, Table 3-7, "Well-Formed UTF-8 Byte Sequences". */
#ifndef TENSORWIRE_UTF8_H
#define TENSORWIRE_UTF8_H

#include "le.h"
#include "platform.h"

#if TW_X86_64
#include <emmintrin.h>

/* Bit i: the top bit of byte i of 16. REQUIRES: 16 readable bytes. */
TW_INLINE uint32_t utf8_tops16(const uint8_t *at)
{
    return (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)at));
}
#else
TW_INLINE uint32_t utf8_tops8(const uint8_t *at)
{
    /* Bits 0, 8, 16 ... move to 56, 57, 58 ... */
    uint64_t tops = le_load64(at) >> 7 & UINT64_C(0x0101010101010101);
    return (uint32_t)(tops * UINT64_C(0x0102040810204080) >> 56);
}

TW_INLINE uint32_t utf8_tops16(const uint8_t *at)
{
    return utf8_tops8(at) | utf8_tops8(at + 8) << 8;
}
#endif

/* The same of 64 bytes. */
TW_INLINE uint64_t utf8_tops64(const uint8_t *at)
{
    uint64_t low = utf8_tops16(at) | utf8_tops16(at + 16) << 16;
    uint64_t high = utf8_tops16(at + 32) | utf8_tops16(at + 48) << 16;
    return low | high << 32;
}

/* Length of the multi-byte character at `at`, 2..4, or 0 if it is ill-formed or cut by `end`.
 * REQUIRES: at < end and at[0] >= 0x80. */
static inline size_t utf8_character(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    uint8_t lead = at[0];
    if (lead < 0xc2 || lead > 0xf4) return 0; /* a trail byte, C0 and C1 (overlong), > 10FFFF */
    size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length > left) return 0;
    /* Only the second byte's range depends on the lead. */
    uint8_t lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;   /* else overlong */
    uint8_t highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf; /* surrogate, > 10FFFF */
    if (at[1] < lowest || at[1] > highest) return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    return length;
}

/* First byte of [at, end) with the top bit set, or `end`. */
static inline const uint8_t *utf8_skip_ascii(const uint8_t *at, const uint8_t *end)
{
    while ((size_t)(end - at) >= 64) {
        uint64_t tops = utf8_tops64(at);
        if (tops) return at + ctz64(tops);
        at += 64;
    }
    while ((size_t)(end - at) >= 8) {
        uint64_t tops = le_load64(at) & UINT64_C(0x8080808080808080);
        if (tops) return at + (ctz64(tops) >> 3);
        at += 8;
    }
    while (at < end && *at < 0x80) at++;
    return at;
}

/* Whether [at, end) is well-formed; empty is. Never reads at or past `end`. REQUIRES: at <= end. */
static inline bool utf8_valid(const uint8_t *at, const uint8_t *end)
{
    for (;;) {
        at = utf8_skip_ascii(at, end);
        while (at < end && *at >= 0x80) { /* runs of one script: no word load between characters */
            size_t length = utf8_character(at, end);
            if (length == 0) return false;
            at += length;
        }
        if (at == end) return true;
    }
}

#endif
