/* FlexBuffers: values that carry their types, every offset leading back to what was written before.
 * Source: google/flatbuffers docs/source/internals.md, "FlexBuffers"; numbers of the types from
 * include/flatbuffers/flexbuffers.h, enum Type. */
#ifndef TENSORWIRE_FLEX_H
#define TENSORWIRE_FLEX_H

#include "le.h"
#include "platform.h"

enum {
    FLEX_NULL,
    FLEX_INT,
    FLEX_UINT,
    FLEX_FLOAT,
    FLEX_KEY, /* from here on, but for FLEX_BOOL, the value is an offset */
    FLEX_STRING,
    FLEX_INDIRECT_INT,
    FLEX_INDIRECT_UINT,
    FLEX_INDIRECT_FLOAT,
    FLEX_MAP,
    FLEX_VECTOR,
    FLEX_VECTOR_INT, /* four typed vectors, in the order of the elements' own types */
    FLEX_VECTOR_UINT,
    FLEX_VECTOR_FLOAT,
    FLEX_VECTOR_KEY,
    FLEX_VECTOR_STRING, /* deprecated: nothing tells the width of the strings' sizes */
    FLEX_TUPLE_FIRST,   /* 2, 3, 4 elements of FLEX_INT, FLEX_UINT, FLEX_FLOAT: no size is stored */
    FLEX_TUPLE_LAST = FLEX_TUPLE_FIRST + 8,
    FLEX_BLOB,
    FLEX_BOOL,
    FLEX_VECTOR_BOOL = 36
};

#define FLEX_SMALLEST 3   /* a root of one byte, its type, its width */
#define FLEX_MAP_PREFIX 3  /* words before a map: where its keys are, their width, the size */

/* A writer reaches a value by one offset, or by few; what it shares on purpose (ReuseValue) adds
 * to that. Files made to be read in exponential time need more than any constant. */
#define FLEX_WORK 4        /* values and bytes read, for each byte of the buffer */
#define FLEX_WORK_LEAST 4096

typedef enum {
    FLEX_FINE = 0,
    FLEX_SHORT,       /* fewer bytes than any buffer has */
    FLEX_BAD_WIDTH,   /* a width that is none of 1, 2, 4, 8 */
    FLEX_BAD_TYPE,    /* a type that does not exist */
    FLEX_BEFORE,      /* an offset that leads to before the first byte */
    FLEX_PAST,        /* a value that ends behind the last byte */
    FLEX_NO_SIZE,     /* a size, or what else is before a value, that begins before the first byte */
    FLEX_OPEN_KEY,    /* a key without a zero behind it */
    FLEX_OPEN_STRING, /* a string without one */
    FLEX_FLOAT_WIDTH, /* a number of 1 or 2 bytes that should be a float */
    FLEX_KEY_COUNT,   /* a map of which not every value has a key */
    FLEX_DEEP,        /* nested deeper than the limit */
    FLEX_BUSY,        /* parts that are shared so often that reading all of them would not end */
    FLEX_REASONS
} FlexReason;

/* `at`: first byte of what is wrong; the numbers are those the text of the reason takes. */
typedef struct {
    FlexReason reason;
    size_t at;
    uint64_t wanted;
    uint64_t found;
} FlexFault;

static inline const char *flex_text(FlexReason reason)
{
    static const char *const texts[FLEX_REASONS] = {
        [FLEX_FINE] = "no fault",
        [FLEX_SHORT] = "a FlexBuffer has at least {} bytes, this has {}",
        [FLEX_BAD_WIDTH] = "width of {1} bytes; 1, 2, 4 and 8 exist",
        [FLEX_BAD_TYPE] = "type {1} does not exist",
        [FLEX_BEFORE] = "offset leads {} bytes back, {} are there",
        [FLEX_PAST] = "value runs past the end: {} items or bytes promised, room for {}",
        [FLEX_NO_SIZE] = "{} bytes are needed before the value, {} are there",
        [FLEX_OPEN_KEY] = "key has no end",
        [FLEX_OPEN_STRING] = "string of {1} bytes has no zero behind it",
        [FLEX_FLOAT_WIDTH] = "float of {1} bytes; 4 and 8 exist",
        [FLEX_KEY_COUNT] = "map of {} values has {} keys",
        [FLEX_DEEP] = "nested deeper than {} levels",
        [FLEX_BUSY] = "more than {} values and bytes to read, those that are shared are counted anew",
    };
    return texts[reason];
}

