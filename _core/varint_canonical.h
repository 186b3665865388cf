/* Whether varints are what our encoder would write: shortest, and no wider than their kind. */
#ifndef TENSORWIRE_VARINT_CANONICAL_H
#define TENSORWIRE_VARINT_CANONICAL_H

#include "varint_run.h"

/* `used` bytes held `value`; surplus bits of a tenth byte are judged by the caller. */
TW_INLINE bool varint_is_canonical(uint64_t value, int used, VarintKind kind)
{
    if (varint_size(value) != used) return false;
    switch (kind) {
    case VARINT_UINT32:
    case VARINT_SINT32: return value <= UINT32_MAX;
    case VARINT_INT32: /* sign-extended to 64 bits: encoding guide, "Negative integers" */
        return value <= INT32_MAX || value >= UINT64_C(0xffffffff80000000);
    case VARINT_BOOL: return value <= 1;
    default: return true;
    }
}

/* One window; bit i tells of byte i. */
typedef struct {
    uint64_t more;   /* top bit set */
    uint64_t zero;   /* 0x00 */
    uint64_t one;    /* 0x01 */
    uint64_t ones;   /* 0xff */
    uint64_t narrow; /* as fifth byte leaves 32 bits: at most 0x0f; for int32 at most 0x07 or,
                        where a negative value goes on, at least 0xf8 */
} VarintWindow;

/* Of the window before: its `more`, and its bytes with N continuation bytes right before them. All
 * zero before the first window, and behind one that ends with a value's last byte. */
typedef struct {
    uint64_t more;
    uint64_t after1;
    uint64_t after2;
    uint64_t after4;
    uint64_t after8;
} VarintBefore;

/* Each bit moved up by `by` bytes, those of the window before moving in. REQUIRES: 0 < by < 64. */
TW_INLINE uint64_t varint_moved(uint64_t bits, uint64_t before, int by)
{
    return bits << by | before >> (64 - by);
}

/* Bytes that cannot stand where they stand; not for bools. A last value cut by the window's end
 * is judged as far as it goes. Windows follow each other without gap or overlap, so that no
 * address waits for what a window before it held. */
TW_INLINE uint64_t varint_window_faults(VarintWindow window, VarintBefore *before, VarintKind kind)
{
    uint64_t after1 = varint_moved(window.more, before->more, 1);
    uint64_t after2 = after1 & varint_moved(after1, before->after1, 1);
    uint64_t after4 = after2 & varint_moved(after2, before->after2, 2);
    uint64_t after5 = after4 & varint_moved(window.more, before->more, 5);
    uint64_t after8 = after4 & varint_moved(after4, before->after4, 4);
    uint64_t after9 = after8 & varint_moved(after8, before->after8, 1);
    uint64_t faults = after1 & window.zero;  /* padded */
    faults |= after9 & ~window.one;          /* the tenth byte holds bit 63 alone, and ends */
    if (kind == VARINT_UINT32 || kind == VARINT_SINT32 || kind == VARINT_INT32)
        faults |= (after4 ^ after5) & ~window.narrow;
    if (kind == VARINT_INT32)
        faults |= (after5 ^ after9) & ~window.ones; /* bits 35 to 62 of a negative value */
    *before = (VarintBefore){window.more, after1, after2, after4, after8};
    return faults;
}

#endif
