/* Skipping items on the way to a field of a message whose tags ascend. */
#ifndef TENSORWIRE_SKIP_H
#define TENSORWIRE_SKIP_H

#include "le.h"
#include "plan.h"
#include "platform.h"

/* No more bytes of an item are looked at here: tag and length of two bytes each. */
#define SKIP_BYTES 4

/* The first item at or behind `at` whose tag is not below `floor`, or that is not simple; at most
 * `*budget` items are skipped, and taken off it. Never reads at or past `stop`. REQUIRES: at <= stop. */
static inline const uint8_t *skip_below(const uint8_t *at, const uint8_t *stop, uint32_t floor,
                                        size_t *budget)
{
    for (; stop - at >= SKIP_BYTES && *budget; --*budget) { /* progress: two bytes or more */
        uint32_t word = le_load32(at), tag = word & 0xff;
        const uint8_t *payload = at + 1;
        if (tag >= 0x80) {
            if ((word >> 8 & 0xff) != 1) break; /* more than two bytes, or of another form */
            word >>= 8;
            payload++;
        }
        if (tag >= floor) break;
        uint32_t wire = tag & 7, value = word >> 8 & 0xff, second = word >> 16 & 0xff;
        size_t left = (size_t)(stop - payload);
        if (wire == WIRE_FIXED32 || wire == WIRE_FIXED64) {
            size_t width = wire_width(wire);
            if (width > left) break;
            at = payload + width;
            continue;
        }
        if (wire != WIRE_VARINT && wire != WIRE_LEN) break;
        size_t head = 1;
        if (value >= 0x80) {
            if (second >= 0x80) break;
            value = (value & 0x7f) | second << 7;
            head = 2;
        }
        if (wire == WIRE_LEN) head += value;
        if (head > left) break;
        at = payload + head;
    }
    return at;
}

#endif
