/* What the kernels over a packed run of varints share: kinds, results, cursors, window tests. */
#ifndef TENSORWIRE_VARINT_RUN_H
#define TENSORWIRE_VARINT_RUN_H

#include "varint.h"

/* The declared type of a run's values. An enum is an int32: descriptor.proto, TYPE_ENUM. */
typedef enum {
    VARINT_UINT64,
    VARINT_INT64,
    VARINT_SINT64,
    VARINT_UINT32,
    VARINT_INT32,
    VARINT_SINT32,
    VARINT_BOOL,
    VARINT_KINDS
} VarintKind;

/* How a value becomes an output item: kinds whose items have the same bits share a form. */
typedef enum { FORM_64, FORM_ZIGZAG64, FORM_32, FORM_ZIGZAG32, FORM_BOOL } VarintForm;

TW_INLINE VarintForm varint_form(VarintKind kind)
{
    static const VarintForm forms[VARINT_KINDS] = {
        FORM_64, FORM_64, FORM_ZIGZAG64, FORM_32, FORM_32, FORM_ZIGZAG32, FORM_BOOL,
    };
    return forms[kind];
}

/* Bytes of an output item. */
TW_INLINE size_t varint_form_size(VarintForm form)
{
    return form <= FORM_ZIGZAG64 ? 8 : form <= FORM_ZIGZAG32 ? 4 : 1;
}

TW_INLINE size_t varint_kind_size(VarintKind kind)
{
    return varint_form_size(varint_form(kind));
}

/* Why a kernel stopped: the results of varint_decode(), with 1 for any success. */
typedef enum { VARINT_LONG = -1, VARINT_CUT = 0, VARINT_DONE = 1 } VarintStop;

/* A count under way: `at` is the first byte of a value, `values` lie before it. */
typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    size_t values;
} VarintCount;

/* A decode under way: the next value begins at `at`; its item goes to `out`, which has room for
 * `left` more. The kernels keep both bounds themselves, so that bytes which change after they
 * were counted (a mapped file) give other values, and never a store outside of the output. */
typedef struct {
    const uint8_t *at;
    const uint8_t *end;
    uint8_t *out;
    size_t left;
} VarintCursor;

/* Stores one item and returns where the next goes. */
TW_INLINE uint8_t *varint_put(uint8_t *out, VarintForm form, uint64_t value)
{
    uint32_t low = (uint32_t)value; /* int32, uint32, sint32: facts of the wire, not a lost value */
    switch (form) {
    case FORM_64: le_store64(out, value); return out + 8;
    case FORM_ZIGZAG64: le_store64(out, value >> 1 ^ (0 - (value & 1))); return out + 8;
    case FORM_32: le_store32(out, low); return out + 4;
    case FORM_ZIGZAG32: le_store32(out, low >> 1 ^ (0 - (low & 1))); return out + 4;
    default: *out = value != 0; return out + 1;
    }
}

/* The windows of the vector kernels: bit i of `more` is the top bit of byte i of 64. */
#define VARINT_WINDOW 64

/* First byte of each run of `length` continuation bytes inside the window; length 2, 4, 8, 10. */
TW_INLINE uint64_t varint_runs2(uint64_t more) { return more & more >> 1; }
TW_INLINE uint64_t varint_runs4(uint64_t more)
{
    more = varint_runs2(more);
    return more & more >> 2;
}
TW_INLINE uint64_t varint_runs8(uint64_t more)
{
    more = varint_runs4(more);
    return more & more >> 4;
}
TW_INLINE uint64_t varint_runs10(uint64_t more)
{
    more = varint_runs8(more);
    return more & more >> 2;
}

/* Whether the window completes a value of more than ten bytes, `pending` of whose bytes lie before
 * it, or holds ten continuation bytes in a row. REQUIRES: more != 0. */
TW_INLINE bool varint_window_overlong(uint64_t more, unsigned pending)
{
    if (more == UINT64_MAX) return true;
    unsigned head = (unsigned)ctz64(~more);
    return pending + head >= VARINT_MAX || varint_runs10(more) != 0;
}

/* Bytes of the window's last value, if it goes on behind the window. REQUIRES: ~more != 0. */
TW_INLINE unsigned varint_window_pending(uint64_t more)
{
    return (unsigned)clz64(~more);
}

/* The bits below bit `count`. REQUIRES: count < 64. */
TW_INLINE uint64_t varint_low_bits(int count)
{
    return (UINT64_C(1) << count) - 1;
}

#endif
