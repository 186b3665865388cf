/* Features of tf.train.Example and tf.train.SequenceExample, in one walk of each record.
 * Source: tensorflow/core/example/example.proto and feature.proto. */
#ifndef TENSORWIRE_TF_EXAMPLE_H
#define TENSORWIRE_TF_EXAMPLE_H

#include "tf_feature.h"

/* The next piece of the value of an entry, from `*next` on: all of it, or, where the entry was
 * not in order, one value of several. 1; 0: there is none; -1 and a fault.
 * REQUIRES: at first, `*next` is the entry's `at`. */
TW_INLINE int example_piece(ExampleWalk *walk, const ExampleFeature *feature, const uint8_t **next,
                            const uint8_t **from, const uint8_t **to)
{
    if (TW_LIKELY(!feature->whole)) {
        *from = *next;
        *to = feature->stop;
        *next = feature->stop;
        return *from != *to;
    }
    while (*next != feature->stop) { /* progress: a tag is at least one byte */
        const uint8_t *item = *next, *at;
        uint32_t tag;
        size_t length;
        at = tf_tag(&walk->reading, item, feature->stop, &tag);
        if (at == NULL) return -1;
        if (tag == (2 << 3 | WIRE_LEN)) {
            if (tf_length(&walk->reading, item, at, feature->stop, from, &length) < 0) return -1;
            *next = *to = *from + length;
            return 1;
        }
        *next = tf_skip(&walk->reading, item, tag, at, feature->stop);
        if (*next == NULL) return -1;
    }
    return 0;
}

/* A feature of the open record. */
TW_INLINE int example_take(ExampleWalk *walk, ExampleFeature *feature)
{
    size_t mark = feature->values.used;
    uint8_t kind = 0;
    const uint8_t *next = feature->at, *from, *to;
    int more = 0;
    if (TW_LIKELY(feature->row == walk->row)) {
        while ((more = example_piece(walk, feature, &next, &from, &to)) > 0)
            if (example_feature(walk, feature, mark, &kind, from, to)) return EXAMPLE_FAULT;
        if (TW_UNLIKELY(more < 0)) return EXAMPLE_FAULT;
    }
    return example_close(walk, feature, mark, kind);
}

/* The steps of one piece of a FeatureList. */
static inline int example_steps(ExampleWalk *walk, ExampleFeature *feature, const uint8_t *at,
                                const uint8_t *stop, size_t *steps)
{
    while (at != stop) { /* progress: a tag is at least one byte */
        const uint8_t *item = at, *start;
        uint32_t tag;
        size_t length, mark = feature->values.used;
        uint8_t kind = 0;
        at = tf_tag(&walk->reading, item, stop, &tag);
        if (at == NULL) return EXAMPLE_FAULT;
        if (tag != (1 << 3 | WIRE_LEN)) {
            at = tf_skip(&walk->reading, item, tag, at, stop);
            if (at == NULL) return EXAMPLE_FAULT;
            continue;
        }
        if (tf_length(&walk->reading, item, at, stop, &start, &length) < 0) return EXAMPLE_FAULT;
        at = start + length;
        int why = example_feature(walk, feature, mark, &kind, start, at);
        if (why == EXAMPLE_OK && kind != 0 && kind != feature->kind)
            why = example_refuse(walk, feature, EXAMPLE_KIND, kind);
        size_t found = (feature->values.used - mark) / example_width(feature->kind);
        if (why == EXAMPLE_OK && feature->count == EXAMPLE_ANY)
            why = example_note(walk, &feature->lengths, found);
        else if (why == EXAMPLE_OK && found != feature->count)
            why = example_refuse(walk, feature, EXAMPLE_COUNT, found);
        if (why) return why;
        ++*steps;
    }
    return EXAMPLE_OK;
}

/* A feature list of the open record. */
static inline int example_take_list(ExampleWalk *walk, ExampleFeature *feature)
{
    size_t steps = 0;
    const uint8_t *next = feature->at, *from, *to;
    int more = 0;
    if (feature->row == walk->row) {
        while ((more = example_piece(walk, feature, &next, &from, &to)) > 0) {
            int why = example_steps(walk, feature, from, to, &steps);
            if (why) return why;
        }
        if (more < 0) return EXAMPLE_FAULT;
    } else if (feature->required) {
        return example_refuse(walk, feature, EXAMPLE_MISSING, 0);
    }
    return example_note(walk, &feature->steps, steps);
}

