/* Numbers on their way out: what is written for a value, singly and in runs. */
#ifndef TENSORWIRE_ENCODE_H
#define TENSORWIRE_ENCODE_H

#include "output.h"
#include "plan.h"

/* Values of a list that are turned into words at a time; their varints fit OUTPUT_FIRST. */
#define ENCODE_BLOCK 100

/* What an encoder writes that has read `value` from a varint: 32-bit kinds keep the low half, and
 * signed ones extend it again. */
TW_INLINE uint64_t varint_settled(uint8_t kind, uint64_t value)
{
    switch (kind) {
    case KIND_INT32:
    case KIND_ENUM: return (uint64_t)(int64_t)(int32_t)(uint32_t)value;
    case KIND_UINT32:
    case KIND_SINT32: return (uint32_t)value;
    case KIND_BOOL: return value != 0;
    default: return value;
    }
}

/* The varint of a number: zigzag for the kinds that have it.
 * Source: protobuf.dev/programming-guides/encoding, "Signed Integers". */
TW_INLINE uint64_t varint_of_number(uint8_t kind, uint64_t bits)
{
    if (kind == KIND_SINT64) return bits << 1 ^ (0 - (bits >> 63));
    if (kind == KIND_SINT32) {
        uint32_t low = (uint32_t)bits;
        return (uint32_t)(low << 1 ^ (0 - (low >> 31)));
    }
    return bits;
}

/* First byte of the varint that ends before `end`: a byte with a clear top bit ends one.
 * REQUIRES: begin < end. Looks at no more bytes than a varint may have. */
TW_INLINE const uint8_t *varint_before(const uint8_t *begin, const uint8_t *end)
{
    const uint8_t *at = end - 1;
    while (at > begin && at[-1] >= 0x80 && end - at < VARINT_MAX) at--; /* progress: downwards */
    return at;
}

/* `count` numbers as the words that their varints encode. REQUIRES: a varint kind. */
static inline void words_load(uint8_t kind, const void *numbers, size_t from, size_t count,
                              uint64_t *words)
{
    size_t i;
    if (kind == KIND_BOOL) {
        const uint8_t *bytes = (const uint8_t *)numbers + from;
        for (i = 0; i < count; i++) words[i] = bytes[i] != 0;
    } else if (kind == KIND_INT32 || kind == KIND_ENUM) {
        const int32_t *signed32 = (const int32_t *)numbers + from;
        for (i = 0; i < count; i++) words[i] = (uint64_t)(int64_t)signed32[i];
    } else if (kind == KIND_UINT32 || kind == KIND_SINT32) {
        const uint32_t *halves = (const uint32_t *)numbers + from;
        for (i = 0; i < count; i++) words[i] = varint_of_number(kind, halves[i]);
    } else {
        const uint64_t *wide = (const uint64_t *)numbers + from;
        for (i = 0; i < count; i++) words[i] = varint_of_number(kind, wide[i]);
    }
}

/* The groups of seven bits, one per byte: the reverse of varint_join(). */
TW_INLINE uint64_t varint_spread(uint64_t value)
{
    value = (value & UINT64_C(0x000000000fffffff)) | (value & UINT64_C(0x00fffffff0000000)) << 4;
    value = (value & UINT64_C(0x00003fff00003fff)) | (value & UINT64_C(0x0fffc0000fffc000)) << 2;
    return (value & UINT64_C(0x007f007f007f007f)) | (value & UINT64_C(0x3f803f803f803f80)) << 1;
}

/* Writes one varint so that it ends before `end`; returns its first byte.
 * REQUIRES: ten writable bytes before `end`, of which those not used become rubbish. */
TW_INLINE uint8_t *varint_write_before(uint8_t *end, uint64_t value)
{
    if (TW_LIKELY(value >> 56 == 0)) { /* eight bytes hold it */
        int size = varint_size(value);
        uint64_t groups = varint_spread(value) | VARINT_TOPS;
        groups ^= (uint64_t)0x80 << 8 * (size - 1);
        le_store64(end - 8, groups << 8 * (8 - size));
        return end - size;
    }
    int size = varint_size(value);
    uint8_t *at = end - size;
    for (int i = 0; i < size - 1; i++, value >>= 7) at[i] = (uint8_t)(value | 0x80);
    at[size - 1] = (uint8_t)value;
    return at;
}

/* Writes the varints of the words, in order. REQUIRES: count <= ENCODE_BLOCK. */
static inline void words_write(Output *out, const uint64_t *words, size_t count)
{
    uint8_t local[ENCODE_BLOCK * VARINT_MAX], *end = local + sizeof local, *at = end;
    uint64_t any = 0;
    for (size_t i = 0; i < count; i++) any |= words[i];
    if (any < 0x80) { /* bytes: most runs are of small numbers */
        at = output_space(out, count);
        for (size_t i = 0; at && i < count; i++) at[i] = (uint8_t)words[i];
        return;
    }
    if (out->counting) {
        for (size_t i = 0; i < count; i++) out->closed += (size_t)varint_size(words[i]);
        return;
    }
    bool roomy = (size_t)(out->at - out->low) >= sizeof local;
    if (roomy) at = out->at;
    for (size_t i = count; i-- > 0;) /* at most sizeof local bytes go */
        at = words[i] < 0x80 ? (*--at = (uint8_t)words[i], at) : varint_write_before(at, words[i]);
    if (roomy) out->at = at;
    else output_copy(out, at, (size_t)(end - at));
}

/* Writes `count` numbers as a run of varints. REQUIRES: a varint kind. */
static inline void output_varints(Output *out, uint8_t kind, const void *numbers, size_t count)
{
    uint64_t words[ENCODE_BLOCK];
    while (count) { /* progress: a block less */
        size_t block = count < ENCODE_BLOCK ? count : ENCODE_BLOCK;
        count -= block;
        words_load(kind, numbers, count, block, words);
        words_write(out, words, block);
    }
}

#endif
