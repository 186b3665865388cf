/* What an encoder writes, from back to front: the length of a message is then known when its tag
 * comes to be written, and no size is ever computed twice.
 *
 * Small things are copied into chunks, each filled from its end; large ranges that somebody else
 * holds are only referred to. The output is its segments, the last one written coming first.
 */
#ifndef TENSORWIRE_OUTPUT_H
#define TENSORWIRE_OUTPUT_H

#include <stdlib.h>

#include "le.h"
#include "platform.h"
#include "varint.h"

/* Ranges from here on are referred to. Measured: below 2 KiB a copy costs less than a segment and
 * the second copy that joining is. */
#define OUTPUT_REFER 2048
/* Bytes of the first chunk, which is part of the output: most messages need no other. */
#define OUTPUT_FIRST 1024
/* Bytes of further chunks, doubling. An unfilled one costs no more than the cap. */
#define OUTPUT_CHUNK ((size_t)16 << 10)
#define OUTPUT_CHUNK_MAX ((size_t)1 << 20)
#define OUTPUT_SEGMENTS 8

typedef struct {
    const uint8_t *at;
    size_t length;
    void *owner;                /* what holds the bytes; NULL: a chunk of the output */
} Segment;

typedef struct OutputChunk {
    struct OutputChunk *next;
    uint8_t bytes[];
} OutputChunk;

/* Holds addresses inside itself: never copied or moved. */
typedef struct {
    uint8_t *at;                /* first byte written of the open segment, which ends at `top` */
    uint8_t *low;               /* first byte of the chunk */
    uint8_t *top;
    size_t closed;              /* bytes of all other segments; of everything where counting */
    Segment *segments;
    size_t count, room;
    OutputChunk *chunks;
    size_t chunk_size;          /* of the next one */
    bool counting;              /* nothing is written, only counted */
    bool failed;                /* memory ran out; what is written is rubbish */
    Segment first_segments[OUTPUT_SEGMENTS];
    uint8_t first[OUTPUT_FIRST];
} Output;

static inline void output_begin(Output *out, bool counting)
{
    out->at = out->top = out->first + OUTPUT_FIRST;
    out->low = counting ? out->at : out->first; /* without room every byte takes the slow path */
    out->closed = 0;
    out->segments = out->first_segments;
    out->count = 0;
    out->room = OUTPUT_SEGMENTS;
    out->chunks = NULL;
    out->chunk_size = OUTPUT_CHUNK;
    out->counting = counting;
    out->failed = false;
}

static inline void output_end(Output *out)
{
    while (out->chunks) { /* progress: one chunk is freed */
        OutputChunk *chunk = out->chunks;
        out->chunks = chunk->next;
        free(chunk);
    }
    if (out->segments != out->first_segments) free(out->segments);
}

/* Bytes written so far. */
TW_INLINE size_t output_size(const Output *out)
{
    return out->closed + (size_t)(out->top - out->at);
}

/* From now on everything goes the slow path and is counted. */
static inline void output_fail(Output *out)
{
    out->failed = true;
    out->low = out->at;
}

static inline void output_push(Output *out, const uint8_t *at, size_t length, void *owner)
{
    if (out->count == out->room) {
        bool moved = out->segments != out->first_segments;
        Segment *grown = (Segment *)realloc(moved ? out->segments : NULL,
                                            2 * out->room * sizeof(Segment));
        if (grown == NULL) {
            output_fail(out);
            return;
        }
        if (!moved) memcpy(grown, out->first_segments, sizeof out->first_segments);
        out->segments = grown;
        out->room *= 2;
    }
    Segment segment = {at, length, owner};
    out->segments[out->count++] = segment;
    out->closed += length;
}

/* Ends the open segment; the next one begins below it. */
static inline void output_close(Output *out)
{
    if (out->at == out->top) return;
    uint8_t *at = out->at, *top = out->top;
    out->top = at;
    output_push(out, at, (size_t)(top - at), NULL);
}

/* A chunk of that many bytes; NULL, and the output has failed. */
static inline uint8_t *output_chunk(Output *out, size_t size)
{
    OutputChunk *chunk = NULL;
    if (size <= SIZE_MAX - sizeof(OutputChunk))
        chunk = (OutputChunk *)malloc(sizeof(OutputChunk) + size);
    if (chunk == NULL) {
        output_fail(out);
        return NULL;
    }
    chunk->next = out->chunks;
    out->chunks = chunk;
    return chunk->bytes;
}