/* One reading of [base, base + size). `work`: what may still be read; `allowed`: at the beginning. */
typedef struct {
    const uint8_t *base;
    size_t size;
    uint64_t work;
    uint64_t allowed;
    FlexFault fault;
} FlexReading;

/* A value of `type` in the `parent` bytes at `at`; `width` is that of what it leads to, if it does.
 * Holds: parent <= size - at, and both widths are 1, 2, 4 or 8. */
typedef struct {
    size_t at;
    uint8_t parent;
    uint8_t width;
    uint8_t type;
} FlexRef;

/* Always -1. */
static inline int flex_fail(FlexReading *reading, FlexReason reason, size_t at, uint64_t wanted,
                            uint64_t found)
{
    reading->fault = (FlexFault){reason, at, wanted, found};
    return -1;
}

/* REQUIRES, of the four: `width` readable bytes at `at`. */
TW_INLINE uint64_t flex_uint(const uint8_t *at, unsigned width)
{
    switch (width) {
    case 1: return *at;
    case 2: return le_load16(at);
    case 4: return le_load32(at);
    default: return le_load64(at);
    }
}

TW_INLINE int64_t flex_int(const uint8_t *at, unsigned width)
{
    switch (width) {
    case 1: return (int8_t)*at;
    case 2: return (int16_t)le_load16(at);
    case 4: return (int32_t)le_load32(at);
    default: return (int64_t)le_load64(at);
    }
}

/* REQUIRES: width 4 or 8. */
TW_INLINE double flex_float(const uint8_t *at, unsigned width)
{
    return width == 4 ? (double)le_load_float(at) : le_load_double(at);
}

TW_INLINE bool flex_is_width(uint64_t width)
{
    return width == 1 || width == 2 || width == 4 || width == 8;
}

static inline bool flex_is_type(uint8_t type)
{
    return type <= FLEX_BOOL || type == FLEX_VECTOR_BOOL;
}

static inline void flex_begin(FlexReading *reading, const uint8_t *base, size_t size)
{
    reading->base = base;
    reading->size = size;
    reading->allowed = (uint64_t)size > UINT64_MAX / (2 * FLEX_WORK)
                           ? UINT64_MAX
                           : (uint64_t)size * FLEX_WORK + FLEX_WORK_LEAST;
    reading->work = reading->allowed;
    reading->fault = (FlexFault){FLEX_FINE, 0, 0, 0};
}

/* Takes `units` from the work that is allowed, before it is done. */
TW_INLINE int flex_spend(FlexReading *reading, size_t at, uint64_t units)
{
    if (units > reading->work)
        return flex_fail(reading, FLEX_BUSY, at, reading->allowed, 0);
    reading->work -= units;
    return 0;
}

/* REQUIRES: of `parent` bytes at `at` all are inside. */
static inline int flex_ref(FlexReading *reading, size_t at, uint8_t parent, uint8_t packed,
                           FlexRef *ref)
{
    ref->at = at;
    ref->parent = parent;
    ref->width = (uint8_t)(1u << (packed & 3));
    ref->type = packed >> 2;
    if (!flex_is_type(ref->type)) return flex_fail(reading, FLEX_BAD_TYPE, at, 0, ref->type);
    return 0;
}

static inline int flex_root(FlexReading *reading, FlexRef *ref)
{
    size_t size = reading->size;
    if (size < FLEX_SMALLEST)
        return flex_fail(reading, FLEX_SHORT, 0, FLEX_SMALLEST, size);
    uint8_t width = reading->base[size - 1];
    if (!flex_is_width(width)) return flex_fail(reading, FLEX_BAD_WIDTH, size - 1, 0, width);
    if (width > size - 2) return flex_fail(reading, FLEX_NO_SIZE, size - 2, width, size - 2);
    return flex_ref(reading, size - 2 - width, width, reading->base[size - 2], ref);
}

/* Where the value of `width` bytes at `at` leads. REQUIRES: they are inside. */
static inline int flex_target(FlexReading *reading, size_t at, unsigned width, size_t *target)
{
    uint64_t back = flex_uint(reading->base + at, width);
    if (back > at) return flex_fail(reading, FLEX_BEFORE, at, back, at);
    *target = at - (size_t)back;
    return 0;
}

