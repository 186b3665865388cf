/* What messages are written from, the nodes of a tree of columns, and where to: a block that is
 * filled from its end. Strings and bytes, which lie in buffers of their own.
 */
#ifndef TENSORWIRE_BATCH_WRITER_H
#define TENSORWIRE_BATCH_WRITER_H

#include <stdlib.h>

#include "encode.h"
#include "plan.h"
#include "utf8.h"

/* Room for anything but the bytes of a string: a varint of ten bytes, a length and a tag of five
 * each, and what the words that these are stored with reach beyond. */
#define BATCH_ITEM 40
/* Varints of a packed run that room is made for at a time. */
#define BATCH_RUN 100
/* Bytes of a block at least; it doubles. */
#define BATCH_FIRST ((size_t)16 << 10)
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

/* A block for so many bytes, and more once they are there. 0, or -1 where memory ran out;
 * batch_end() either way. */
static inline int batch_begin(BatchWriter *w, size_t nodes, size_t expected)
{
    size_t size = expected < BATCH_FIRST ? BATCH_FIRST : expected;
    BatchWriter empty = {NULL, NULL, NULL, NULL, {BATCH_FINE, 0, 0, 0}};
    *w = empty;
    w->cursors = (size_t *)calloc(nodes, sizeof(size_t));
    w->low = (uint8_t *)malloc(size);
    if (w->low == NULL || w->cursors == NULL) return -1;
    w->at = w->end = w->low + size;
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
    if (size > SIZE_MAX / 4 || wanted > SIZE_MAX / 4 - size)
        return batch_fail(w, BATCH_NO_MEMORY, node, 0, 0);
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

#endif
