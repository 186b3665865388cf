/* Items of messages, read without a plan: skipped, or their packed numbers laid into a store. */
#ifndef TENSORWIRE_TF_ITEMS_H
#define TENSORWIRE_TF_ITEMS_H

#include "tag.h"
#include "tf_store.h"
#include "varint_bulk.h"

/* Nested groups, as upstream's and TensorFlow's limit (measured on TensorFlow 2.21). */
#define TF_GROUPS_MAX 100
/* Packed runs from this length on go through the bulk kernels. */
#define TF_KERNEL_BYTES 32

/* What every reading function here knows. */
typedef struct {
    const uint8_t *base;        /* of the record: offsets of faults count from here */
    const VarintKernel *kernel;
    Fault *fault;
} TfReading;

static inline const uint8_t *tf_fault(const TfReading *reading, FaultReason reason,
                                      const uint8_t *item, uint64_t wanted, uint64_t found)
{
    fault_set(reading->fault, reason, (size_t)(item - reading->base), wanted, found);
    return NULL;
}

/* Reads the tag of the item at `item`. First byte behind it; NULL and a fault.
 * REQUIRES: item < stop. */
TW_INLINE const uint8_t *tf_tag(const TfReading *reading, const uint8_t *item, const uint8_t *stop,
                                uint32_t *tag)
{
    int used = tag_decode(item, stop, tag);
    if (TW_UNLIKELY(used <= 0)) {
        tag_fault(reading->base, item, used, reading->fault);
        return NULL;
    }
    if (TW_UNLIKELY(*tag < 8)) return tf_fault(reading, FAULT_BAD_FIELD, item, 0, 0);
    return item + used;
}

/* The range behind a length at `at`. 0, or -1 and a fault. */
TW_INLINE int tf_length(const TfReading *reading, const uint8_t *item, const uint8_t *at,
                        const uint8_t *stop, const uint8_t **start, size_t *length)
{
    uint8_t size = at != stop ? *at : 0xff; /* looked at once: bytes may change meanwhile */
    if (TW_LIKELY(size < 0x80 && size <= (size_t)(stop - at) - 1)) {
        *length = size; /* one byte of length, whose payload is there */
        *start = at + 1;
        return 0;
    }
    return length_decode(reading->base, item, at, stop, start, length, reading->fault);
}

TW_INLINE const uint8_t *tf_varint(const TfReading *reading, const uint8_t *item,
                                   const uint8_t *at, const uint8_t *stop, uint64_t *value)
{
    int used = varint_decode(at, stop, value);
    if (TW_LIKELY(used > 0)) return at + used;
    varint_fault((size_t)(item - reading->base), used, reading->fault);
    return NULL;
}

/* First byte behind the payload of an item that is no group; NULL and a fault. */
TW_INLINE const uint8_t *tf_skip_plain(const TfReading *reading, const uint8_t *item, uint32_t tag,
                                       const uint8_t *at, const uint8_t *stop)
{
    const uint8_t *start;
    size_t length;
    uint64_t value;
    switch (tag & 7) {
    case WIRE_VARINT: return tf_varint(reading, item, at, stop, &value);
    case WIRE_LEN:
        return tf_length(reading, item, at, stop, &start, &length) < 0 ? NULL : start + length;
    case WIRE_FIXED32:
    case WIRE_FIXED64:
        length = wire_width(tag & 7);
        if (TW_UNLIKELY(length > (size_t)(stop - at)))
            return tf_fault(reading, FAULT_TRUNCATED, item, length, (uint64_t)(stop - at));
        return at + length;
    default: return tf_fault(reading, FAULT_BAD_WIRE, item, tag & 7, 0);
    }
}

/* First byte behind a group, whose start tag is `tag` and ends before `at`; NULL and a fault. */
TW_NOINLINE const uint8_t *tf_skip_group(const TfReading *reading, const uint8_t *item,
                                         uint32_t tag, const uint8_t *at, const uint8_t *stop)
{
    uint32_t open[TF_GROUPS_MAX];
    size_t depth = 1;
    open[0] = tag + 1; /* WIRE_END is WIRE_START + 1 */
    while (at != stop) { /* progress: a tag is at least one byte */
        item = at;
        at = tf_tag(reading, item, stop, &tag);
        if (at == NULL) return NULL;
        if ((tag & 7) == WIRE_START) {
            if (depth == TF_GROUPS_MAX)
                return tf_fault(reading, FAULT_TOO_DEEP, item, TF_GROUPS_MAX, 0);
            open[depth++] = tag + 1;
        } else if ((tag & 7) == WIRE_END) {
            if (tag != open[depth - 1]) return tf_fault(reading, FAULT_LONE_END, item, tag >> 3, 0);
            if (--depth == 0) return at;
        } else {
            at = tf_skip_plain(reading, item, tag, at, stop);
            if (at == NULL) return NULL;
        }
    }
    return tf_fault(reading, FAULT_OPEN_GROUP, item, open[depth - 1] >> 3, 0);
}

