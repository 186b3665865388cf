/* CRC-32C: the polynomial 0x1EDC6F41, bits reversed, all ones at both ends.
 * Source: RFC 3720, appendix B.4 (vectors) and section 12.1 (polynomial). */
#ifndef TENSORWIRE_CRC32C_H
#define TENSORWIRE_CRC32C_H

#include "le.h"
#include "platform.h"

#define CRC32C_POLYNOMIAL UINT32_C(0x82f63b78) /* 0x1EDC6F41, bits reversed */

/* Bytes of each of three lanes that the processor's instruction works on at once: it gives a
 * result each cycle, but three cycles late. Joining lanes costs 8 table loads: 2 % of 256 * 3. */
#define CRC32C_LONG 4096
#define CRC32C_SHORT 256

/* What a state becomes by so many bytes of zeros, one table for each of its four bytes. */
typedef struct {
    uint32_t part[4][256];
} Crc32cShift;

/* Filled once, by crc32c_fill(), and only read afterwards.
 * `slice[k][b]`: the state that byte b leaves behind when k more bytes, of zeros, follow it. */
typedef struct {
    uint32_t slice[8][256];
    Crc32cShift by_long;
    Crc32cShift by_short;
} Crc32cTables;

/* The state behind the `size` bytes at `at`. States are inverted checksums. */
typedef uint32_t (*Crc32cUpdate)(const Crc32cTables *tables, uint32_t state, const uint8_t *at,
                                 size_t size);

typedef struct {
    const char *name;
    Crc32cUpdate update;
} Crc32cKernel;

#define CRC32C_KERNELS 2

TW_INLINE uint32_t crc32c_shift(const Crc32cShift *shift, uint32_t state)
{
    return shift->part[0][state & 0xff] ^ shift->part[1][state >> 8 & 0xff] ^
           shift->part[2][state >> 16 & 0xff] ^ shift->part[3][state >> 24];
}

/* A state behind `size` zeros; of a long way, `size` times that of `shift`. */
static inline uint32_t crc32c_zeros(const Crc32cTables *tables, const Crc32cShift *shift,
                                    uint32_t state, size_t size)
{
    for (; size > 0; size--)
        state = shift ? crc32c_shift(shift, state)
                      : state >> 8 ^ tables->slice[0][state & 0xff];
    return state;
}

/* A linear map: each bit of a state moves by itself, and the results are added. */
static inline void crc32c_fill_shift(const Crc32cTables *tables, Crc32cShift *into,
                                     const Crc32cShift *shift, size_t size)
{
    for (int bit = 0; bit < 32; bit++) {
        uint32_t moved = crc32c_zeros(tables, shift, UINT32_C(1) << bit, size);
        uint32_t *part = into->part[bit / 8];
        int top = 1 << bit % 8; /* sums of the lower bits are there already */
        for (int low = 0; low < top; low++) part[top + low] = part[low] ^ moved;
    }
}

static inline void crc32c_fill(Crc32cTables *tables)
{
    memset(tables, 0, sizeof *tables);
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t state = byte;
        for (int bit = 0; bit < 8; bit++)
            state = state >> 1 ^ ((state & 1) ? CRC32C_POLYNOMIAL : 0);
        tables->slice[0][byte] = state;
    }
    for (int k = 1; k < 8; k++)
        for (int byte = 0; byte < 256; byte++)
            tables->slice[k][byte] = crc32c_zeros(tables, NULL, tables->slice[k - 1][byte], 1);
    crc32c_fill_shift(tables, &tables->by_short, NULL, CRC32C_SHORT);
    crc32c_fill_shift(tables, &tables->by_long, &tables->by_short, CRC32C_LONG / CRC32C_SHORT);
}

/* Eight bytes a step, each through a table of its own: their loads do not wait for each other. */
static inline uint32_t crc32c_portable(const Crc32cTables *tables, uint32_t state,
                                       const uint8_t *at, size_t size)
{
    const uint32_t(*slice)[256] = tables->slice;
    for (; size >= 8; size -= 8, at += 8) { /* progress: eight bytes */
        uint64_t word = le_load64(at) ^ state;
        state = slice[7][word & 0xff] ^ slice[6][word >> 8 & 0xff] ^
                slice[5][word >> 16 & 0xff] ^ slice[4][word >> 24 & 0xff] ^
                slice[3][word >> 32 & 0xff] ^ slice[2][word >> 40 & 0xff] ^
                slice[1][word >> 48 & 0xff] ^ slice[0][word >> 56];
    }
    for (; size > 0; size--, at++) state = state >> 8 ^ slice[0][(state ^ *at) & 0xff];
    return state;
}

#if TW_X86_64

#include <nmmintrin.h>

