/* Numbers of FlatBuffers, by base type, and whether something fits them. */
#ifndef TENSORWIRE_FLAT_NUMBERS_H
#define TENSORWIRE_FLAT_NUMBERS_H

#include <math.h>

#include "flat_plan.h"
#include "platform.h"

TW_INLINE int flat_number_width(int kind)
{
    static const uint8_t widths[] = {0, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
    return widths[kind];
}

TW_INLINE bool flat_number_real(int kind) { return kind >= FLAT_FLOAT32; }

/* Whether the integer fits; of UINT64 the numbers above INT64_MAX are for the caller. */
TW_INLINE bool flat_number_fits(int kind, int64_t value)
{
    switch (kind) {
    case FLAT_BOOL: return value == 0 || value == 1;
    case FLAT_INT8: return value == (int8_t)value;
    case FLAT_UTYPE:
    case FLAT_UINT8: return value == (uint8_t)value;
    case FLAT_INT16: return value == (int16_t)value;
    case FLAT_UINT16: return value == (uint16_t)value;
    case FLAT_INT32: return value == (int32_t)value;
    case FLAT_UINT32: return value == (int64_t)(uint32_t)value;
    case FLAT_UINT64: return value >= 0;
    default: return true;
    }
}

/* The bytes of a real number, lowest first. False: it is none that float32 can hold, or no number,
 * whose bits a conversion may change. */
TW_INLINE bool flat_real_bits(int kind, double value, uint64_t *bits)
{
    if (kind == FLAT_FLOAT64) {
        memcpy(bits, &value, sizeof value);
        return true;
    }
    float narrow = (float)value;
    uint32_t word;
    if (isnan(value) || (isinf(narrow) && !isinf(value))) return false;
    memcpy(&word, &narrow, sizeof word);
    *bits = word;
    return true;
}

#endif
