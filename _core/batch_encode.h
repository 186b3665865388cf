/* Messages out of columns: the rows of a tree of columns, each written as one message.
 *
 * Written from back to front, the last row first: the length of a message is known when its tag
 * comes to be written, and nothing is looked at twice.
 */
#ifndef TENSORWIRE_BATCH_ENCODE_H
#define TENSORWIRE_BATCH_ENCODE_H

#include <stdlib.h>

#include "encode.h"
#include "plan.h"
#include "utf8.h"

/* Room for anything but the bytes of a string: a varint of ten bytes, a length and a tag of five
 * each, and what the words that these are stored with reach beyond. */
#define BATCH_ITEM 40
/* Varints of a packed run that room is made for at a time. */
#define BATCH_RUN 100
/* Bytes of a block at first; it doubles. */
#define BATCH_FIRST ((size_t)64 << 10)
/* What upstream's runtimes read and write: lengths are 32-bit and signed there. */
#define BATCH_MAX ((size_t)INT32_MAX)

/* BatchNode.op, beside the kinds of fields. */
enum {
    BATCH_SET_ITEM = KIND_COUNT /* the message of an item of a message set */
};

/* BatchNode.flags */
enum {
    BATCH_IMPLICIT = 1, /* a default is not written */
    BATCH_PACKED = 2,
    BATCH_ALWAYS = 4,   /* an absent one is written as its default: keys and values of maps */
    BATCH_REQUIRED = 8,
    BATCH_UTF8 = 16,
    BATCH_MISSING = 32  /* no column is given for it */
};

typedef enum {
    BATCH_FINE = 0,
    BATCH_NO_MEMORY,
    BATCH_BAD_UTF8,
    BATCH_BAD_SPAN,     /* start and length lie in no buffer */
    BATCH_BAD_OFFSETS,  /* of a list: they descend, or lie outside of its items */
    BATCH_BAD_ENUM,     /* a number that a closed enum lacks */
    BATCH_NULL_ITEM,    /* an item of a list is absent */
    BATCH_TWO_MEMBERS,  /* two members of a oneof are there */
    BATCH_NO_REQUIRED,
    BATCH_TOO_LARGE
} BatchReason;

/* The buffers that spans count in: that of `starts[i]` lies at `bases[i]`, and `starts[count]` is
 * the end of the last. */
typedef struct {
    const uint8_t **bases;
    int64_t *starts;
    size_t count;
} BatchSpace;

/* A field: one value, or a list of them, for each row of the table that it lies in. */
typedef struct BatchNode {
    const void *values;       /* one per item, as wide as list_width() says; spans of strings */
    const uint8_t *valid;     /* one per row or item; NULL: all are */
    const int64_t *offsets;   /* of a list, one more than rows; NULL: a single value per row */
    size_t rows;              /* of the table that `values` and `valid` have */
    const BatchSpace *space;  /* of strings and bytes */
    const EnumPlan *closed;   /* NULL: any number is written */
    const struct BatchNode *fields; /* of a message, in the order they are written in */
    const struct BatchNode *rival;  /* another member of the same oneof; the last has none */
    uint64_t tag_word;        /* the bytes of the tag at its upper end */
    uint32_t field_count;
    uint32_t number;
    uint32_t end_tag;         /* of a group */
    uint32_t index;           /* position among all nodes */
    uint8_t op;
    uint8_t flags;
    uint8_t tag_size;
} BatchNode;

typedef struct {
    BatchReason reason;
    uint32_t node;            /* index */
    uint64_t at;              /* row of the table that the node's values have */
    int64_t value;            /* the number that decided it, where there is one */
} BatchFault;

typedef struct {
    uint8_t *at;              /* first byte written */
    uint8_t *low;             /* first byte of the block */
    uint8_t *end;
    size_t *cursors;          /* per node: the buffer that its last span was in */
    BatchFault fault;
} BatchWriter;

typedef struct {
    int64_t start;
    int64_t length;
} BatchSpan;

/* 0, or -1 where memory ran out; batch_end() either way. */
static inline int batch_begin(BatchWriter *w, size_t nodes)
{
    BatchWriter empty = {NULL, NULL, NULL, NULL, {BATCH_FINE, 0, 0, 0}};
    *w = empty;
    w->cursors = (size_t *)calloc(nodes, sizeof(size_t));
    w->low = (uint8_t *)malloc(BATCH_FIRST);
    if (w->low == NULL || w->cursors == NULL) return -1;
    w->at = w->end = w->low + BATCH_FIRST;
    return 0;
}

static inline void batch_end(BatchWriter *w)
{
    free(w->low);
    free(w->cursors);
    w->low = w->at = w->end = NULL;
    w->cursors = NULL;
}

/* Bytes written so far. */
TW_INLINE size_t batch_size(const BatchWriter *w) { return (size_t)(w->end - w->at); }

