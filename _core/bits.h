/* Elements of two, four and six bits, packed low bits first, to one byte each.
 * Source: onnx.proto, TensorProto.raw_data, on INT4, UINT4, INT2 and UINT2: the first element lies
 * in the least significant bits. Four elements of six bits lie in three bytes in the same order. */
#ifndef TENSORWIRE_BITS_H
#define TENSORWIRE_BITS_H

#include "le.h"
#include "platform.h"

/* Bytes that hold `count` elements. REQUIRES: bits <= 8. Cannot wrap: count is divided first. */
TW_INLINE size_t bits_nbytes(size_t count, unsigned bits)
{
    return count / 8 * bits + (count % 8 * bits + 7) / 8;
}

/* Eight packed elements, in the low bits of `word`, to eight bytes: each lane of 64, 32 and 16 bits
 * in turn moves its upper half up. REQUIRES: bits is 2, 4 or 6. */
TW_INLINE uint64_t bits_spread(uint64_t word, unsigned bits)
{
    uint64_t half = (UINT64_C(1) << 4 * bits) - 1;
    word = (word & half) | (word << (32 - 4 * bits) & half << 32);
    half = ((UINT64_C(1) << 2 * bits) - 1) * UINT64_C(0x0000000100000001);
    word = (word & half) | (word << (16 - 2 * bits) & half << 16);
    half = ((UINT64_C(1) << bits) - 1) * UINT64_C(0x0001000100010001);
    return (word & half) | (word << (8 - bits) & half << 8);
}

/* Copies the top bit of each element to the bits above it: a byte's `x ^ top` less `top` is the
 * signed value, and the 0x80 added meanwhile keeps the borrow inside of its byte. */
TW_INLINE uint64_t bits_extend(uint64_t bytes, unsigned bits)
{
    uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t top = each << (bits - 1);
    return (((bytes ^ top) | each << 7) - top) ^ each << 7;
}

TW_INLINE uint64_t bits_word(uint64_t word, unsigned bits, bool extend)
{
    word = bits_spread(word, bits);
    return extend ? bits_extend(word, bits) : word;
}

/* Fewer than eight elements, or eight near the end. REQUIRES: count <= 8. */
TW_INLINE void bits_unpack_few(const uint8_t *at, uint8_t *out, size_t count, unsigned bits,
                               bool extend)
{
    uint64_t word = 0;
    memcpy(&word, at, bits_nbytes(count, bits));
    word = bits_word(word, bits, extend);
    memcpy(out, &word, count);
}

/* Eight elements a step. A load of eight bytes is wider than the `bits` that a step uses up: two
 * narrower loads of odd sizes measured seven times slower, so it stops where eight are not left. */
TW_INLINE void bits_unpack_words(const uint8_t *at, uint8_t *out, size_t count, unsigned bits,
                                 bool extend)
{
    size_t left = bits_nbytes(count, bits);
    for (; left >= 8; left -= bits, count -= 8, at += bits, out += 8) /* 8 bytes: 8 elements */
        le_store64(out, bits_word(le_load64(at), bits, extend));
    for (; count >= 8; count -= 8, at += bits, out += 8) /* progress: eight elements */
        bits_unpack_few(at, out, 8, bits, extend);
    bits_unpack_few(at, out, count, bits, extend);
}

/* Two elements a byte: so plain that compilers make vectors of it, at the speed of memcpy. */
TW_INLINE void bits_unpack_nibbles(const uint8_t *restrict at, uint8_t *restrict out,
                                   size_t count, bool extend)
{
    uint8_t top = extend ? 8 : 0;
    for (size_t i = 0; i < count / 2; i++) {
        out[2 * i] = (uint8_t)(((at[i] & 0x0f) ^ top) - top);
        out[2 * i + 1] = (uint8_t)((at[i] >> 4 ^ top) - top);
    }
    if (count % 2) out[count - 1] = (uint8_t)(((at[count / 2] & 0x0f) ^ top) - top);
}

/* Unpacks `count` elements of `bits` bits to one byte each, sign-extended if `extend`.
 * REQUIRES: bits is 2, 4 or 6; bits_nbytes(count, bits) readable bytes at `at`; `count` writable
 * ones at `out`, apart from them. Bits behind the last element are not looked at. */
static inline void bits_unpack(const uint8_t *at, uint8_t *out, size_t count, unsigned bits,
                               bool extend)
{
    switch (bits << 1 | extend) { /* constants in each copy of the loop */
    case 2 << 1: bits_unpack_words(at, out, count, 2, false); break;
    case 2 << 1 | 1: bits_unpack_words(at, out, count, 2, true); break;
    case 4 << 1: bits_unpack_nibbles(at, out, count, false); break;
    case 4 << 1 | 1: bits_unpack_nibbles(at, out, count, true); break;
    case 6 << 1: bits_unpack_words(at, out, count, 6, false); break;
    default: bits_unpack_words(at, out, count, 6, true); break;
    }
}

#endif