/* First byte behind any item, whose tag ends before `at`; NULL and a fault. */
TW_INLINE const uint8_t *tf_skip(const TfReading *reading, const uint8_t *item, uint32_t tag,
                                 const uint8_t *at, const uint8_t *stop)
{
    if (TW_UNLIKELY((tag & 7) == WIRE_START)) return tf_skip_group(reading, item, tag, at, stop);
    if (TW_UNLIKELY((tag & 7) == WIRE_END))
        return tf_fault(reading, FAULT_LONE_END, item, tag >> 3, 0);
    return tf_skip_plain(reading, item, tag, at, stop);
}

/* How a number on the wire is laid into memory: forms of varints, then of fixed widths. */
enum {
    TF_WORD64,        /* uint64, int64 */
    TF_ZIGZAG64,
    TF_WORD32,        /* uint32, int32, enum in 4 bytes */
    TF_ZIGZAG32,
    TF_BOOL,
    TF_SIGNED_WIDE,   /* int32 in 8 bytes */
    TF_UNSIGNED_WIDE, /* uint32 in 8 bytes */
    TF_ZIGZAG_WIDE,   /* sint32 in 8 bytes */
    TF_FIXED32,       /* the bytes as they are */
    TF_FIXED64,
    TF_FIXED32_SIGNED_WIDE,
    TF_FIXED32_UNSIGNED_WIDE,
    TF_FLOAT_WIDE,    /* float in a double */
    TF_SPAN,
    TF_GROUP
};

TW_INLINE int32_t tf_unzigzag32(uint64_t value)
{
    uint32_t low = (uint32_t)value;
    return (int32_t)(low >> 1 ^ (0 - (low & 1)));
}

/* Bits beyond what the declared type has are dropped, as upstream drops them. */
TW_INLINE void tf_put_varint(uint8_t *out, uint8_t form, uint64_t value)
{
    uint32_t low = (uint32_t)value;
    switch (form) {
    case TF_WORD64: le_store64(out, value); break;
    case TF_ZIGZAG64: le_store64(out, value >> 1 ^ (0 - (value & 1))); break;
    case TF_WORD32: le_store32(out, low); break;
    case TF_ZIGZAG32: le_store32(out, (uint32_t)tf_unzigzag32(value)); break;
    case TF_BOOL: *out = value != 0; break;
    case TF_SIGNED_WIDE: le_store64(out, (uint64_t)(int64_t)(int32_t)low); break;
    case TF_UNSIGNED_WIDE: le_store64(out, low); break;
    default: le_store64(out, (uint64_t)(int64_t)tf_unzigzag32(value)); break;
    }
}

/* REQUIRES: as many readable bytes at `at` as the form has on the wire. */
TW_INLINE void tf_put_fixed(uint8_t *out, uint8_t form, const uint8_t *at)
{
    switch (form) {
    case TF_FIXED32: le_store32(out, le_load32(at)); break;
    case TF_FIXED64: le_store64(out, le_load64(at)); break;
    case TF_FIXED32_SIGNED_WIDE:
        le_store64(out, (uint64_t)(int64_t)(int32_t)le_load32(at));
        break;
    case TF_FIXED32_UNSIGNED_WIDE: le_store64(out, le_load32(at)); break;
    default: le_store_double(out, (double)le_load_float(at)); break;
    }
}

/* Bytes of a number in memory. */
TW_INLINE size_t tf_form_width(uint8_t form)
{
    if (form == TF_SPAN || form == TF_GROUP) return sizeof(TfSpan);
    if (form == TF_BOOL) return 1;
    return form == TF_WORD32 || form == TF_ZIGZAG32 || form == TF_FIXED32 ? 4 : 8;
}

TW_INLINE bool tf_form_is_varint(uint8_t form) { return form <= TF_ZIGZAG_WIDE; }

