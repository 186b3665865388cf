/* Rows of padded arrays as messages: TensorFlow's encode_proto, as measured on TensorFlow 2.21. */
#ifndef TENSORWIRE_TF_ENCODE_H
#define TENSORWIRE_TF_ENCODE_H

#include "tf_items.h"

/* Tag and varint of one number. */
#define TF_ENCODED_MAX (TAG_MAX + VARINT_MAX)

typedef struct {
    uint32_t number;
    uint8_t kind;
    uint8_t width;   /* of a number in memory */
    uint8_t packed;
} TfEncoded;

TW_INLINE uint8_t *tf_write_varint(uint8_t *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) *out++ = (uint8_t)(value | 0x80); /* progress: ten at most */
    *out++ = (uint8_t)value;
    return out;
}

/* The varint of a number: 32-bit kinds keep the low half of a wider one. */
TW_INLINE uint64_t tf_encoded_word(uint8_t kind, uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    switch (kind) {
    case KIND_INT32:
    case KIND_ENUM: return (uint64_t)(int64_t)(int32_t)low;
    case KIND_UINT32: return low;
    case KIND_SINT32: return (uint32_t)(low << 1 ^ (0 - (low >> 31)));
    case KIND_SINT64: return bits << 1 ^ (0 - (bits >> 63));
    case KIND_BOOL: return bits != 0;
    default: return bits;
    }
}

/* Writes one number without its tag. REQUIRES: VARINT_MAX writable bytes at `out`. */
TW_INLINE uint8_t *tf_write_number(uint8_t *out, const TfEncoded *field, const uint8_t *at)
{
    uint64_t bits = field->width == 8 ? le_load64(at) : field->width == 4 ? le_load32(at) : *at;
    uint8_t wire = kind_wire(field->kind);
    if (wire == WIRE_VARINT) return tf_write_varint(out, tf_encoded_word(field->kind, bits));
    if (field->kind == KIND_FLOAT && field->width == 8) {
        le_store_float(out, (float)le_load_double(at));
        return out + 4;
    }
    if (wire == WIRE_FIXED32) {
        le_store32(out, (uint32_t)bits);
        return out + 4;
    }
    le_store64(out, bits);
    return out + 8;
}

/* Appends a field of `count` numbers. 0, or -1: out of memory. REQUIRES: count > 0. */
static inline int tf_encode_numbers(TfStore *out, const TfEncoded *field, const uint8_t *values,
                                    size_t count)
{
    if (count > SIZE_MAX / 2 / TF_ENCODED_MAX) return -1;
    uint8_t *first = tf_store_room(out, (count + 2) * TF_ENCODED_MAX);
    if (first == NULL) return -1;
    uint8_t *at = first;
    uint8_t wire = kind_wire(field->kind);
    if (!field->packed) {
        for (size_t i = 0; i < count; i++) {
            at = tf_write_varint(at, (uint64_t)field->number << 3 | wire);
            at = tf_write_number(at, field, values + i * field->width);
        }
    } else {
        at = tf_write_varint(at, (uint64_t)field->number << 3 | WIRE_LEN);
        uint8_t *start = at + VARINT_MAX, *stop = start; /* behind where the length will be */
        for (size_t i = 0; i < count; i++)
            stop = tf_write_number(stop, field, values + i * field->width);
        size_t length = (size_t)(stop - start);
        at = tf_write_varint(at, length);
        memmove(at, start, length);
        at += length;
    }
    tf_store_keep(out, (size_t)(at - first));
    return 0;
}

/* Appends a string, bytes, message, or group, whose payload is within its tags. 0, or -1. */
static inline int tf_encode_bytes(TfStore *out, const TfEncoded *field, const uint8_t *value,
                                  size_t length)
{
    uint8_t wire = kind_wire(field->kind);
    if (length > SIZE_MAX / 4) return -1;
    uint8_t *first = tf_store_room(out, length + 2 * TF_ENCODED_MAX);
    if (first == NULL) return -1;
    uint8_t *at = tf_write_varint(first, (uint64_t)field->number << 3 | wire);
    if (wire == WIRE_LEN) at = tf_write_varint(at, length);
    if (length) memcpy(at, value, length);
    at += length;
    if (wire == WIRE_START) at = tf_write_varint(at, (uint64_t)field->number << 3 | WIRE_END);
    tf_store_keep(out, (size_t)(at - first));
    return 0;
}

#endif
