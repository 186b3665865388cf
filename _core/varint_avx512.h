/* The kernel for x86-64 with AVX-512 VBMI2: all values of a 64-byte window at once.
 *
 * A compress of the byte numbers 0..63 by the mask of ending bytes lists where values end, and by
 * the mask of beginning bytes where they begin. One value then goes to each lane of 2, 4 or 8
 * bytes, by the longest value in the window, and two multiply-adds join its groups of seven. */
#ifndef TENSORWIRE_VARINT_AVX512_H
#define TENSORWIRE_VARINT_AVX512_H

#include "varint_bmi2.h"

#if TW_X86_64

#define VARINT_AVX512 \
    TW_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx2,bmi,bmi2,popcnt")

VARINT_AVX512 TW_INLINE __m512i varint_avx512_load(const uint8_t *at)
{
    return _mm512_loadu_si512((const void *)at);
}

/* Four windows of one-byte values at a time, while they last. */
VARINT_AVX512 TW_INLINE const uint8_t *varint_avx512_skip_bytes(const uint8_t *at,
                                                                const uint8_t *end)
{
    while ((size_t)(end - at) >= 4 * VARINT_WINDOW) {
        __m512i low = _mm512_or_si512(varint_avx512_load(at), varint_avx512_load(at + 64));
        __m512i high = _mm512_or_si512(varint_avx512_load(at + 128), varint_avx512_load(at + 192));
        if (_mm512_movepi8_mask(_mm512_or_si512(low, high))) break;
        at += 4 * VARINT_WINDOW;
    }
    return at;
}