/* Bytes of a number of fixed width on the wire. REQUIRES: a form of those. */
TW_INLINE size_t tf_form_wire_width(uint8_t form) { return form == TF_FIXED64 ? 8 : 4; }

static inline VarintKind tf_form_kind(uint8_t form)
{
    switch (form) {
    case TF_ZIGZAG64: return VARINT_SINT64;
    case TF_WORD32: return VARINT_INT32;
    case TF_ZIGZAG32: return VARINT_SINT32;
    case TF_BOOL: return VARINT_BOOL;
    default: return VARINT_UINT64; /* the wide forms are narrowed afterwards */
    }
}

/* A long run through the bulk kernels. How many values, or -1 and a fault. */
TW_NOINLINE int64_t tf_varints_bulk(const TfReading *reading, TfStore *store, uint8_t form,
                                    const uint8_t *at, const uint8_t *stop)
{
    size_t count, width = tf_form_width(form), origin = (size_t)(at - reading->base);
    if (varint_run_count(reading->kernel, at, stop, origin, &count, reading->fault) < 0) return -1;
    uint8_t *out = tf_store_room(store, count * width); /* count <= bytes of the run: no wrap */
    if (out == NULL) return fault_set(reading->fault, FAULT_NO_MEMORY, origin, 0, 0);
    if (varint_run_decode(reading->kernel, at, stop, origin, tf_form_kind(form), out, count,
                          reading->fault) < 0)
        return -1;
    if (form >= TF_SIGNED_WIDE)
        for (size_t i = 0; i < count; i++) tf_put_varint(out + 8 * i, form, le_load64(out + 8 * i));
    tf_store_keep(store, count * width);
    return (int64_t)count;
}

/* A short run in the wide forms, value by value. REQUIRES: room for as many values as bytes. */
static inline const uint8_t *tf_varints_wide(const TfReading *reading, uint8_t form,
                                             const uint8_t *at, const uint8_t *stop, uint8_t **out)
{
    while (at != stop) { /* progress: a value is at least one byte */
        uint64_t value;
        at = tf_varint(reading, at, at, stop, &value);
        if (at == NULL) return NULL;
        tf_put_varint(*out, form, value);
        *out += 8;
    }
    return at;
}

/* Appends a packed run of varints. How many values, or -1 and a fault. */
TW_INLINE int64_t tf_varints(const TfReading *reading, TfStore *store, uint8_t form,
                             const uint8_t *at, const uint8_t *stop)
{
    size_t width = tf_form_width(form), length = (size_t)(stop - at);
    if (length >= TF_KERNEL_BYTES) return tf_varints_bulk(reading, store, form, at, stop);
    uint8_t *first = tf_store_room(store, length * width), *out = first;
    if (first == NULL)
        return fault_set(reading->fault, FAULT_NO_MEMORY, (size_t)(at - reading->base), 0, 0);
    if (form >= TF_SIGNED_WIDE) {
        if (tf_varints_wide(reading, form, at, stop, &out) == NULL) return -1;
    } else {
        VarintCursor run = {at, stop, first, length}; /* no more values than bytes */
        VarintStop why = varint_scalar_decode(&run, varint_form(tf_form_kind(form)));
        if (TW_UNLIKELY(why != VARINT_DONE))
            return varint_run_fault(why, (size_t)(run.at - reading->base), reading->fault);
        out = run.out;
    }
    tf_store_keep(store, (size_t)(out - first));
    return (int64_t)((size_t)(out - first) / width);
}

/* Appends a packed run of numbers of fixed width. How many values, or -1 and a fault. */
TW_INLINE int64_t tf_fixed_run(const TfReading *reading, TfStore *store, uint8_t form,
                               const uint8_t *item, const uint8_t *at, size_t length)
{
    size_t wire = tf_form_wire_width(form), width = tf_form_width(form), count = length / wire;
    size_t offset = (size_t)(item - reading->base);
    if (TW_UNLIKELY(count * wire != length))
        return fault_set(reading->fault, FAULT_PACKED_WIDTH, offset, wire, length);
    uint8_t *out = tf_store_room(store, count * width); /* at most twice the bytes of the run */
    if (out == NULL) return fault_set(reading->fault, FAULT_NO_MEMORY, offset, 0, 0);
    if (wire == width) {
        if (length) memcpy(out, at, length);
    } else {
        for (size_t i = 0; i < count; i++) tf_put_fixed(out + width * i, form, at + wire * i);
    }
    tf_store_keep(store, count * width);
    return (int64_t)count;
}

#endif
