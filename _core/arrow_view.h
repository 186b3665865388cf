/* One value of Arrow's string and binary views: 16 bytes that hold or point to it.
 * Source: arrow.apache.org/docs/format/Columnar.html, "Variable-size Binary View Layout". */
#ifndef TENSORWIRE_ARROW_VIEW_H
#define TENSORWIRE_ARROW_VIEW_H

#include <string.h>

#include "le.h"
#include "platform.h"

#define ARROW_VIEW_SIZE 16

/* Longest value that lies in its view. */
#define ARROW_VIEW_INLINE 12

/* The low `length` bytes of eight; all where there are more. */
TW_INLINE uint64_t arrow_view_low(uint64_t bytes, uint64_t length)
{
    return length >= 8 ? bytes : bytes & ((UINT64_C(1) << 8 * length) - 1);
}

/* Writes the view of a short value, its rest zero as the format demands.
 * REQUIRES: length <= 12, length <= room; `room` readable bytes at `data`, 16 writable at `out`.
 * Reads 12 bytes at once where there are as many: two loads instead of a call. */
TW_INLINE void arrow_view_inline(uint8_t *out, const uint8_t *data, uint64_t length, uint64_t room)
{
    uint64_t low = 0;
    uint32_t high = 0;
    if (room >= ARROW_VIEW_INLINE) {
        low = arrow_view_low(le_load64(data), length);
        if (length > 8)    /* at most 4 bytes are left: the shift is at most 32 of 64 bits */
            high = (uint32_t) arrow_view_low(le_load32(data + 8), length - 8);
    } else {
        uint8_t whole[ARROW_VIEW_INLINE] = {0};
        memcpy(whole, data, (size_t) length);
        low = le_load64(whole);
        high = le_load32(whole + 8);
    }
    le_store32(out, (uint32_t) length);
    le_store64(out + 4, low);
    le_store32(out + 12, high);
}

/* Writes the view of a long value: its first four bytes, and where it lies.
 * REQUIRES: length > 12; 4 readable bytes at `data`, 16 writable at `out`. */
TW_INLINE void arrow_view_far(uint8_t *out, const uint8_t *data, uint32_t length, uint32_t buffer,
                              uint32_t offset)
{
    le_store32(out, length);
    le_store32(out + 4, le_load32(data));
    le_store32(out + 8, buffer);
    le_store32(out + 12, offset);
}

#endif
