/* What a projection does with single items: skips them, or lays their values into a column store. */
#ifndef TENSORWIRE_PROJECT_ITEMS_H
#define TENSORWIRE_PROJECT_ITEMS_H

#include "column_store.h"
#include "kinds.h"
#include "tag.h"
#include "utf8.h"

typedef struct {
    const ProjectedScope *scope;
    const uint8_t *stop;
    const uint8_t *opened; /* its item */
    size_t row;
    uint32_t group;        /* the end tag that closes it; 0 for one behind a length, PROJECT_RECORD */
} ProjectFrame;

typedef struct {
    ColumnStore *store;
    ProjectFrame *frames;         /* plan->depth of them */
    ProjectFrame *frame;          /* the innermost open one */
    const VarintKernel *kernel;   /* of long packed runs */
    const uint8_t *base;          /* of the record: offsets of faults count from here */
    const uint8_t *limit;         /* its end */
    uint64_t origin;              /* address of its first byte among the sources */
    Fault *fault;
    int check_utf8;
} ProjectWalk;

/* ProjectFrame.group of the record itself, which no tag closes. */
#define PROJECT_RECORD 1

/* Packed runs from this length on go through the bulk kernels. */
#define PROJECT_KERNEL_BYTES 32

static inline const uint8_t *project_fault(ProjectWalk *walk, FaultReason reason,
                                           const uint8_t *item, uint64_t wanted, uint64_t found)
{
    fault_set(walk->fault, reason, (size_t)(item - walk->base), wanted, found);
    return NULL;
}

/* The store refused a row for an item. */
static inline const uint8_t *project_no_room(ProjectWalk *walk, const uint8_t *item)
{
    FaultReason reason = walk->store->is_over ? FAULT_GROWN : FAULT_NO_MEMORY;
    return project_fault(walk, reason, item, walk->store->limit, 0);
}

/* A number as it is laid into an array of 8, 4 or 1 bytes per value. */
TW_INLINE void project_number(uint8_t *values, size_t row, uint8_t op, uint64_t value)
{
    uint32_t low = (uint32_t)value;
    switch (op) {
    case PROJECT_INT64: ((uint64_t *)values)[row] = value; break;
    case PROJECT_SINT64: ((uint64_t *)values)[row] = (value >> 1) ^ (0 - (value & 1)); break;
    case PROJECT_SINT32: ((uint32_t *)values)[row] = (low >> 1) ^ (0 - (low & 1)); break;
    case PROJECT_BOOL: values[row] = value != 0; break;
    default: ((uint32_t *)values)[row] = low; break;
    }
}

/* The op that lays numbers of a kind which is encoded as varints. */
TW_INLINE uint8_t project_form(uint8_t kind)
{
    switch (kind) {
    case KIND_INT64: case KIND_UINT64: return PROJECT_INT64;
    case KIND_SINT64: return PROJECT_SINT64;
    case KIND_SINT32: return PROJECT_SINT32;
    case KIND_BOOL: return PROJECT_BOOL;
    default: return PROJECT_INT32;
    }
}

/* Row for one more item of a repeated scalar; SIZE_MAX: out of memory. */
TW_INLINE size_t project_append(ColumnStore *store, uint32_t table, size_t more)
{
    size_t row = store->counts[table];
    if (TW_UNLIKELY(store->rooms[table] - row < more) &&
        (more > COLUMN_ROOM_MAX - row || column_grow(store, table, row + more) < 0))
        return SIZE_MAX;
    store->counts[table] = row + more;
    return row;
}

/* First byte behind an item of the wire type of `tag`, which ends before `at`; NULL and a fault.
 * REQUIRES: the item is no group. */
TW_INLINE const uint8_t *project_skip_plain(ProjectWalk *walk, const uint8_t *item,
                                            const uint8_t *at, const uint8_t *end, uint32_t tag)
{
    size_t length;
    uint64_t value;
    int used;
    switch (tag & 7) {
    case WIRE_LEN:
        if (length_decode(walk->base, item, at, end, &at, &length, walk->fault) < 0) return NULL;
        return at + length;
    case WIRE_VARINT:
        used = varint_decode(at, end, &value);
        if (TW_LIKELY(used > 0)) return at + used;
        varint_fault((size_t)(item - walk->base), used, walk->fault);
        return NULL;
    case WIRE_FIXED32: case WIRE_FIXED64:
        length = wire_width(tag & 7);
        if (TW_LIKELY((size_t)(end - at) >= length)) return at + length;
        return project_fault(walk, FAULT_TRUNCATED, item, length, (uint64_t)(end - at));
    default: return project_fault(walk, FAULT_BAD_WIRE, item, tag & 7, 0);
    }
}

