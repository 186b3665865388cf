/* Runs of packed varints: the kernels, and what may be asked of one. */
#ifndef TENSORWIRE_VARINT_BULK_H
#define TENSORWIRE_VARINT_BULK_H

#include "fault.h"
#include "varint_avx512.h"
#include "varint_bmi2.h"
#include "varint_scalar.h"

/* All kernels give the same values, verdicts and positions; tests/kernels compares them.
 * `count`     stops at the run's end, or at the first byte of a bad value.
 * `decode`    stops at the run's end, when no room is left, or at a bad value.
 * `canonical` REQUIRES nothing: of an unsound run it says false. */
typedef struct {
    const char *name;
    VarintStop (*count)(VarintCount *count);
    VarintStop (*decode)(VarintCursor *run, VarintForm form);
    bool (*canonical)(const uint8_t *at, const uint8_t *end, VarintKind kind);
} VarintKernel;

#define VARINT_KERNELS 3

/* Kernel number `i` of VARINT_KERNELS, slowest first; NULL if this processor cannot run it. */
static inline const VarintKernel *varint_kernel_at(int i)
{
    static const VarintKernel scalar = {
        "scalar", varint_scalar_count, varint_scalar_decode, varint_scalar_canonical};
    if (i == 0) return &scalar;
#if TW_X86_64
    static const VarintKernel bmi2 = {
        "bmi2", varint_bmi2_count, varint_bmi2_decode, varint_bmi2_canonical};
    static const VarintKernel avx512 = {
        "avx512", varint_avx512_count, varint_avx512_decode, varint_avx512_canonical};
    CpuFeatures found = cpu_features();
    if (i == 1 && found.bmi2) return &bmi2;
    if (i == 2 && found.avx512) return &avx512;
#endif
    return NULL;
}

/* The fastest kernel for this processor. */
static inline const VarintKernel *varint_kernel_best(void)
{
    if (cpu_features().slow_pext) return varint_kernel_at(0);
    for (int i = VARINT_KERNELS; i-- > 0;) {
        const VarintKernel *kernel = varint_kernel_at(i);
        if (kernel) return kernel;
    }
    return varint_kernel_at(0);
}

/* Fills `fault` for the value at `offset`. Nobody knows the length of a cut value: where it is cut,
 * its continuation bit promises one byte at least, and none is there. */
static inline int varint_run_fault(VarintStop stop, size_t offset, Fault *fault)
{
    return fault_set(fault, stop == VARINT_LONG ? FAULT_OVERLONG : FAULT_TRUNCATED, offset, 1, 0);
}

/* Number of values in [at, end), every one of them checked. 0, or -1 and a filled `fault`, whose
 * offset is `origin` and the distance from `at` to the bad value's first byte. */
static inline int varint_run_count(const VarintKernel *kernel, const uint8_t *at,
                                   const uint8_t *end, size_t origin, size_t *values, Fault *fault)
{
    VarintCount count = {at, end, 0};
    VarintStop stop = kernel->count(&count);
    *values = count.values;
    if (stop == VARINT_DONE) return 0;
    return varint_run_fault(stop, origin + (size_t)(count.at - at), fault);
}

/* Decodes [at, end) into `values` items of `kind` at `out`; 0, or -1 and a filled `fault`.
 * REQUIRES: room for `values` items, and that varint_run_count() gave that number. If the bytes
 * have changed since, other values come out or the run is reported cut; no store is outside. */
static inline int varint_run_decode(const VarintKernel *kernel, const uint8_t *at,
                                    const uint8_t *end, size_t origin, VarintKind kind,
                                    uint8_t *out, size_t values, Fault *fault)
{
    VarintCursor run = {at, end, out, values};
    VarintStop stop = kernel->decode(&run, varint_form(kind));
    if (stop == VARINT_DONE && run.at == end && run.left == 0) return 0;
    return varint_run_fault(stop, origin + (size_t)(run.at - at), fault);
}

/* Whether our encoder would write the run just so: each value sound, shortest, within `kind`. */
static inline bool varint_run_canonical(const VarintKernel *kernel, const uint8_t *at,
                                        const uint8_t *end, VarintKind kind)
{
    return kernel->canonical(at, end, kind);
}

#endif
