/* The kernel for x86-64 with BMI2 and AVX2: byte ends from a 64-byte mask, one pext a value. */
#ifndef TENSORWIRE_VARINT_BMI2_H
#define TENSORWIRE_VARINT_BMI2_H

#include "varint_scalar.h"

#if TW_X86_64

#include <immintrin.h>

#define VARINT_BMI2 TW_TARGET("avx2,bmi,bmi2,popcnt")

/* A value may begin in the window's last byte and is loaded as eight. */
#define VARINT_BMI2_ROOM (VARINT_WINDOW + 8)

VARINT_BMI2 TW_INLINE uint64_t varint_bmi2_tops(__m256i low, __m256i high)
{
    uint32_t low_bits = (uint32_t)_mm256_movemask_epi8(low);
    uint32_t high_bits = (uint32_t)_mm256_movemask_epi8(high);
    return low_bits | (uint64_t)high_bits << 32;
}

VARINT_BMI2 TW_INLINE __m256i varint_bmi2_load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

VARINT_BMI2 TW_INLINE uint64_t varint_bmi2_more(const uint8_t *at)
{
    return varint_bmi2_tops(varint_bmi2_load(at), varint_bmi2_load(at + 32));
}

VARINT_BMI2 static inline VarintStop varint_bmi2_count(VarintCount *count)
{
    const uint8_t *at = count->at;
    unsigned pending = 0;
    while ((size_t)(count->end - at) >= VARINT_WINDOW) {
        uint64_t more = varint_bmi2_more(at);
        if (more == 0) {
            pending = 0;
        } else {
            if (TW_UNLIKELY(varint_window_overlong(more, pending))) break;
            pending = varint_window_pending(more);
        }
        count->values += (size_t)_mm_popcnt_u64(~more);
        at += VARINT_WINDOW;
    }
    count->at = at - pending;
    return varint_scalar_count(count); /* the last bytes; or it finds what is wrong */
}

/* Like varint_decode_roomy(), with pext for the joining. REQUIRES: ten readable bytes at `at`. */
VARINT_BMI2 TW_INLINE int varint_bmi2_one(const uint8_t *at, uint64_t *out)
{
    uint64_t word = le_load64(at);
    uint64_t stops = ~word & VARINT_TOPS;
    if (stops == 0) return varint_decode_tail(at, _pext_u64(word, VARINT_LOWS), out);
    *out = _pext_u64(word & (stops ^ (stops - 1)), VARINT_LOWS);
    return (ctz64(stops) >> 3) + 1;
}

/* Decodes until a value of at most eight bytes has come, or near the end of the run.
 * REQUIRES: run->left != 0 and ten readable bytes at run->at. */
VARINT_BMI2 TW_INLINE VarintStop varint_bmi2_long(VarintCursor *run, VarintForm form)
{
    int used;
    do {
        uint64_t value;
        used = varint_bmi2_one(run->at, &value);
        if (TW_UNLIKELY(used <= 0)) return VARINT_LONG;
        run->out = varint_put(run->out, form, value);
        run->at += used;
        run->left--;
    } while (used > 8 && run->left != 0 && (size_t)(run->end - run->at) >= VARINT_MAX);
    return VARINT_DONE;
}

/* Decodes the values that end at the set bits of `ends`, each of at most eight bytes.
 * REQUIRES: VARINT_BMI2_ROOM readable bytes, and room for as many items as `ends` has bits. */
VARINT_BMI2 TW_INLINE void varint_bmi2_window(VarintCursor *run, VarintForm form, uint64_t ends)
{
    uint8_t *out = run->out;
    uint64_t start = 0;
    run->left -= (size_t)_mm_popcnt_u64(ends);
    while (ends) {
        uint64_t stop = (uint64_t)ctz64(ends) + 1;
        uint64_t groups = _bzhi_u64(VARINT_LOWS, (uint32_t)((stop - start) * 8));
        out = varint_put(out, form, _pext_u64(le_load64(run->at + start), groups));
        start = stop;
        ends &= ends - 1;
    }
    run->out = out;
    run->at += start;
}

/* 64 values of one byte. REQUIRES: room for 64 items. */
VARINT_BMI2 TW_INLINE void varint_bmi2_bytes(VarintCursor *run, VarintForm form)
{
    for (int i = 0; i < VARINT_WINDOW; i += 8)
        run->out = varint_put8(run->out, form, le_load64(run->at + i));
    run->at += VARINT_WINDOW;
    run->left -= VARINT_WINDOW;
}