VARINT_AVX512 static inline VarintStop varint_avx512_count(VarintCount *count)
{
    const uint8_t *at = count->at;
    unsigned pending = 0;
    while ((size_t)(count->end - at) >= VARINT_WINDOW) {
        uint64_t more = _mm512_movepi8_mask(varint_avx512_load(at));
        if (more == 0) {
            const uint8_t *next = varint_avx512_skip_bytes(at + VARINT_WINDOW, count->end);
            count->values += (size_t)(next - at);
            at = next;
            pending = 0;
            continue;
        }
        if (TW_UNLIKELY(varint_window_overlong(more, pending))) break;
        pending = varint_window_pending(more);
        count->values += (size_t)_mm_popcnt_u64(~more);
        at += VARINT_WINDOW;
    }
    count->at = at - pending;
    return varint_scalar_count(count); /* the last bytes; or it finds what is wrong */
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

/* The values of a window, spread over lanes: `bytes` without top bits, and where values lie. */
typedef struct {
    __m512i bytes;
    __m512i starts;
    __m512i stops; /* of the last byte, not behind it */
} VarintLanes;

/* 0, 1, 2 ... 63. */
static const uint8_t varint_iota[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

VARINT_AVX512 TW_INLINE VarintLanes varint_avx512_lanes(__m512i window, uint64_t ends)
{
    __m512i iota = varint_avx512_load(varint_iota);
    VarintLanes lanes;
    lanes.bytes = _mm512_and_si512(window, _mm512_set1_epi8(0x7f));
    lanes.starts = _mm512_maskz_compress_epi8(ends << 1 | 1, iota);
    lanes.stops = _mm512_maskz_compress_epi8(ends, iota);
    return lanes;
}

/* The values from number `first` on, one to each lane of 2^shift bytes. */
VARINT_AVX512 TW_INLINE __m512i varint_avx512_spread(VarintLanes lanes, int first, int shift)
{
    __m512i iota = varint_avx512_load(varint_iota);
    __m512i within = _mm512_and_si512(iota, _mm512_set1_epi8((char)((1 << shift) - 1)));
    /* There is no shift of bytes: the mask drops what a shift of 16 bits drags across. */
    __m512i number = shift == 3   ? _mm512_srli_epi16(iota, 3)
                     : shift == 2 ? _mm512_srli_epi16(iota, 2)
                                  : _mm512_srli_epi16(iota, 1);
    number = _mm512_and_si512(number, _mm512_set1_epi8((char)(63 >> shift)));
    number = _mm512_add_epi8(number, _mm512_set1_epi8((char)first));
    __m512i from = _mm512_permutexvar_epi8(number, lanes.starts);
    __m512i last = _mm512_permutexvar_epi8(number, lanes.stops);
    __m512i index = _mm512_add_epi8(from, within);
    return _mm512_maskz_permutexvar_epi8(_mm512_cmple_epu8_mask(index, last), index, lanes.bytes);
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

/* Decodes the values that end at the set bits of `ends`, none longer than eight bytes.
 * REQUIRES: ends != 0; room for 64 items, since the last vector is stored whole. */
VARINT_AVX512 TW_INLINE void varint_avx512_window(VarintCursor *run, VarintForm form,
                                                  __m512i window, uint64_t more, uint64_t ends)
{
    VarintLanes lanes = varint_avx512_lanes(window, ends);
    int values = (int)_mm_popcnt_u64(ends);
    size_t size = varint_form_size(form);
    uint8_t *out = run->out;
    if (varint_runs4(more)) {
        for (int i = 0; i < values; i += 8, out += 8 * size)
            varint_avx512_put64(out, form,
                                varint_avx512_join56(varint_avx512_spread(lanes, i, 3)));
    } else if (varint_runs2(more)) {
        for (int i = 0; i < values; i += 16, out += 16 * size)
            varint_avx512_put32(out, form,
                                varint_avx512_join28(varint_avx512_spread(lanes, i, 2)));
    } else {
        for (int i = 0; i < values; i += 32, out += 32 * size)
            varint_avx512_put16(out, form,
                                varint_avx512_join14(varint_avx512_spread(lanes, i, 1)));
    }
    run->out += (size_t)values * size;
    run->left -= (size_t)values;
    run->at += VARINT_WINDOW - clz64(ends);
}

VARINT_AVX512 TW_INLINE VarintStop varint_avx512_run(VarintCursor *given, VarintForm form)
{
    VarintCursor run = *given; /* a copy whose address nobody has stays in registers */
    VarintStop stop = VARINT_DONE;
    while (run.left >= VARINT_WINDOW && (size_t)(run.end - run.at) >= VARINT_WINDOW) {
        __m512i window = varint_avx512_load(run.at);
        uint64_t more = _mm512_movepi8_mask(window);
        uint64_t wide = varint_runs8(more);
        if (more == 0) {
            varint_avx512_put_bytes(run.out, form, run.at);
            run.out += VARINT_WINDOW * varint_form_size(form);
            run.at += VARINT_WINDOW;
            run.left -= VARINT_WINDOW;
        } else if (TW_LIKELY(wide == 0)) {
            varint_avx512_window(&run, form, window, more, ~more);
        } else { /* the lowest bit is the first byte of the first value of nine or more */
            uint64_t before = varint_low_bits(ctz64(wide));
            if (before) varint_avx512_window(&run, form, window, more & before, ~more & before);
            if (run.left == 0 || (size_t)(run.end - run.at) < VARINT_MAX) break;
            stop = varint_bmi2_long(&run, form);
            if (TW_UNLIKELY(stop != VARINT_DONE)) break;
        }
    }
    *given = run;
    return stop;
}

VARINT_AVX512 static inline VarintStop varint_avx512_windows(VarintCursor *run, VarintForm form)
{
    switch (form) {
    case FORM_64: return varint_avx512_run(run, FORM_64);
    case FORM_ZIGZAG64: return varint_avx512_run(run, FORM_ZIGZAG64);
    case FORM_32: return varint_avx512_run(run, FORM_32);
    case FORM_ZIGZAG32: return varint_avx512_run(run, FORM_ZIGZAG32);
    default: return varint_avx512_run(run, FORM_BOOL);
    }
}

VARINT_AVX512 static inline VarintStop varint_avx512_decode(VarintCursor *run, VarintForm form)
{
    VarintStop stop = varint_avx512_windows(run, form);
    return stop == VARINT_DONE ? varint_bmi2_decode(run, form) : stop;
}

VARINT_AVX512 TW_INLINE uint64_t varint_avx512_narrow(__m512i bytes, VarintKind kind)
{
    if (kind != VARINT_INT32) return _mm512_cmple_epu8_mask(bytes, _mm512_set1_epi8(0x0f));
    return _mm512_cmple_epu8_mask(bytes, _mm512_set1_epi8(0x07)) |
           _mm512_cmpge_epu8_mask(bytes, _mm512_set1_epi8((char)0xf8));
}

VARINT_AVX512 TW_INLINE bool varint_avx512_canonical_run(const uint8_t *at, const uint8_t *end,
                                                         VarintKind kind)
{
    while ((size_t)(end - at) >= VARINT_WINDOW) {
        __m512i bytes = varint_avx512_load(at);
        VarintWindow window = {.more = _mm512_movepi8_mask(bytes)};
        if (window.more == 0) {
            at = varint_avx512_skip_bytes(at + VARINT_WINDOW, end);
            continue;
        }
        if (window.more == UINT64_MAX) return false;
        window.zero = _mm512_testn_epi8_mask(bytes, bytes);
        window.one = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(1));
        window.ones = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8((char)0xff));
        window.narrow = varint_avx512_narrow(bytes, kind);
        if (varint_window_faults(window, kind)) return false;
        at += VARINT_WINDOW - varint_window_pending(window.more); /* again from its first byte */
    }
    return varint_scalar_canonical(at, end, kind);
}

VARINT_AVX512 static inline bool varint_avx512_canonical(const uint8_t *at, const uint8_t *end,
                                                         VarintKind kind)
{
    switch (kind) {
    case VARINT_BOOL: return varint_scalar_canonical_bools(at, end);
    case VARINT_INT32: return varint_avx512_canonical_run(at, end, VARINT_INT32);
    case VARINT_UINT32:
    case VARINT_SINT32: return varint_avx512_canonical_run(at, end, VARINT_UINT32);
    default: return varint_avx512_canonical_run(at, end, VARINT_UINT64);
    }
}

#endif
#endif