/* First byte behind a group whose start tag ends before `at`; NULL and a fault. */
TW_NOINLINE const uint8_t *project_skip_group(ProjectWalk *walk, const uint8_t *item,
                                              const uint8_t *at, const uint8_t *end)
{
    size_t open_groups = 1;
    uint32_t tag;
    while (at != end) { /* progress: an item is at least one byte */
        const uint8_t *inner = at;
        int used = tag_decode(at, end, &tag);
        if (used <= 0) {
            tag_fault(walk->base, inner, used, walk->fault);
            return NULL;
        }
        at += used;
        switch (tag & 7) {
        case WIRE_START: open_groups++; break;
        case WIRE_END:
            if (--open_groups == 0) return at;
            break;
        default:
            at = project_skip_plain(walk, inner, at, end, tag);
            if (at == NULL) return NULL;
        }
    }
    return project_fault(walk, FAULT_OPEN_GROUP, item, 0, 0);
}

/* First byte behind an item that is not asked for, whose tag ends before `at`. */
TW_INLINE const uint8_t *project_skip(ProjectWalk *walk, const uint8_t *item, const uint8_t *at,
                                      const uint8_t *end, uint32_t tag)
{
    if (TW_UNLIKELY(tag < 8)) return project_fault(walk, FAULT_BAD_FIELD, item, 0, 0);
    switch (tag & 7) {
    case WIRE_START: return project_skip_group(walk, item, at, end);
    case WIRE_END: return project_fault(walk, FAULT_LONE_END, item, tag >> 3, 0);
    default: return project_skip_plain(walk, item, at, end, tag);
    }
}

/* The varint at `at`, by one load wherever the record has eight bytes; returns the byte behind it.
 * NULL: not that simple. REQUIRES: at < end <= walk->limit. */
TW_INLINE const uint8_t *project_word(const ProjectWalk *walk, const uint8_t *at,
                                           const uint8_t *end, uint64_t *value)
{
    const uint8_t *limit = walk->limit;
    size_t left = (size_t)(limit - at);
    uint64_t word;
    int used;
    if (TW_LIKELY(left >= 8)) word = le_load64(at);
    else if (limit - walk->base >= 8) word = le_load64(limit - 8) >> (64 - 8 * left);
    else return NULL;
    used = varint_decode_word(word, value);
    if (TW_UNLIKELY(used == 0)) {
        if (left < VARINT_MAX) return NULL;
        used = varint_decode_tail(at, varint_join(word & VARINT_LOWS), value);
        if (used < 0) return NULL;
    }
    return TW_LIKELY(used <= end - at) ? at + used : NULL;
}

/* The values of [at, stop), one by one, for short runs and closed enums. */
TW_NOINLINE int project_packed_each(ProjectWalk *walk, const ProjectedField *field,
                                    const uint8_t *at, const uint8_t *stop)
{
    ColumnStore *store = walk->store;
    const uint8_t *first = at;
    uint8_t form = project_form(field->kind);
    size_t row = project_append(store, field->table, store->is_careful ? 0 : (size_t)(stop - at));
    uint64_t value;
    if (row == SIZE_MAX) return project_no_room(walk, at), -1;
    while (at != stop) { /* progress: used > 0 */
        const uint8_t *next = project_word(walk, at, stop, &value);
        if (TW_UNLIKELY(next == NULL)) {
            int used = varint_decode(at, stop, &value);
            if (used <= 0) return varint_fault((size_t)(at - walk->base), used, walk->fault);
            next = at + used;
        }
        at = next;
        if (field->flags & PROJECTED_CLOSED && !enum_knows(field->enumeration, (int32_t)value))
            continue;
        if (store->is_careful && project_append(store, field->table, 1) == SIZE_MAX)
            return project_no_room(walk, first), -1;
        project_number(store->arrays[field->values], row++, form, value);
    }
    store->counts[field->table] = row;
    return 0;
}

