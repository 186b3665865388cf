/* Chosen fields of one message type out of many records: TensorFlow's decode_proto.
 *
 * Unlike a parser's, its submessages are not merged, groups are their bytes, and nothing is said
 * about what is inside of either. Semantics: measured on TensorFlow 2.21.
 */
#ifndef TENSORWIRE_TF_DECODE_H
#define TENSORWIRE_TF_DECODE_H

#include "tf_items.h"

/* Field numbers below this are found by table. */
#define TF_DENSE 256

typedef struct {
    uint32_t number;
    uint32_t tag;      /* of one element */
    uint32_t output;   /* which of the fields that were asked for */
    uint8_t form;
    uint8_t width;     /* of a value in memory */
    uint8_t repeated;
    uint8_t packable;
} TfField;

typedef struct {
    TfReading reading;
    const TfField *fields;
    TfStore *stores;          /* of each field */
    uint32_t field_count;
    uint16_t dense[TF_DENSE]; /* field number -> position in `fields` + 1; 0: not asked for */
} TfDecode;

TW_NOINLINE const TfField *tf_field_far(const TfDecode *decode, uint32_t number)
{
    for (uint32_t i = 0; i < decode->field_count; i++)
        if (decode->fields[i].number == number) return &decode->fields[i];
    return NULL;
}

TW_INLINE const TfField *tf_field(const TfDecode *decode, uint32_t number)
{
    if (TW_UNLIKELY(number >= TF_DENSE)) return tf_field_far(decode, number);
    uint16_t place = decode->dense[number];
    return place ? &decode->fields[place - 1] : NULL;
}

/* Where the next value of a field goes: behind the others, or onto the one of its row. */
TW_INLINE uint8_t *tf_value_room(TfDecode *decode, const TfField *field, size_t row)
{
    TfStore *store = &decode->stores[field - decode->fields];
    if (!field->repeated) return store->data + row * field->width; /* allocated for all rows */
    uint8_t *out = tf_store_room(store, field->width);
    if (out) tf_store_keep(store, field->width);
    return out;
}

/* One value, whose tag ends before `at`. First byte behind it; NULL and a fault. */
TW_INLINE const uint8_t *tf_value(TfDecode *decode, const TfField *field, const uint8_t *item,
                                  const uint8_t *at, const uint8_t *stop, size_t row)
{
    const TfReading *reading = &decode->reading;
    uint8_t *out = tf_value_room(decode, field, row);
    TfSpan span;
    uint64_t value;
    if (TW_UNLIKELY(out == NULL)) return tf_fault(reading, FAULT_NO_MEMORY, item, 0, 0);
    if (tf_form_is_varint(field->form)) {
        at = tf_varint(reading, item, at, stop, &value);
        if (at) tf_put_varint(out, field->form, value);
        return at;
    }
    if (field->form == TF_SPAN) {
        if (tf_length(reading, item, at, stop, &span.at, &span.length) < 0) return NULL;
        memcpy(out, &span, sizeof span);
        return span.at + span.length;
    }
    if (field->form == TF_GROUP) {
        at = tf_skip_group(reading, item, field->tag, at, stop);
        span.at = item; /* with both tags */
        span.length = at ? (size_t)(at - item) : 0;
        memcpy(out, &span, sizeof span);
        return at;
    }
    at = tf_skip_plain(reading, item, field->tag, at, stop);
    if (at) tf_put_fixed(out, field->form, at - tf_form_wire_width(field->form));
    return at;
}

/* A packed run of a repeated field. First byte behind it; NULL and a fault. */
TW_INLINE const uint8_t *tf_packed(TfDecode *decode, const TfField *field, const uint8_t *item,
                                   const uint8_t *at, const uint8_t *stop, int32_t *size)
{
    const TfReading *reading = &decode->reading;
    TfStore *store = &decode->stores[field - decode->fields];
    const uint8_t *start;
    size_t length;
    int64_t count;
    if (tf_length(reading, item, at, stop, &start, &length) < 0) return NULL;
    if (tf_form_is_varint(field->form))
        count = tf_varints(reading, store, field->form, start, start + length);
    else
        count = tf_fixed_run(reading, store, field->form, item, start, length);
    if (count < 0) return NULL;
    *size += (int32_t)count; /* below the bytes of the record, of which there are fewer than 2^31 */
    return start + length;
}

/* Reads one record. `sizes`: how many values each output has in it, all 0 before.
 * 0, or -1 and a fault. REQUIRES: the record has fewer than 2^31 bytes. */
static inline int tf_decode_record(TfDecode *decode, const uint8_t *at, const uint8_t *stop,
                                   size_t row, int32_t *sizes)
{
    const TfReading *reading = &decode->reading;
    while (at != stop) { /* progress: a tag is at least one byte */
        const uint8_t *item = at;
        uint32_t tag;
        at = tf_tag(reading, item, stop, &tag);
        if (TW_UNLIKELY(at == NULL)) return -1;
        const TfField *field = tf_field(decode, tag >> 3);
        if (field == NULL) {
            at = tf_skip(reading, item, tag, at, stop);
        } else if (TW_LIKELY(tag == field->tag)) {
            at = tf_value(decode, field, item, at, stop, row);
            int32_t *size = &sizes[field->output];
            *size = field->repeated ? *size + 1 : 1;
        } else if (field->packable && (tag & 7) == WIRE_LEN) {
            at = tf_packed(decode, field, item, at, stop, &sizes[field->output]);
        } else { /* of another wire type: as unknown as a field that the schema lacks */
            at = tf_skip(reading, item, tag, at, stop);
        }
        if (TW_UNLIKELY(at == NULL)) return -1;
    }
    return 0;
}

#endif
