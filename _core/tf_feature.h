/* The values of one feature of tf.train.Example, and how it is found by its key.
 * Source: tensorflow/core/example/feature.proto. */
#ifndef TENSORWIRE_TF_FEATURE_H
#define TENSORWIRE_TF_FEATURE_H

#include "tf_items.h"

/* Numbers of the fields of Feature: oneof kind. 0: none is set. */
enum { EXAMPLE_BYTES = 1, EXAMPLE_FLOAT = 2, EXAMPLE_INT64 = 3 };

/* Why a record was refused, besides a fault of its bytes. */
enum { EXAMPLE_OK = 0, EXAMPLE_FAULT, EXAMPLE_KIND, EXAMPLE_COUNT, EXAMPLE_MISSING };

/* No number of values is demanded. */
#define EXAMPLE_ANY SIZE_MAX

/* What was asked for, and what was found so far. */
typedef struct {
    const uint8_t *key;
    size_t key_size;
    uint64_t hash;
    uint8_t kind;
    uint8_t required;     /* it must be in every record */
    size_t count;         /* of values in a record, or in a step of a sequence; or EXAMPLE_ANY */
    const uint8_t *fallback; /* values where there are none; NULL: nothing. For `count` of them */
    TfStore values;
    TfStore lengths;      /* int64: values of each record, or of each step */
    TfStore steps;        /* int64: steps of each record; of sequences */
    /* The entry of the open record, the last of its key. */
    uint64_t row;         /* that it was seen in, and 1 */
    const uint8_t *at;
    const uint8_t *stop;
    uint8_t whole;        /* it is an entry whose values must be looked for; else it is the value */
} ExampleFeature;

/* The features of one map: of an Example, of a context, or of feature lists. */
typedef struct {
    ExampleFeature *features;
    uint32_t count;
    uint16_t *slots;      /* by hash: position in `features` + 1, 0: none */
    uint32_t mask;
} ExampleMap;

typedef struct {
    TfReading reading;
    uint64_t origin;      /* address of the record's first byte, for spans that are numbers */
    uint64_t row;
    uint8_t addresses;    /* spans are addresses, not pointers */
    ExampleMap maps[2];   /* features or context; feature lists */
    const ExampleFeature *bad; /* which feature was refused, */
    size_t found;              /* and what was found: a kind or a number of values */
} ExampleWalk;

TW_INLINE ExampleFeature *example_find(const ExampleMap *map, const uint8_t *key, size_t size)
{
    uint64_t hash = tf_hash(key, size);
    /* progress: there are more slots than features, so that one is empty */
    for (uint32_t at = (uint32_t)hash & map->mask;; at = (at + 1) & map->mask) {
        uint16_t place = map->slots[at];
        if (place == 0) return NULL;
        ExampleFeature *feature = &map->features[place - 1];
        if (feature->hash == hash && feature->key_size == size &&
            (size == 0 || memcmp(feature->key, key, size) == 0))
            return feature;
    }
}

/* REQUIRES: every key once; more slots than features, a power of two, all zero. */
static inline void example_map_fill(ExampleMap *map)
{
    for (uint32_t i = 0; i < map->count; i++) {
        ExampleFeature *feature = &map->features[i];
        feature->hash = tf_hash(feature->key, feature->key_size);
        uint32_t at = (uint32_t)feature->hash & map->mask;
        while (map->slots[at]) at = (at + 1) & map->mask; /* progress: one is empty */
        map->slots[at] = (uint16_t)(i + 1);
    }
}

static inline int example_fault(ExampleWalk *walk, FaultReason reason, const uint8_t *item)
{
    fault_set(walk->reading.fault, reason, (size_t)(item - walk->reading.base), 0, 0);
    return EXAMPLE_FAULT;
}

TW_INLINE int example_refuse(ExampleWalk *walk, const ExampleFeature *feature, int why,
                             size_t found)
{
    walk->bad = feature;
    walk->found = found;
    return why;
}

/* Appends one length or number of steps. */
TW_INLINE int example_note(ExampleWalk *walk, TfStore *store, size_t count)
{
    uint8_t *out = tf_store_room(store, 8);
    if (TW_UNLIKELY(out == NULL)) return example_fault(walk, FAULT_NO_MEMORY, walk->reading.base);
    le_store64(out, count);
    tf_store_keep(store, 8);
    return EXAMPLE_OK;
}

/* Bytes of a value in memory. */
TW_INLINE size_t example_width(uint8_t kind)
{
    return kind == EXAMPLE_BYTES ? sizeof(TfSpan) : kind == EXAMPLE_FLOAT ? 4 : 8;
}

TW_INLINE int example_span(ExampleWalk *walk, TfStore *store, const uint8_t *start, size_t length)
{
    uint8_t *out = tf_store_room(store, sizeof(TfSpan));
    if (TW_UNLIKELY(out == NULL)) return example_fault(walk, FAULT_NO_MEMORY, walk->reading.base);
    if (walk->addresses) {
        le_store64(out, walk->origin + (uint64_t)(start - walk->reading.base));
        le_store64(out + 8, length);
    } else {
        TfSpan span = {start, length};
        memcpy(out, &span, sizeof span);
    }
    tf_store_keep(store, sizeof(TfSpan));
    return EXAMPLE_OK;
}