#define CRC32C_HARDWARE "sse42"
#if defined(__clang__) && __clang_major__ >= 14 /* which made a feature of its own of it */
#define CRC32C_TARGET TW_TARGET("sse4.2,crc32")
#else
#define CRC32C_TARGET TW_TARGET("sse4.2")
#endif

CRC32C_TARGET TW_INLINE uint32_t crc32c_word(uint32_t state, const uint8_t *at)
{
    return (uint32_t)_mm_crc32_u64(state, le_load64(at));
}

CRC32C_TARGET TW_INLINE uint32_t crc32c_half(uint32_t state, const uint8_t *at)
{
    return _mm_crc32_u32(state, le_load32(at));
}

CRC32C_TARGET TW_INLINE uint32_t crc32c_byte(uint32_t state, const uint8_t *at)
{
    return _mm_crc32_u8(state, *at);
}

#elif TW_ARM64

/* By name: <arm_acle.h> of older compilers has these only where the whole file may use them. */
#define CRC32C_HARDWARE "armv8"
#define CRC32C_TARGET
#define CRC32C_ARM(text, state, value) \
    __asm__(".arch_extension crc\n\t" text : "+r"(state) : "r"(value))

TW_INLINE uint32_t crc32c_word(uint32_t state, const uint8_t *at)
{
    CRC32C_ARM("crc32cx %w0, %w0, %x1", state, le_load64(at));
    return state;
}

TW_INLINE uint32_t crc32c_half(uint32_t state, const uint8_t *at)
{
    CRC32C_ARM("crc32cw %w0, %w0, %w1", state, le_load32(at));
    return state;
}

TW_INLINE uint32_t crc32c_byte(uint32_t state, const uint8_t *at)
{
    CRC32C_ARM("crc32cb %w0, %w0, %w1", state, (uint32_t)*at);
    return state;
}

#endif

#ifdef CRC32C_HARDWARE

/* Three lanes of `lane` bytes each, one behind the other in memory, and then joined.
 * REQUIRES: 3 * lane readable bytes; lane is a multiple of 8, and what `shift` shifts by. */
CRC32C_TARGET TW_INLINE uint32_t crc32c_lanes(uint32_t state, const uint8_t *at, size_t lane,
                                              const Crc32cShift *shift)
{
    uint32_t second = 0, third = 0;
    for (size_t i = 0; i < lane; i += 8) {
        state = crc32c_word(state, at + i);
        second = crc32c_word(second, at + lane + i);
        third = crc32c_word(third, at + 2 * lane + i);
    }
    second ^= crc32c_shift(shift, state);
    return third ^ crc32c_shift(shift, second);
}

CRC32C_TARGET static inline uint32_t crc32c_hardware(const Crc32cTables *tables, uint32_t state,
                                                     const uint8_t *at, size_t size)
{
    for (; size >= 3 * CRC32C_LONG; size -= 3 * CRC32C_LONG, at += 3 * CRC32C_LONG)
        state = crc32c_lanes(state, at, CRC32C_LONG, &tables->by_long);
    for (; size >= 3 * CRC32C_SHORT; size -= 3 * CRC32C_SHORT, at += 3 * CRC32C_SHORT)
        state = crc32c_lanes(state, at, CRC32C_SHORT, &tables->by_short);
    for (; size >= 8; size -= 8, at += 8) state = crc32c_word(state, at);
    if (size & 4) {
        state = crc32c_half(state, at);
        at += 4;
    }
    for (size &= 3; size > 0; size--, at++) state = crc32c_byte(state, at);
    return state;
}

#endif

/* Kernel number `i` below CRC32C_KERNELS, the portable one first; NULL if this processor has no
 * such instruction. */
static inline const Crc32cKernel *crc32c_kernel_at(int i)
{
    static const Crc32cKernel portable = {"portable", crc32c_portable};
    if (i == 0) return &portable;
#ifdef CRC32C_HARDWARE
    static const Crc32cKernel hardware = {CRC32C_HARDWARE, crc32c_hardware};
    if (cpu_features().crc32c) return &hardware;
#endif
    return NULL;
}

/* The kernel in use, and the tables it reads. */
typedef struct {
    const Crc32cKernel *kernel;
    const Crc32cTables *tables;
} Crc32c;

TW_INLINE uint32_t crc32c_of(const Crc32c *crc, const uint8_t *at, size_t size)
{
    return ~crc->kernel->update(crc->tables, UINT32_C(0xffffffff), at, size);
}

/* Checksums stored beside what they are of are masked, so that a checksum of those bytes is not
 * one of a checksum. Source: tensorflow/core/lib/hash/crc32c.h, Mask(). */
TW_INLINE uint32_t crc32c_masked(uint32_t checksum)
{
    return (checksum >> 15 | checksum << 17) + UINT32_C(0xa282ead8); /* wraps, as meant */
}

#endif