/* Whether `count` items of `width` bytes are at `at`. REQUIRES: at <= size, width > 0. */
static inline int flex_hold(FlexReading *reading, size_t at, uint64_t count, size_t width)
{
    size_t room = (reading->size - at) / width; /* divided, not multiplied: nothing wraps */
    if (count > room) return flex_fail(reading, FLEX_PAST, at, count, room);
    return 0;
}

/* The size stored before `at`, of items of `item` bytes that are all inside. REQUIRES: at < size. */
static inline int flex_sized(FlexReading *reading, size_t at, unsigned width, size_t item,
                             size_t *count)
{
    if (at < width) return flex_fail(reading, FLEX_NO_SIZE, at, width, at);
    uint64_t stored = flex_uint(reading->base + at - width, width);
    if (flex_hold(reading, at, stored, item) < 0) return -1;
    *count = (size_t)stored;
    return 0;
}

/* The bytes of a key, without the zero. REQUIRES: at < size. */
static inline int flex_key(FlexReading *reading, size_t at, size_t *nbytes)
{
    const uint8_t *from = reading->base + at;
    const uint8_t *zero = (const uint8_t *)memchr(from, 0, reading->size - at);
    if (zero == NULL) return flex_fail(reading, FLEX_OPEN_KEY, at, 0, 0);
    *nbytes = (size_t)(zero - from);
    return 0;
}

/* The bytes of a string, which a zero follows. REQUIRES: at < size. */
static inline int flex_string(FlexReading *reading, size_t at, unsigned width, size_t *nbytes)
{
    if (flex_sized(reading, at, width, 1, nbytes) < 0) return -1;
    if (*nbytes == reading->size - at || reading->base[at + *nbytes] != 0)
        return flex_fail(reading, FLEX_OPEN_STRING, at, 0, *nbytes);
    return 0;
}

/* Of the map at `at`: where its keys are, how wide an offset to one is, and that there are `count`.
 * REQUIRES: at < size; width is 1, 2, 4 or 8. */
static inline int flex_keys(FlexReading *reading, size_t at, unsigned width, size_t count,
                            size_t *keys, unsigned *key_width)
{
    size_t prefix = FLEX_MAP_PREFIX * (size_t)width, found;
    if (at < prefix) return flex_fail(reading, FLEX_NO_SIZE, at, prefix, at);
    size_t words = at - prefix;
    if (flex_target(reading, words, width, keys) < 0) return -1;
    uint64_t stored = flex_uint(reading->base + words + width, width);
    if (!flex_is_width(stored)) return flex_fail(reading, FLEX_BAD_WIDTH, words + width, 0, stored);
    *key_width = (unsigned)stored;
    if (flex_sized(reading, *keys, *key_width, *key_width, &found) < 0) return -1;
    if (found != count) return flex_fail(reading, FLEX_KEY_COUNT, at, count, found);
    return 0;
}

/* Type of the elements of a typed vector or tuple; FLEX_NULL for every other type. */
static inline uint8_t flex_element(uint8_t type)
{
    if (type >= FLEX_TUPLE_FIRST && type <= FLEX_TUPLE_LAST)
        return (uint8_t)(FLEX_INT + (type - FLEX_TUPLE_FIRST) % 3);
    if (type == FLEX_VECTOR_STRING) return FLEX_KEY; /* read up to its zero */
    if (type >= FLEX_VECTOR_INT && type <= FLEX_VECTOR_KEY)
        return (uint8_t)(FLEX_INT + (type - FLEX_VECTOR_INT));
    return type == FLEX_VECTOR_BOOL ? FLEX_BOOL : FLEX_NULL;
}

/* Elements of a typed vector or tuple at `at`, all of them inside. REQUIRES: at < size. */
static inline int flex_elements(FlexReading *reading, size_t at, uint8_t type, unsigned width,
                                size_t *count)
{
    if (type < FLEX_TUPLE_FIRST || type > FLEX_TUPLE_LAST)
        return flex_sized(reading, at, width, width, count);
    *count = 2 + (size_t)(type - FLEX_TUPLE_FIRST) / 3;
    return flex_hold(reading, at, *count, width);
}

/* REQUIRES: the value at `at` of `width` bytes is inside. */
static inline int flex_float_width(FlexReading *reading, size_t at, unsigned width)
{
    return width < 4 ? flex_fail(reading, FLEX_FLOAT_WIDTH, at, 0, width) : 0;
}

#endif
