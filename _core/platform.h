/* Every difference between compilers, processors and systems that the leaf headers meet.
 * File mapping and positioned reads have a header of their own, platform_file.h. */
#ifndef TENSORWIRE_PLATFORM_H
#define TENSORWIRE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The wire formats are little-endian and our multi-byte loads are plain copies, so that a host
 * of the other order would read wrong values silently. MSVC has no big-endian target. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "tensorwire reads little-endian formats by memcpy: big-endian hosts are not supported"
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define TW_MSVC 1
#include <intrin.h>
#else
#define TW_MSVC 0
#endif

/* Only the 64-bit mode: the kernels need 64-bit pext. */
#if defined(__x86_64__) || (defined(_M_X64) && !defined(_M_ARM64EC))
#define TW_X86_64 1
#else
#define TW_X86_64 0
#endif

#if TW_MSVC
#define TW_LIKELY(condition) (condition)
#define TW_UNLIKELY(condition) (condition)
#define TW_INLINE static __forceinline
#define TW_NOINLINE static __declspec(noinline)
#define TW_TARGET(features) /* MSVC emits any intrinsic in any function */
#else
#define TW_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define TW_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define TW_INLINE static inline __attribute__((always_inline))
#define TW_NOINLINE static __attribute__((noinline, unused))
#define TW_TARGET(features) __attribute__((target(features)))
#endif

/* Zero bits below the lowest set bit. REQUIRES: word != 0.
 * MSVC's scan wants its own 32-bit `long`; the void pointer spares us the name. */
TW_INLINE int ctz64(uint64_t word)
{
#if TW_MSVC && defined(_WIN64)
    unsigned __int32 at;
    _BitScanForward64((void *)&at, word);
    return (int)at;
#elif TW_MSVC
    int at = 0;
    while (!(word >> at & 1)) at++;
    return at;
#else
    return __builtin_ctzll(word);
#endif
}

/* Zero bits above the highest set bit. REQUIRES: word != 0. */
TW_INLINE int clz64(uint64_t word)
{
#if TW_MSVC && defined(_WIN64)
    unsigned __int32 at;
    _BitScanReverse64((void *)&at, word);
    return 63 - (int)at;
#elif TW_MSVC
    int at = 0;
    while (!(word << at >> 63)) at++;
    return at;
#else
    return __builtin_clzll(word);
#endif
}

/* Set bits, by adding neighbours: without a target attribute compilers call a library function
 * for their builtin, and compile this into popcnt where the target has it. */
TW_INLINE int popcount64(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (int)(word * UINT64_C(0x0101010101010101) >> 56);
}

/* Reads a pointer that another thread publishes with pointer_publish(): what was written before
 * the publication is visible after this. */
TW_INLINE void *pointer_acquire(void *const *place)
{
#if TW_MSVC && defined(_M_ARM64)
    return (void *)__ldar64((unsigned __int64 volatile *)place);
#elif TW_MSVC
    void *value = *(void *const volatile *)place; /* x86 loads are never moved after loads */
    _ReadWriteBarrier();
    return value;
#else
    return __atomic_load_n(place, __ATOMIC_ACQUIRE);
#endif
}

/* Stores `fresh` if the place still holds `expected`. False: another thread was first, nothing is
 * stored, and the caller frees its own. */
