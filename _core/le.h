/* Little-endian loads and stores at any alignment.
 * A copy of constant size compiles to one move; a cast pointer would be undefined where the
 * address is unaligned. The host is little-endian: platform.h refuses the others. */
#ifndef TENSORWIRE_LE_H
#define TENSORWIRE_LE_H

#include <string.h>

#include "platform.h"

/* REQUIRES, each: as many readable (writable) bytes at `at` as the type has. */

TW_INLINE uint16_t le_load16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

TW_INLINE uint32_t le_load32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

TW_INLINE uint64_t le_load64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

TW_INLINE float le_load_float(const uint8_t *at)
{
    float value;
    memcpy(&value, at, sizeof value);
    return value;
}

TW_INLINE double le_load_double(const uint8_t *at)
{
    double value;
    memcpy(&value, at, sizeof value);
    return value;
}

TW_INLINE void le_store16(uint8_t *at, uint16_t value)
{
    memcpy(at, &value, sizeof value);
}

TW_INLINE void le_store32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

TW_INLINE void le_store64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

TW_INLINE void le_store_float(uint8_t *at, float value)
{
    memcpy(at, &value, sizeof value);
}

TW_INLINE void le_store_double(uint8_t *at, double value)
{
    memcpy(at, &value, sizeof value);
}

#endif