TW_NOINLINE uint8_t *output_take_slow(Output *out, size_t length)
{
    if (!out->counting && !out->failed) {
        output_close(out);
        size_t size = out->chunk_size;
        uint8_t *bytes = output_chunk(out, size);
        if (bytes) {
            out->low = bytes;
            out->at = out->top = bytes + size;
            if (out->chunk_size < OUTPUT_CHUNK_MAX) out->chunk_size *= 2;
            return out->at -= length;
        }
    }
    out->closed += length;
    return out->first; /* to be written to, and never read */
}

/* Place for so many bytes before all that was written. REQUIRES: length <= OUTPUT_FIRST. */
TW_INLINE uint8_t *output_take(Output *out, size_t length)
{
    if (TW_LIKELY((size_t)(out->at - out->low) >= length)) return out->at -= length;
    return output_take_slow(out, length);
}

/* The same for any length; NULL where nothing is written. */
static inline uint8_t *output_space(Output *out, size_t length)
{
    if (out->counting || out->failed) {
        out->closed += length;
        return NULL;
    }
    if (length <= OUTPUT_FIRST) {
        uint8_t *at = output_take(out, length);
        return out->failed ? NULL : at;
    }
    output_close(out);
    uint8_t *bytes = output_chunk(out, length);
    if (bytes) output_push(out, bytes, length, NULL);
    return out->failed ? NULL : bytes;
}

/* Writes a copy of the bytes. */
TW_INLINE void output_copy(Output *out, const uint8_t *from, size_t length)
{
    if (length == 0) return;
    uint8_t *at = output_space(out, length);
    if (at) memcpy(at, from, length);
}

/* Writes bytes that `owner` keeps unchanged. */
TW_INLINE void output_range(Output *out, const uint8_t *from, size_t length, void *owner)
{
    if (length < OUTPUT_REFER) {
        output_copy(out, from, length);
    } else if (out->counting || out->failed) {
        out->closed += length;
    } else {
        output_close(out);
        output_push(out, from, length, owner);
    }
}

TW_INLINE void output_varint(Output *out, uint64_t value)
{
    if (TW_LIKELY(value < 0x80)) {
        *output_take(out, 1) = (uint8_t)value;
        return;
    }
    int size = varint_size(value);
    uint8_t *at = output_take(out, (size_t)size);
    for (int i = 0; i < size - 1; i++) { /* progress: at most nine times */
        at[i] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    at[size - 1] = (uint8_t)value;
}

/* A number of a field: tag and varint, mostly of one byte each. */
TW_INLINE void output_number(Output *out, uint64_t value, uint32_t tag)
{
    if (TW_LIKELY((value | tag) < 0x80)) {
        uint8_t *at = output_take(out, 2);
        at[0] = (uint8_t)tag;
        at[1] = (uint8_t)value;
        return;
    }
    output_varint(out, value);
    output_varint(out, tag);
}

/* Ends and begins an item of a message set, in this order: the item is a group of number 1 that
 * holds the field's number and its message. Between the two comes the message of `length` bytes.
 * Source: google/protobuf/descriptor.proto, MessageOptions.message_set_wire_format. */
TW_INLINE void output_set_item_end(Output *out) { *output_take(out, 1) = 1 << 3 | 4; }

static inline void output_set_item_begin(Output *out, size_t length, uint32_t number)
{
    output_number(out, length, 3 << 3 | 2);
    output_number(out, number, 2 << 3 | 0);
    *output_take(out, 1) = 1 << 3 | 3;
}

/* The payload of a field, which `owner` keeps unchanged, behind its tag and length. */
TW_INLINE void output_payload(Output *out, const uint8_t *from, size_t length, void *owner,
                              uint32_t tag)
{
    if (TW_LIKELY((length | tag) < 0x80 && !out->counting)) {
        uint8_t *at = output_take(out, length + 2);
        at[0] = (uint8_t)tag;
        at[1] = (uint8_t)length;
        if (length) memcpy(at + 2, from, length);
        return;
    }
    output_range(out, from, length, owner);
    output_number(out, length, tag);
}

TW_INLINE void output_fixed32(Output *out, uint32_t value)
{
    le_store32(output_take(out, sizeof value), value);
}

TW_INLINE void output_fixed64(Output *out, uint64_t value)
{
    le_store64(output_take(out, sizeof value), value);
}

#endif
