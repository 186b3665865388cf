/* The kernel for x86-64 with AVX-512 VBMI2: all values of a 64-byte window at once.
 *
 * A compress of the byte numbers 0..63 by the mask of ending bytes lists where values end, and by
 * the mask of beginning bytes where they begin. One value then goes to each lane of 2, 4 or 8
 * bytes, by the longest value in the window, and two multiply-adds join its groups of seven. */
#ifndef TENSORWIRE_VARINT_AVX512_H
#define TENSORWIRE_VARINT_AVX512_H

#include "varint_avx512_lanes.h"
#include "varint_bmi2.h"

#if TW_X86_64

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

/* Where eight values of ten bytes end: in bytes 0 to 63, and, as bits of 64 to 79, in the rest. */
#define VARINT_TENS_LOW                                                                        \
    (UINT64_C(1) << 9 | UINT64_C(1) << 19 | UINT64_C(1) << 29 | UINT64_C(1) << 39 |            \
     UINT64_C(1) << 49 | UINT64_C(1) << 59)
#define VARINT_TENS_HIGH (UINT64_C(1) << 5 | UINT64_C(1) << 15)
#define VARINT_TENS_ROOM 80

/* Byte `at` of 80 in a pair of vectors, of which the second begins at byte 16. */
#define TENS_BYTE(at) (uint8_t)((at) < 64 ? (at) : (at) + 48)
#define TENS_LOW8(at)                                                                          \
    TENS_BYTE(at), TENS_BYTE(at + 1), TENS_BYTE(at + 2), TENS_BYTE(at + 3), TENS_BYTE(at + 4), \
        TENS_BYTE(at + 5), TENS_BYTE(at + 6), TENS_BYTE(at + 7)
#define TENS_HIGH2(at) 0, 0, 0, 0, 0, 0, TENS_BYTE(at + 8), TENS_BYTE(at + 9)

static const uint8_t varint_tens_low8[64] = {
    TENS_LOW8(0),  TENS_LOW8(10), TENS_LOW8(20), TENS_LOW8(30),
    TENS_LOW8(40), TENS_LOW8(50), TENS_LOW8(60), TENS_LOW8(70),
};
static const uint8_t varint_tens_high2[64] = {
    TENS_HIGH2(0),  TENS_HIGH2(10), TENS_HIGH2(20), TENS_HIGH2(30),
    TENS_HIGH2(40), TENS_HIGH2(50), TENS_HIGH2(60), TENS_HIGH2(70),
};

/* The ninth and tenth bytes of each value, as bits 56 to 63; surplus bits of the tenth dropped. */
VARINT_AVX512 TW_INLINE __m512i varint_avx512_tens_high(__m512i first, __m512i second)
{
    __m512i from = varint_avx512_load(varint_tens_high2);
    /* The two highest bytes of each lane, the others zero. */
    __m512i high =
        _mm512_maskz_permutex2var_epi8(UINT64_C(0xc0c0c0c0c0c0c0c0), first, from, second);
    __m512i top = _mm512_set1_epi64(INT64_MIN);
    /* top ? tenth : ninth */
    return _mm512_ternarylogic_epi64(top, _mm512_slli_epi64(high, 7), _mm512_slli_epi64(high, 8),
                                     0xca);
}

/* Decodes eight values at a time while all eight have ten bytes: columns of negative numbers.
 * Whether it decoded any. */
VARINT_AVX512 TW_INLINE bool varint_avx512_tens(VarintCursor *run, VarintForm form)
{
    const uint8_t *from = run->at;
    while (run->left >= 8 && (size_t)(run->end - run->at) >= VARINT_TENS_ROOM) {
        __m512i first = varint_avx512_load(run->at), second = varint_avx512_load(run->at + 16);
        if (~_mm512_movepi8_mask(first) != VARINT_TENS_LOW) break;
        if (~_mm512_movepi8_mask(second) >> 48 != VARINT_TENS_HIGH) break;
        __m512i low = _mm512_permutex2var_epi8(first, varint_avx512_load(varint_tens_low8), second);
        low = varint_avx512_join56(_mm512_and_si512(low, _mm512_set1_epi8(0x7f)));
        varint_avx512_put64(run->out, form,
                            _mm512_or_si512(low, varint_avx512_tens_high(first, second)));
        run->out += 8 * varint_form_size(form);
        run->at += VARINT_TENS_ROOM;
        run->left -= 8;
    }
    return run->at != from;
}

/* Decodes a window in which some values, but not its first, have more than eight bytes: all as if
 * they had eight, then those again, one by one. `wide`: varint_runs8() of `more`.
 * REQUIRES: as varint_avx512_window(), and one more readable byte behind the window, which a
 * nine-byte value at its end would take for a tenth. */
VARINT_AVX512 TW_INLINE VarintStop varint_avx512_some_long(VarintCursor *run, VarintForm form,
                                                           __m512i window, uint64_t more,
                                                           uint64_t wide)
{
    const VarintCursor before = *run;
    varint_avx512_window(run, form, window, more, ~more);
    while (wide) { /* progress: bits are cleared */
        int start = ctz64(wide);
        const uint8_t *at = before.at + start;
        if (at >= run->at) break; /* it goes on behind the window, and is met again in the next */
        size_t number = (size_t)_mm_popcnt_u64(~more & varint_low_bits(start));
        uint8_t *out = before.out + number * varint_form_size(form);
        uint64_t value;
        if (TW_UNLIKELY(varint_bmi2_one(at, &value) < 0)) {
            *run = (VarintCursor){at, before.end, out, before.left - number};
            return VARINT_LONG;
        }
        varint_put(out, form, value);
        wide &= ~(UINT64_C(3) << start); /* one bit of nine bytes, two bits of ten */
    }
    return VARINT_DONE;
}

VARINT_AVX512 TW_INLINE VarintStop varint_avx512_run(VarintCursor *given, VarintForm form)
{
    VarintCursor run = *given; /* a copy whose address nobody has stays in registers */
    VarintStop stop = VARINT_DONE;
    while (run.left >= VARINT_WINDOW && (size_t)(run.end - run.at) > VARINT_WINDOW) {
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
        } else if (wide & 1) { /* long values till a short one comes; an endless one is refused */
            if (varint_avx512_tens(&run, form)) continue;
            stop = varint_bmi2_long(&run, form);
        } else {
            stop = varint_avx512_some_long(&run, form, window, more, wide);
        }
        if (TW_UNLIKELY(stop != VARINT_DONE)) break;
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
    VarintBefore before = {0};
    while ((size_t)(end - at) >= VARINT_WINDOW) {
        __m512i bytes = varint_avx512_load(at);
        VarintWindow window = {.more = _mm512_movepi8_mask(bytes)};
        if (window.more == 0 && before.more >> 63 == 0) {
            at = varint_avx512_skip_bytes(at + VARINT_WINDOW, end);
            before = (VarintBefore){0};
            continue;
        }
        window.zero = _mm512_testn_epi8_mask(bytes, bytes);
        window.one = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(1));
        window.ones = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8((char)0xff));
        window.narrow = varint_avx512_narrow(bytes, kind);
        if (varint_window_faults(window, &before, kind)) return false;
        at += VARINT_WINDOW;
    }
    /* No window was all continuation bytes, or it had been a fault. */
    return varint_scalar_canonical(at - varint_window_pending(before.more), end, kind);
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
