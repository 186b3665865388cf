/* UTF-8 validation: The Unicode Standard, Table 3-7, "Well-Formed UTF-8 Byte Sequences". */
#ifndef TENSORWIRE_UTF8_H
#define TENSORWIRE_UTF8_H

#include "le.h"
#include "platform.h"

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