TW_INLINE bool pointer_publish(void **place, void *expected, void *fresh)
{
#if TW_MSVC
    return _InterlockedCompareExchangePointer((void *volatile *)place, fresh, expected) == expected;
#else
    return __atomic_compare_exchange_n(place, &expected, fresh, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
#endif
}

/* A word that threads read and write without order among them: a hint, whole but maybe stale. */
TW_INLINE uint64_t word_relaxed(const uint64_t *place)
{
#if TW_MSVC
    return *(const volatile uint64_t *)place;
#else
    return __atomic_load_n(place, __ATOMIC_RELAXED);
#endif
}

TW_INLINE void word_store_relaxed(uint64_t *place, uint64_t value)
{
#if TW_MSVC
    *(volatile uint64_t *)place = value;
#else
    __atomic_store_n(place, value, __ATOMIC_RELAXED);
#endif
}

/* What the bulk kernels ask of the processor. */
typedef struct {
    bool bmi2;      /* BMI2, AVX2 and popcnt */
    bool slow_pext; /* AMD before family 19h (Zen 3) runs pext in microcode, one bit after another */
    bool avx512;    /* F, BW, DQ, VL, VBMI and VBMI2, with the registers saved by the system */
} CpuFeatures;

#if TW_X86_64 && TW_MSVC

/* Intel SDM volume 2, CPUID: leaf 1 ECX bits 23 (popcnt), 27 (xgetbv may be asked); leaf 7 EBX bits
 * 3 (BMI1), 5 (AVX2), 8 (BMI2), 16, 17, 30, 31 (AVX-512 F, DQ, BW, VL), ECX 1, 6 (VBMI, VBMI2). */
#define CPU_LEAF7_EBX_BMI2 (1 << 3 | 1 << 5 | 1 << 8)
#define CPU_LEAF7_EBX_AVX512 (1 << 16 | 1 << 17 | 1 << 30 | (int)(1u << 31))
#define CPU_LEAF7_ECX_AVX512 (1 << 1 | 1 << 6)
/* XCR0: SSE, AVX, opmask, upper halves, upper registers (SDM volume 1, 13.3). */
#define CPU_XCR0_AVX 0x06u
#define CPU_XCR0_AVX512 0xe6u

TW_INLINE int cpu_family(void)
{
    int leaf[4];
    __cpuidex(leaf, 1, 0);
    return (leaf[0] >> 8 & 0xf) + (leaf[0] >> 20 & 0xff); /* added when the first is 0xf, as on Zen */
}

TW_INLINE CpuFeatures cpu_features(void)
{
    CpuFeatures found = {false, false, false};
    int leaf[4];
    __cpuidex(leaf, 0, 0);
    bool amd = leaf[1] == 0x68747541; /* "Auth" of AuthenticAMD */
    if (leaf[0] < 7) return found;
    __cpuidex(leaf, 1, 0);
    bool popcnt = leaf[2] & 1 << 23;
    uint64_t saved = leaf[2] & 1 << 27 ? _xgetbv(0) : 0;
    __cpuidex(leaf, 7, 0);
    found.bmi2 = popcnt && (saved & CPU_XCR0_AVX) == CPU_XCR0_AVX &&
                 (leaf[1] & CPU_LEAF7_EBX_BMI2) == CPU_LEAF7_EBX_BMI2;
    found.slow_pext = amd && cpu_family() < 0x19;
    found.avx512 = found.bmi2 && (saved & CPU_XCR0_AVX512) == CPU_XCR0_AVX512 &&
                   (leaf[1] & CPU_LEAF7_EBX_AVX512) == CPU_LEAF7_EBX_AVX512 &&
                   (leaf[2] & CPU_LEAF7_ECX_AVX512) == CPU_LEAF7_ECX_AVX512;
    return found;
}

#elif TW_X86_64

#include <cpuid.h>

TW_INLINE int cpu_family(void)
{
    unsigned a = 0, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    return (int)((a >> 8 & 0xf) + (a >> 20 & 0xff)); /* added when the first is 0xf, as on Zen */
}

/* The builtins also ask the system (XCR0) whether it saves the wide registers. */
TW_INLINE CpuFeatures cpu_features(void)
{
    CpuFeatures found;
    __builtin_cpu_init();
    found.bmi2 = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                 __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    found.slow_pext = __builtin_cpu_is("amd") && cpu_family() < 0x19;
    found.avx512 = found.bmi2 && __builtin_cpu_supports("avx512f") &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
                   __builtin_cpu_supports("avx512vbmi2");
    return found;
}

#else

TW_INLINE CpuFeatures cpu_features(void)
{
    CpuFeatures none = {false, false, false};
    return none;
}

#endif

#endif