VARINT_BMI2 TW_INLINE VarintStop varint_bmi2_run(VarintCursor *given, VarintForm form)
{
    VarintCursor run = *given; /* a copy whose address nobody has stays in registers */
    VarintStop stop = VARINT_DONE;
    while (run.left >= VARINT_WINDOW && (size_t)(run.end - run.at) >= VARINT_BMI2_ROOM) {
        uint64_t more = varint_bmi2_more(run.at);
        uint64_t wide = varint_runs8(more);
        if (more == 0) {
            varint_bmi2_bytes(&run, form);
        } else if (TW_LIKELY(wide == 0)) {
            varint_bmi2_window(&run, form, ~more);
        } else { /* the lowest bit is the first byte of the first value of nine or more */
            varint_bmi2_window(&run, form, ~more & varint_low_bits(ctz64(wide)));
            stop = varint_bmi2_long(&run, form);
            if (TW_UNLIKELY(stop != VARINT_DONE)) break;
        }
    }
    *given = run;
    return stop;
}

VARINT_BMI2 static inline VarintStop varint_bmi2_windows(VarintCursor *run, VarintForm form)
{
    switch (form) {
    case FORM_64: return varint_bmi2_run(run, FORM_64);
    case FORM_ZIGZAG64: return varint_bmi2_run(run, FORM_ZIGZAG64);
    case FORM_32: return varint_bmi2_run(run, FORM_32);
    case FORM_ZIGZAG32: return varint_bmi2_run(run, FORM_ZIGZAG32);
    default: return varint_bmi2_run(run, FORM_BOOL);
    }
}

VARINT_BMI2 static inline VarintStop varint_bmi2_decode(VarintCursor *run, VarintForm form)
{
    VarintStop stop = varint_bmi2_windows(run, form);
    return stop == VARINT_DONE ? varint_scalar_decode(run, form) : stop;
}

/* Bytes at most `limit`, as an all-ones byte each: unsigned, which AVX2's comparisons are not. */
VARINT_BMI2 TW_INLINE __m256i varint_bmi2_at_most(__m256i bytes, char limit)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(limit)), bytes);
}

VARINT_BMI2 TW_INLINE __m256i varint_bmi2_narrow(__m256i bytes, VarintKind kind)
{
    if (kind != VARINT_INT32) return varint_bmi2_at_most(bytes, 0x0f);
    __m256i high = _mm256_set1_epi8((char)0xf8);
    __m256i negative = _mm256_cmpeq_epi8(_mm256_max_epu8(bytes, high), bytes);
    return _mm256_or_si256(varint_bmi2_at_most(bytes, 0x07), negative);
}

VARINT_BMI2 TW_INLINE uint64_t varint_bmi2_equal(__m256i low, __m256i high, char byte)
{
    __m256i wanted = _mm256_set1_epi8(byte);
    return varint_bmi2_tops(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted));
}

VARINT_BMI2 TW_INLINE bool varint_bmi2_canonical_run(const uint8_t *at, const uint8_t *end,
                                                     VarintKind kind)
{
    VarintBefore before = {0};
    while ((size_t)(end - at) >= VARINT_WINDOW) {
        __m256i low = varint_bmi2_load(at), high = varint_bmi2_load(at + 32);
        VarintWindow window = {.more = varint_bmi2_tops(low, high)};
        if (window.more == 0 && before.more >> 63 == 0) {
            before = (VarintBefore){0};
        } else {
            window.zero = varint_bmi2_equal(low, high, 0);
            window.one = varint_bmi2_equal(low, high, 1);
            window.ones = varint_bmi2_equal(low, high, (char)0xff);
            window.narrow = varint_bmi2_tops(varint_bmi2_narrow(low, kind),
                                             varint_bmi2_narrow(high, kind));
            if (varint_window_faults(window, &before, kind)) return false;
        }
        at += VARINT_WINDOW;
    }
    /* No window was all continuation bytes, or it had been a fault. */
    return varint_scalar_canonical(at - varint_window_pending(before.more), end, kind);
}

VARINT_BMI2 static inline bool varint_bmi2_canonical(const uint8_t *at, const uint8_t *end,
                                                     VarintKind kind)
{
    switch (kind) {
    case VARINT_BOOL: return varint_scalar_canonical_bools(at, end);
    case VARINT_INT32: return varint_bmi2_canonical_run(at, end, VARINT_INT32);
    case VARINT_UINT32:
    case VARINT_SINT32: return varint_bmi2_canonical_run(at, end, VARINT_UINT32);
    default: return varint_bmi2_canonical_run(at, end, VARINT_UINT64);
    }
}

#endif
#endif
