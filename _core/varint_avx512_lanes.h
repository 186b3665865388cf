/* Values in the lanes of an AVX-512 vector: joining their groups of seven bits, storing items. */
#ifndef TENSORWIRE_VARINT_AVX512_LANES_H
#define TENSORWIRE_VARINT_AVX512_LANES_H

#include "varint_run.h"

#if TW_X86_64

#include <immintrin.h>

#define VARINT_AVX512 \
    TW_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx2,bmi,bmi2,popcnt")

VARINT_AVX512 TW_INLINE __m512i varint_avx512_load(const uint8_t *at)
{
    return _mm512_loadu_si512((const void *)at);
}

/* Pairs of 7-bit groups to 14 bits. The unsigned factor comes first: 128 is no signed byte. */
VARINT_AVX512 TW_INLINE __m512i varint_avx512_join14(__m512i groups)
{
    return _mm512_maddubs_epi16(_mm512_set1_epi16((short)0x8001), groups);
}

VARINT_AVX512 TW_INLINE __m512i varint_avx512_join28(__m512i groups)
{
    return _mm512_madd_epi16(varint_avx512_join14(groups), _mm512_set1_epi32(0x40000001));
}

VARINT_AVX512 TW_INLINE __m512i varint_avx512_join56(__m512i groups)
{
    __m512i halves = varint_avx512_join28(groups); /* 28 bits in each 32 */
    __m512i low = _mm512_set1_epi64(0x0fffffff);
    /* low ? halves : halves >> 4 */
    return _mm512_ternarylogic_epi64(low, halves, _mm512_srli_epi64(halves, 4), 0xca);
}

/* Puts store whole vectors. REQUIRES, each: room for as many items as its vector has lanes. */

VARINT_AVX512 TW_INLINE __m512i varint_avx512_unzigzag64(__m512i value)
{
    __m512i sign = _mm512_and_si512(value, _mm512_set1_epi64(1));
    sign = _mm512_sub_epi64(_mm512_setzero_si512(), sign);
    return _mm512_xor_si512(_mm512_srli_epi64(value, 1), sign);
}

VARINT_AVX512 TW_INLINE __m512i varint_avx512_unzigzag32(__m512i value)
{
    __m512i sign = _mm512_and_si512(value, _mm512_set1_epi32(1));
    sign = _mm512_sub_epi32(_mm512_setzero_si512(), sign);
    return _mm512_xor_si512(_mm512_srli_epi32(value, 1), sign);
}

/* 16 values of 32 bits, into a form of 32 bits. */
VARINT_AVX512 TW_INLINE void varint_avx512_put_words(uint8_t *out, VarintForm form, __m512i values)
{
    if (form == FORM_ZIGZAG32) values = varint_avx512_unzigzag32(values);
    _mm512_storeu_si512(out, values);
}

/* 8 values of 64 bits, into any form. */
VARINT_AVX512 TW_INLINE void varint_avx512_put64(uint8_t *out, VarintForm form, __m512i values)
{
    if (form == FORM_BOOL) {
        __mmask8 set = _mm512_test_epi64_mask(values, values);
        _mm_storel_epi64((__m128i *)(void *)out, _mm_maskz_set1_epi8(set, 1));
    } else if (form == FORM_32 || form == FORM_ZIGZAG32) {
        __m256i low = _mm512_cvtepi64_epi32(values); /* narrowed here, not in a second pass */
        if (form == FORM_ZIGZAG32)
            low = _mm512_castsi512_si256(varint_avx512_unzigzag32(_mm512_castsi256_si512(low)));
        _mm256_storeu_si256((__m256i *)(void *)out, low);
    } else {
        if (form == FORM_ZIGZAG64) values = varint_avx512_unzigzag64(values);
        _mm512_storeu_si512(out, values);
    }
}

/* 16 values of at most 28 bits, in lanes of 32. */
VARINT_AVX512 TW_INLINE void varint_avx512_put32(uint8_t *out, VarintForm form, __m512i values)
{
    if (form == FORM_BOOL) {
        __mmask16 set = _mm512_test_epi32_mask(values, values);
        _mm_storeu_si128((__m128i *)(void *)out, _mm_maskz_set1_epi8(set, 1));
    } else if (form == FORM_32 || form == FORM_ZIGZAG32) {
        varint_avx512_put_words(out, form, values);
    } else {
        __m256i low = _mm512_castsi512_si256(values), high = _mm512_extracti64x4_epi64(values, 1);
        varint_avx512_put64(out, form, _mm512_cvtepu32_epi64(low));
        varint_avx512_put64(out + 64, form, _mm512_cvtepu32_epi64(high));
    }
}

/* 32 values of at most 14 bits, in lanes of 16. */
VARINT_AVX512 TW_INLINE void varint_avx512_put16(uint8_t *out, VarintForm form, __m512i values)
{
    size_t half = 16 * varint_form_size(form);
    __m256i low = _mm512_castsi512_si256(values), high = _mm512_extracti64x4_epi64(values, 1);
    varint_avx512_put32(out, form, _mm512_cvtepu16_epi32(low));
    varint_avx512_put32(out + half, form, _mm512_cvtepu16_epi32(high));
}

/* 64 values of one byte, widened straight from where they lie. */
VARINT_AVX512 TW_INLINE void varint_avx512_put_bytes(uint8_t *out, VarintForm form,
                                                     const uint8_t *at)
{
    if (form == FORM_BOOL) {
        __m512i one = _mm512_set1_epi8(1);
        _mm512_storeu_si512(out, _mm512_min_epu8(varint_avx512_load(at), one));
    } else if (form == FORM_32 || form == FORM_ZIGZAG32) {
        for (int i = 0; i < 4; i++) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i));
            varint_avx512_put_words(out + 64 * i, form, _mm512_cvtepu8_epi32(bytes));
        }
    } else {
        for (int i = 0; i < 8; i++) {
            __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)(at + 8 * i));
            varint_avx512_put64(out + 64 * i, form, _mm512_cvtepu8_epi64(bytes));
        }
    }
}

#endif
#endif
