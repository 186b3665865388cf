/* Messages out of columns: the rows of a tree of columns, each written as one message.
 *
 * Written from back to front, the last row first: the length of a message is known when its tag
 * comes to be written, and nothing is looked at twice.
 */
#ifndef TENSORWIRE_BATCH_ENCODE_H
#define TENSORWIRE_BATCH_ENCODE_H

#include "batch_writer.h"

/* -- numbers ----------------------------------------------------------------------------------- */

TW_INLINE uint32_t batch_load32(const BatchNode *node, size_t at)
{
    return le_load32((const uint8_t *)node->values + at * 4);
}

TW_INLINE uint64_t batch_load64(const BatchNode *node, size_t at)
{
    return le_load64((const uint8_t *)node->values + at * 8);
}

TW_INLINE int batch_varint_field(BatchWriter *w, const BatchNode *node, uint64_t word)
{
    if (word == 0 && node->flags & BATCH_IMPLICIT) return 0;
    batch_varint(w, word);
    batch_tag(w, node);
    return 0;
}

static inline int batch_enum(BatchWriter *w, const BatchNode *node, size_t at)
{
    int32_t number = (int32_t)batch_load32(node, at);
    if (node->closed && !enum_knows(node->closed, number))
        return batch_fail(w, BATCH_BAD_ENUM, node, at, number);
    return batch_varint_field(w, node, (uint64_t)(int64_t)number);
}

/* Numbers without their tags, from the last to the first. */
static inline int batch_run(BatchWriter *w, const BatchNode *node, size_t start, size_t stop)
{
    uint8_t wire = kind_wire(node->op);
    if (wire != WIRE_VARINT) {
        size_t width = wire_width(wire), length = (stop - start) * width; /* they are in memory */
        if (batch_room(w, node, length + BATCH_ITEM)) return -1;
        w->at -= length;
        memcpy(w->at, (const uint8_t *)node->values + start * width, length);
        return 0;
    }
    for (size_t i = start; node->closed && i < stop; i++) {
        int32_t number = (int32_t)batch_load32(node, i);
        if (!enum_knows(node->closed, number))
            return batch_fail(w, BATCH_BAD_ENUM, node, i, number);
    }
    while (stop > start) { /* progress: a block less */
        uint64_t words[BATCH_RUN];
        size_t count = stop - start < BATCH_RUN ? stop - start : BATCH_RUN;
        if (batch_room(w, node, BATCH_RUN * VARINT_MAX + BATCH_ITEM)) return -1;
        stop -= count;
        words_load(node->op, node->values, stop, count, words);
        while (count) batch_varint(w, words[--count]);
    }
    return 0;
}

/* -- messages ---------------------------------------------------------------------------------- */

static int batch_fields(BatchWriter *w, const BatchNode *owner, size_t row);

static inline int batch_message(BatchWriter *w, const BatchNode *node, size_t at)
{
    size_t mark = batch_size(w);
    if (node->op == KIND_GROUP) {
        batch_varint(w, node->end_tag);
    } else if (node->op == BATCH_SET_ITEM) {
        *--w->at = 1 << 3 | WIRE_END;
        mark = batch_size(w);
    }
    if (batch_fields(w, node, at) < 0 || batch_room(w, node, BATCH_ITEM) < 0) return -1;
    size_t length = batch_size(w) - mark;
    if (length > BATCH_MAX) return batch_fail(w, BATCH_TOO_LARGE, node, at, (int64_t)length);
    if (node->op == BATCH_SET_ITEM) { /* as output_set_item_begin() */
        batch_varint(w, length);
        *--w->at = 3 << 3 | WIRE_LEN;
        batch_varint(w, node->number);
        *--w->at = 2 << 3 | WIRE_VARINT;
        *--w->at = 1 << 3 | WIRE_START;
        return 0;
    }
    if (node->op == KIND_MESSAGE) batch_varint(w, length);
    batch_tag(w, node);
    return 0;
}