/* An entry of a map in any legal form: the last key counts. */
TW_NOINLINE int example_entry_any(ExampleWalk *walk, const ExampleMap *map, const uint8_t *entry,
                                  const uint8_t *stop)
{
    const uint8_t *at = entry, *key = entry;
    size_t key_size = 0;
    while (at != stop) { /* progress: a tag is at least one byte */
        const uint8_t *item = at, *start;
        uint32_t tag;
        size_t length;
        at = tf_tag(&walk->reading, item, stop, &tag);
        if (at == NULL) return EXAMPLE_FAULT;
        if (tag == (1 << 3 | WIRE_LEN)) {
            if (tf_length(&walk->reading, item, at, stop, &start, &length) < 0)
                return EXAMPLE_FAULT;
            key = start;
            key_size = length;
            at = start + length;
            continue;
        }
        at = tf_skip(&walk->reading, item, tag, at, stop);
        if (at == NULL) return EXAMPLE_FAULT;
    }
    ExampleFeature *feature = example_find(map, key, key_size);
    if (feature) {
        feature->row = walk->row;
        feature->at = entry;
        feature->stop = stop;
        feature->whole = 1;
    }
    return EXAMPLE_OK;
}

/* An entry as every writer writes it: a key of fewer than 128 bytes, then the value, to the end. */
TW_INLINE int example_entry(ExampleWalk *walk, const ExampleMap *map, const uint8_t *entry,
                            const uint8_t *stop)
{
    size_t size = (size_t)(stop - entry);
    uint8_t key_size = size >= 4 ? entry[1] : 0xff; /* once: bytes may change meanwhile */
    if (TW_LIKELY(key_size < 0x80 && entry[0] == (1 << 3 | WIRE_LEN) &&
                  key_size <= size - 4)) { /* tag, length, key, and two bytes at least */
        const uint8_t *key = entry + 2, *at = key + key_size;
        uint64_t length;
        int used;
        if (TW_LIKELY(*at == (2 << 3 | WIRE_LEN) &&
                      (used = varint_decode(at + 1, stop, &length)) > 0 &&
                      used <= LENGTH_PADDED_MAX && length == (size_t)(stop - at - 1 - used))) {
            ExampleFeature *feature = example_find(map, key, key_size);
            if (feature == NULL) return EXAMPLE_OK;
            feature->row = walk->row;
            feature->at = at + 1 + used;
            feature->stop = stop;
            feature->whole = 0;
            return EXAMPLE_OK;
        }
    }
    return example_entry_any(walk, map, entry, stop);
}

/* Every entry of a map: field 1 of Features, and of FeatureLists. */
TW_INLINE int example_entries(ExampleWalk *walk, const ExampleMap *map, const uint8_t *at,
                              const uint8_t *stop)
{
    while (at != stop) { /* progress: a tag is at least one byte */
        const uint8_t *item = at, *start;
        uint32_t tag;
        size_t length;
        at = tf_tag(&walk->reading, item, stop, &tag);
        if (TW_UNLIKELY(at == NULL)) return EXAMPLE_FAULT;
        if (TW_UNLIKELY(tag != (1 << 3 | WIRE_LEN))) {
            at = tf_skip(&walk->reading, item, tag, at, stop);
            if (at == NULL) return EXAMPLE_FAULT;
            continue;
        }
        if (tf_length(&walk->reading, item, at, stop, &start, &length) < 0) return EXAMPLE_FAULT;
        at = start + length;
        int why = example_entry(walk, map, start, at);
        if (TW_UNLIKELY(why)) return why;
    }
    return EXAMPLE_OK;
}

/* Reads one Example or, if feature lists are asked for too, SequenceExample. EXAMPLE_OK, or why
 * not, with what `walk` has on it. */
static inline int example_record(ExampleWalk *walk, const uint8_t *at, const uint8_t *stop)
{
    while (at != stop) { /* progress: a tag is at least one byte */
        const uint8_t *item = at, *start;
        uint32_t tag;
        size_t length;
        at = tf_tag(&walk->reading, item, stop, &tag);
        if (TW_UNLIKELY(at == NULL)) return EXAMPLE_FAULT;
        if ((tag & 7) != WIRE_LEN || tag >> 3 > 2 || walk->maps[(tag >> 3) - 1].count == 0) {
            at = tf_skip(&walk->reading, item, tag, at, stop);
            if (at == NULL) return EXAMPLE_FAULT;
            continue;
        }
        if (tf_length(&walk->reading, item, at, stop, &start, &length) < 0) return EXAMPLE_FAULT;
        at = start + length;
        int why = example_entries(walk, &walk->maps[(tag >> 3) - 1], start, at);
        if (TW_UNLIKELY(why)) return why;
    }
    for (uint32_t i = 0; i < walk->maps[0].count; i++) {
        int why = example_take(walk, &walk->maps[0].features[i]);
        if (TW_UNLIKELY(why)) return why;
    }
    for (uint32_t i = 0; i < walk->maps[1].count; i++) {
        int why = example_take_list(walk, &walk->maps[1].features[i]);
        if (TW_UNLIKELY(why)) return why;
    }
    return EXAMPLE_OK;
}

#endif