/* Always -1. */
TW_NOINLINE int batch_fail(BatchWriter *w, BatchReason reason, const BatchNode *node, size_t at,
                           int64_t value)
{
    BatchFault fault = {reason, node->index, at, value};
    w->fault = fault;
    return -1;
}

/* A larger block with what was written at its end. */
TW_NOINLINE int batch_grow(BatchWriter *w, const BatchNode *node, size_t wanted)
{
    size_t used = batch_size(w), size = (size_t)(w->end - w->low);
    if (size > SIZE_MAX / 4 || wanted > SIZE_MAX / 4 - size) return batch_fail(w, BATCH_NO_MEMORY, node, 0, 0);
    while (size - used < wanted) size *= 2; /* progress: doubles; no wrap: see above */
    uint8_t *fresh = (uint8_t *)malloc(size);
    if (fresh == NULL) return batch_fail(w, BATCH_NO_MEMORY, node, 0, 0);
    memcpy(fresh + size - used, w->at, used);
    free(w->low);
    w->low = fresh;
    w->end = fresh + size;
    w->at = w->end - used;
    return 0;
}

/* Makes sure of so many writable bytes before those written. */
TW_INLINE int batch_room(BatchWriter *w, const BatchNode *node, size_t wanted)
{
    if (TW_LIKELY((size_t)(w->at - w->low) >= wanted)) return 0;
    return batch_grow(w, node, wanted);
}

/* REQUIRES, as all that write: batch_room(). */
TW_INLINE void batch_varint(BatchWriter *w, uint64_t value)
{
    if (TW_LIKELY(value < 0x80)) *--w->at = (uint8_t)value;
    else w->at = varint_write_before(w->at, value);
}

TW_INLINE void batch_tag(BatchWriter *w, const BatchNode *node)
{
    le_store64(w->at - 8, node->tag_word);
    w->at -= node->tag_size;
}

/* -- strings and bytes ------------------------------------------------------------------------- */

/* The buffer that address lies in, or SIZE_MAX. REQUIRES: count > 0. */
TW_NOINLINE size_t batch_search(const BatchSpace *space, int64_t start)
{
    size_t low = 0, high = space->count;
    if (start < space->starts[0] || start >= space->starts[space->count]) return SIZE_MAX;
    while (high - low > 1) { /* progress: the range halves */
        size_t middle = low + (high - low) / 2;
        if (space->starts[middle] <= start) low = middle;
        else high = middle;
    }
    return low;
}

/* Where the bytes of a span are; NULL, and a fault, where they lie in no buffer. REQUIRES: its
 * length is not 0. */
TW_INLINE const uint8_t *batch_bytes(BatchWriter *w, const BatchNode *node, size_t at,
                                     BatchSpan span)
{
    const BatchSpace *space = node->space;
    size_t buffer = w->cursors[node->index];
    if (TW_LIKELY(buffer < space->count && space->starts[buffer] <= span.start &&
                  span.start < space->starts[buffer + 1])) {
    } else if (buffer && buffer <= space->count && space->starts[buffer - 1] <= span.start &&
               span.start < space->starts[buffer]) {
        buffer -= 1; /* from the last row to the first, spans descend */
    } else {
        buffer = space->count ? batch_search(space, span.start) : SIZE_MAX;
    }
    /* Both are not negative, as the addresses of buffers are not: no wrap. */
    if (TW_UNLIKELY(buffer == SIZE_MAX || span.length < 0 ||
                    span.length > space->starts[buffer + 1] - span.start)) {
        (void)batch_fail(w, BATCH_BAD_SPAN, node, at, span.start);
        return NULL;
    }
    w->cursors[node->index] = buffer;
    return space->bases[buffer] + (span.start - space->starts[buffer]);
}

static inline int batch_text(BatchWriter *w, const BatchNode *node, size_t at)
{
    BatchSpan span;
    memcpy(&span, (const uint8_t *)node->values + at * sizeof span, sizeof span);
    if (span.length == 0) {
        if (node->flags & BATCH_IMPLICIT) return 0;
    } else {
        const uint8_t *from = batch_bytes(w, node, at, span);
        if (from == NULL) return -1;
        size_t length = (size_t)span.length;
        if (length > BATCH_MAX) return batch_fail(w, BATCH_TOO_LARGE, node, at, span.length);
        if (batch_room(w, node, length + BATCH_ITEM)) return -1;
        w->at -= length;
        memcpy(w->at, from, length);
        if (node->flags & BATCH_UTF8 && !utf8_valid(w->at, w->at + length))
            return batch_fail(w, BATCH_BAD_UTF8, node, at, 0);
    }
    batch_varint(w, (uint64_t)span.length);
    batch_tag(w, node);
    return 0;
}

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