/* A packed run of varints. 0, or -1 and a fault at the bad value. */
static inline int project_packed_varint(ProjectWalk *walk, const ProjectedField *field,
                                        const uint8_t *at, const uint8_t *stop)
{
    size_t values = 0, row, origin = (size_t)(at - walk->base);
    if (stop - at < PROJECT_KERNEL_BYTES || field->flags & PROJECTED_CLOSED)
        return project_packed_each(walk, field, at, stop);
    if (varint_run_count(walk->kernel, at, stop, origin, &values, walk->fault) < 0) return -1;
    row = project_append(walk->store, field->table, values);
    if (row == SIZE_MAX) return project_no_room(walk, at), -1;
    return varint_run_decode(walk->kernel, at, stop, origin, varint_kind(field->kind),
                             walk->store->arrays[field->values] + row * field->width, values,
                             walk->fault);
}

/* A packed run of fixed width: copied as it is. */
TW_INLINE int project_packed_fixed(ProjectWalk *walk, const ProjectedField *field,
                                   const uint8_t *item, const uint8_t *at, size_t length)
{
    size_t width = field->width, row;
    if (TW_UNLIKELY(length & (width - 1)))
        return fault_set(walk->fault, FAULT_PACKED_WIDTH, (size_t)(item - walk->base), width, length);
    row = project_append(walk->store, field->table, width == 8 ? length >> 3 : length >> 2);
    if (TW_UNLIKELY(row == SIZE_MAX)) return project_no_room(walk, item), -1;
    uint8_t *into = walk->store->arrays[field->values] + row * width;
    if (length == 32) memcpy(into, at, 32); /* a call costs more than so few bytes */
    else if (length) memcpy(into, at, length);
    return 0;
}

TW_INLINE void project_span(ProjectWalk *walk, const ProjectedField *field, size_t row,
                            const uint8_t *at, size_t length)
{
    ColumnStore *store = walk->store;
    ColumnSpan *spans = (ColumnSpan *)store->arrays[field->values];
    spans[row].start = (int64_t)(walk->origin + (uint64_t)(at - walk->base));
    spans[row].length = (int64_t)length;
}

/* A number of a closed enum: whether the field has it. */
TW_INLINE int project_known(const ProjectedField *field, uint64_t value)
{
    return enum_knows(field->enumeration, (int32_t)value);
}

/* Whether a text is UTF-8; most are short and ASCII. A load wider than the text may begin before
 * it, or end behind it, as long as it does not leave the record. */
TW_INLINE int project_text(const ProjectWalk *walk, const uint8_t *start, size_t length)
{
    const uint8_t *stop = start + length;
    if (TW_LIKELY(length <= 16)) {
        if (walk->limit - start >= 16 && !(utf8_tops16(start) & ((1u << length) - 1))) return 1;
        if (stop - walk->base >= 16 && !(utf8_tops16(stop - 16) >> (16 - length))) return 1;
    } else if (length <= 64) {
        if (walk->limit - start >= 64 && !(utf8_tops64(start) << (64 - length))) return 1;
        if (stop - walk->base >= 64 && !(utf8_tops64(stop - 64) >> (64 - length))) return 1;
    }
    return utf8_valid(start, stop);
}

/* The first item at or behind `at` that is asked for, or is not as simple: a tag of one byte, a
 * length of two at most. `last`: the byte before the end. REQUIRES: at < last. */
TW_INLINE const uint8_t *project_skip_run(const ProjectedScope *scope, const uint8_t *at,
                                          const uint8_t *last)
{
    for (;;) { /* progress: two bytes or more */
        size_t simple = scope->simple[at[0]], width = at[1];
        const uint8_t *next = at + 2;
        if (simple == PROJECT_SIMPLE_LEN) {
            if (width >= 0x80) {
                if (last - at < 2 || at[2] >= 0x80) return at;
                width = (width & 0x7f) | (size_t)at[2] << 7;
                next++;
            }
            next += width;
        } else if (simple == PROJECT_SIMPLE_VARINT) {
            if (width >= 0x80) {
                if (last - at < 8) return at;
                uint64_t stops = ~le_load64(at + 1) & VARINT_TOPS;
                if (stops == 0) return at;
                next += ctz64(stops) >> 3;
            }
        } else {
            if (simple == PROJECT_NOT_SIMPLE) return at;
            next = at + simple;
        }
        if (TW_UNLIKELY(next >= last)) { /* no wrap: two bytes of a length */
            if (next - 1 > last) return at;
            TW_KEEP_BRANCH;
            return next;
        }
        at = next;
    }
}

#endif