/* The values of a BytesList, FloatList or Int64List: field 1, numbers packed or not. */
TW_INLINE int example_values(ExampleWalk *walk, TfStore *store, uint8_t kind, const uint8_t *at,
                             const uint8_t *stop)
{
    const TfReading *reading = &walk->reading;
    while (at != stop) { /* progress: a tag is at least one byte */
        const uint8_t *item = at, *start;
        uint32_t tag;
        size_t length;
        at = tf_tag(reading, item, stop, &tag);
        if (TW_UNLIKELY(at == NULL)) return EXAMPLE_FAULT;
        if (TW_LIKELY(tag == (1 << 3 | WIRE_LEN))) {
            if (tf_length(reading, item, at, stop, &start, &length) < 0) return EXAMPLE_FAULT;
            at = start + length;
            int64_t done = 0;
            if (kind == EXAMPLE_FLOAT)
                done = tf_fixed_run(reading, store, TF_FIXED32, item, start, length);
            else if (kind == EXAMPLE_INT64)
                done = tf_varints(reading, store, TF_WORD64, start, at);
            else if (example_span(walk, store, start, length))
                return EXAMPLE_FAULT;
            if (TW_UNLIKELY(done < 0)) return EXAMPLE_FAULT;
        } else if (kind == EXAMPLE_INT64 && tag == (1 << 3 | WIRE_VARINT)) {
            at = tf_skip_plain(reading, item, tag, start = at, stop);
            if (at == NULL || tf_varints(reading, store, TF_WORD64, start, at) < 0)
                return EXAMPLE_FAULT;
        } else if (kind == EXAMPLE_FLOAT && tag == (1 << 3 | WIRE_FIXED32)) {
            at = tf_skip_plain(reading, item, tag, start = at, stop);
            if (at == NULL || tf_fixed_run(reading, store, TF_FIXED32, item, start, 4) < 0)
                return EXAMPLE_FAULT;
        } else {
            at = tf_skip(reading, item, tag, at, stop);
            if (at == NULL) return EXAMPLE_FAULT;
        }
    }
    return EXAMPLE_OK;
}

/* The values of a Feature behind those that the store has. `*kind` is the kind set so far: another
 * one takes its place and clears what it held, from `mark` on, as in every oneof. */
TW_INLINE int example_feature(ExampleWalk *walk, ExampleFeature *feature, size_t mark, uint8_t *kind,
                              const uint8_t *at, const uint8_t *stop)
{
    const TfReading *reading = &walk->reading;
    while (at != stop) { /* progress: a tag is at least one byte */
        const uint8_t *item = at, *start;
        uint32_t tag;
        size_t length;
        at = tf_tag(reading, item, stop, &tag);
        if (TW_UNLIKELY(at == NULL)) return EXAMPLE_FAULT;
        if (TW_UNLIKELY((tag & 7) != WIRE_LEN || tag >> 3 > EXAMPLE_INT64)) {
            at = tf_skip(reading, item, tag, at, stop);
            if (at == NULL) return EXAMPLE_FAULT;
            continue;
        }
        if (tf_length(reading, item, at, stop, &start, &length) < 0) return EXAMPLE_FAULT;
        at = start + length;
        if (*kind != tag >> 3) {
            *kind = (uint8_t)(tag >> 3);
            feature->values.used = mark;
        }
        if (*kind == feature->kind && example_values(walk, &feature->values, *kind, start, at))
            return EXAMPLE_FAULT;
    }
    return EXAMPLE_OK;
}

/* Puts the default where a feature is missing; checks how many values there are, and notes it. */
TW_INLINE int example_close(ExampleWalk *walk, ExampleFeature *feature, size_t mark, uint8_t kind)
{
    TfStore *store = &feature->values;
    size_t width = example_width(feature->kind);
    if (TW_UNLIKELY(kind != 0 && kind != feature->kind))
        return example_refuse(walk, feature, EXAMPLE_KIND, kind);
    if (kind == 0) {
        if (feature->required) return example_refuse(walk, feature, EXAMPLE_MISSING, 0);
        if (feature->fallback) {
            size_t nbytes = feature->count * width;
            uint8_t *out = tf_store_room(store, nbytes);
            if (out == NULL) return example_fault(walk, FAULT_NO_MEMORY, walk->reading.base);
            if (nbytes) memcpy(out, feature->fallback, nbytes);
            tf_store_keep(store, nbytes);
        }
    }
    size_t found = (store->used - mark) / width;
    if (feature->count == EXAMPLE_ANY) return example_note(walk, &feature->lengths, found);
    if (TW_UNLIKELY(found != feature->count))
        return example_refuse(walk, feature, EXAMPLE_COUNT, found);
    return EXAMPLE_OK;
}

#endif
