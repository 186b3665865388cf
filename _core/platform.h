/* Every difference between compilers, processors and systems that the leaf headers meet.
 * File mapping and positioned reads have a header of their own, platform_file.h. */
#ifndef TENSORWIRE_PLATFORM_H
#define TENSORWIRE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* With the assembler's syntax of gcc and clang, which the CRC instructions are reached by. */
#if defined(__aarch64__) && !TW_MSVC
#define TW_ARM64 1
#else
#define TW_ARM64 0
#endif

#if TW_MSVC
#define TW_LIKELY(condition) (condition)
#define TW_UNLIKELY(condition) (condition)
#define TW_INLINE static __forceinline
#define TW_NOINLINE static __declspec(noinline)
#define TW_TARGET(features) /* MSVC emits any intrinsic in any function */
#define TW_UNREACHABLE __assume(0)
#define TW_PREFETCH(at) ((void)(at))
#else
#define TW_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define TW_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define TW_INLINE static inline __attribute__((always_inline))
#define TW_NOINLINE static __attribute__((noinline, unused))
#define TW_TARGET(features) __attribute__((target(features)))
#define TW_UNREACHABLE __builtin_unreachable()
#define TW_PREFETCH(at) __builtin_prefetch(at)
#endif

/* Keeps the compiler from turning the branch around it into a conditional move, which would wait
 * for the data that a predicted branch does not. */
#if TW_MSVC
#define TW_KEEP_BRANCH _ReadWriteBarrier()
#else
#define TW_KEEP_BRANCH __asm__ volatile("")
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
    bool bmi2;      /* BMI1, BMI2, AVX2 and popcnt */
    bool slow_pext; /* AMD before family 19h (Zen 3): pext is microcode, one bit after another */
    bool avx512;    /* the above, and AVX-512 F, BW, DQ, VL, VBMI and VBMI2 */
    bool crc32c;    /* the instruction for CRC-32C: SSE4.2, or the CRC extension of ARMv8 */
} CpuFeatures;

#if TW_X86_64

#if !TW_MSVC
#include <cpuid.h>
#endif

typedef struct {
    uint32_t a, b, c, d;
} CpuLeaf;

/* Not __builtin_cpu_supports(): its table comes from the compiler's runtime library, and that of
 * `zig cc`, which builds our wheels, leaves it empty (measured: every feature absent). */
TW_INLINE CpuLeaf cpu_leaf(uint32_t number)
{
    CpuLeaf leaf;
#if TW_MSVC
    int found[4];
    __cpuidex(found, (int)number, 0);
    memcpy(&leaf, found, sizeof leaf);
#else
    __cpuid_count(number, 0, leaf.a, leaf.b, leaf.c, leaf.d);
#endif
    return leaf;
}

/* XCR0: which registers the system saves. REQUIRES: leaf 1 has ECX bit 27. */
TW_INLINE uint64_t cpu_saved(void)
{
#if TW_MSVC
    return _xgetbv(0);
#else
    uint32_t low, high; /* the intrinsic would need a target attribute */
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
#endif
}

/* Intel SDM volume 2, CPUID. Leaf 1, ECX: SSE4.2; popcnt, and whether XCR0 may be read. Leaf 7,
 * EBX: BMI1, AVX2, BMI2; AVX-512 F, DQ, BW, VL; ECX: VBMI, VBMI2. */
#define CPU_ECX1_SSE42 (UINT32_C(1) << 20)
#define CPU_ECX1 (UINT32_C(1) << 23 | UINT32_C(1) << 27)
#define CPU_EBX7_BMI2 (UINT32_C(1) << 3 | UINT32_C(1) << 5 | UINT32_C(1) << 8)
#define CPU_EBX7_AVX512 \
    (UINT32_C(1) << 16 | UINT32_C(1) << 17 | UINT32_C(1) << 30 | UINT32_C(1) << 31)
#define CPU_ECX7_AVX512 (UINT32_C(1) << 1 | UINT32_C(1) << 6)
/* SDM volume 1, 13.3: SSE and AVX; with them opmask, upper halves and upper registers. */
#define CPU_SAVED_AVX UINT64_C(0x06)
#define CPU_SAVED_AVX512 UINT64_C(0xe6)

TW_INLINE bool cpu_has(uint64_t found, uint64_t wanted)
{
    return (found & wanted) == wanted;
}

/* AMD64 manual volume 3, CPUID Fn0000_0001_EAX: the two fields add up where the first is 0xf. */
TW_INLINE bool cpu_slow_pext(CpuLeaf vendor, CpuLeaf first)
{
    bool amd = vendor.b == 0x68747541; /* "Auth", of AuthenticAMD */
    return amd && (first.a >> 8 & 0xf) + (first.a >> 20 & 0xff) < 0x19;
}

static inline CpuFeatures cpu_features(void)
{
    CpuFeatures found = {false, false, false, false};
    CpuLeaf vendor = cpu_leaf(0);
    if (vendor.a < 7) return found;
    CpuLeaf first = cpu_leaf(1), seventh = cpu_leaf(7);
    found.crc32c = cpu_has(first.c, CPU_ECX1_SSE42);
    found.slow_pext = cpu_slow_pext(vendor, first);
    if (!cpu_has(first.c, CPU_ECX1)) return found;
    uint64_t saved = cpu_saved();
    found.bmi2 = cpu_has(seventh.b, CPU_EBX7_BMI2) && cpu_has(saved, CPU_SAVED_AVX);
    found.avx512 = found.bmi2 && cpu_has(seventh.b, CPU_EBX7_AVX512) &&
                   cpu_has(seventh.c, CPU_ECX7_AVX512) && cpu_has(saved, CPU_SAVED_AVX512);
    return found;
}

#else

#if TW_ARM64 && defined(__linux__)
#include <sys/auxv.h>
/* Linux, arch/arm64/include/uapi/asm/hwcap.h: HWCAP_CRC32. */
#define CPU_HWCAP_CRC32 (1UL << 7)
#endif

static inline CpuFeatures cpu_features(void)
{
    CpuFeatures found = {false, false, false, false};
#if TW_ARM64 && defined(__linux__)
    found.crc32c = (getauxval(AT_HWCAP) & CPU_HWCAP_CRC32) != 0;
#elif TW_ARM64 && defined(__APPLE__)
    found.crc32c = true; /* every 64-bit processor of theirs that runs macOS is ARMv8.4 or later */
#endif
    return found;
}

#endif

#endif