/* Tag and value of row `at` of the node's own table. */
TW_INLINE int batch_value(BatchWriter *w, const BatchNode *node, size_t at)
{
    if (batch_room(w, node, BATCH_ITEM)) return -1;
    uint8_t op = node->op;
    switch (op) {
    case KIND_STRING:
    case KIND_BYTES: return batch_text(w, node, at);
    case KIND_ENUM: return batch_enum(w, node, at);
    case KIND_INT32:
        return batch_varint_field(w, node, (uint64_t)(int64_t)(int32_t)batch_load32(node, at));
    case KIND_UINT32: return batch_varint_field(w, node, batch_load32(node, at));
    case KIND_SINT32:
        return batch_varint_field(w, node, varint_of_number(op, batch_load32(node, at)));
    case KIND_INT64:
    case KIND_UINT64: return batch_varint_field(w, node, batch_load64(node, at));
    case KIND_SINT64:
        return batch_varint_field(w, node, varint_of_number(op, batch_load64(node, at)));
    case KIND_BOOL:
        return batch_varint_field(w, node, ((const uint8_t *)node->values)[at] != 0);
    case KIND_FLOAT:
    case KIND_FIXED32:
    case KIND_SFIXED32: {
        uint32_t half = batch_load32(node, at);
        if (half == 0 && node->flags & BATCH_IMPLICIT) return 0;
        w->at -= 4;
        le_store32(w->at, half);
        batch_tag(w, node);
        return 0;
    }
    case KIND_DOUBLE:
    case KIND_FIXED64:
    case KIND_SFIXED64: {
        uint64_t word = batch_load64(node, at);
        if (word == 0 && node->flags & BATCH_IMPLICIT) return 0;
        w->at -= 8;
        le_store64(w->at, word);
        batch_tag(w, node);
        return 0;
    }
    default: return batch_message(w, node, at);
    }
}

/* The default of a key or value that is not there. No map has groups. */
TW_NOINLINE int batch_default(BatchWriter *w, const BatchNode *node)
{
    uint8_t wire = kind_wire(node->op);
    size_t width = wire == WIRE_FIXED32 || wire == WIRE_FIXED64 ? wire_width(wire) : 1;
    if (batch_room(w, node, BATCH_ITEM)) return -1;
    w->at -= width;
    memset(w->at, 0, width); /* a varint of 0, or a length of 0 */
    batch_tag(w, node);
    return 0;
}

TW_NOINLINE int batch_absent(BatchWriter *w, const BatchNode *node, size_t row)
{
    if (node->flags & BATCH_ALWAYS) return batch_default(w, node);
    if (node->flags & BATCH_REQUIRED) return batch_fail(w, BATCH_NO_REQUIRED, node, row, 0);
    return 0;
}

TW_NOINLINE int batch_list(BatchWriter *w, const BatchNode *node, size_t row)
{
    int64_t start = node->offsets[row], stop = node->offsets[row + 1];
    if (start == stop) return 0;
    if (start < 0 || stop < start || (uint64_t)stop > node->rows)
        return batch_fail(w, BATCH_BAD_OFFSETS, node, row, stop);
    if (node->valid)
        for (int64_t i = start; i < stop; i++)
            if (!node->valid[i]) return batch_fail(w, BATCH_NULL_ITEM, node, (size_t)i, 0);
    if (node->flags & BATCH_PACKED) {
        size_t mark = batch_size(w);
        if (batch_run(w, node, (size_t)start, (size_t)stop) || batch_room(w, node, BATCH_ITEM))
            return -1;
        batch_varint(w, batch_size(w) - mark);
        batch_tag(w, node);
        return 0;
    }
    while (stop > start) { /* progress: one less */
        stop--;
        if (batch_value(w, node, (size_t)stop) < 0) return -1;
    }
    return 0;
}

/* The fields of one message, which lies in row `row` of its table. */
static int batch_fields(BatchWriter *w, const BatchNode *owner, size_t row)
{
    const BatchNode *node = owner->fields + owner->field_count;
    while (node > owner->fields) { /* progress: one less */
        node--;
        if (node->offsets) {
            if (batch_list(w, node, row) < 0) return -1;
            continue;
        }
        if (node->flags & BATCH_MISSING || (node->valid && !node->valid[row])) {
            if (node->flags && batch_absent(w, node, row) < 0) return -1;
            continue;
        }
        for (const BatchNode *other = node->rival; other; other = other->rival)
            if (!other->valid || other->valid[row])
                return batch_fail(w, BATCH_TWO_MEMBERS, node, row, other->index);
        if (batch_value(w, node, row) < 0) return -1;
    }
    return 0;
}

/* Writes the rows from `first` to before `last`, and to `sizes`, which begins with that of
 * `first`, how many bytes each takes; a row that is not valid takes none. Of several rows that
 * cannot be written, the fault is that of the first. 0 or -1. */
static inline int batch_rows(BatchWriter *w, const BatchNode *root, size_t first, size_t last,
                             int64_t *sizes)
{
    size_t row = last;
    int status = 0;
    while (row > first) { /* progress: one less */
        row--;
        size_t mark = batch_size(w), size = 0;
        if (!root->valid || root->valid[row]) {
            int failed = batch_fields(w, root, row);
            size = batch_size(w) - mark;
            if (!failed && size > BATCH_MAX)
                failed = batch_fail(w, BATCH_TOO_LARGE, root, row, (int64_t)size);
            if (failed) {
                status = -1;
                if (w->fault.reason == BATCH_NO_MEMORY) return -1;
                w->at = w->end - mark;
                size = 0;
            }
        }
        sizes[row - first] = (int64_t)size;
    }
    return status;
}

#endif
