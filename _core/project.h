/* The walk of a projection: one record's bytes into the open row of a column store.
 *
 * What is asked for is checked fully, what is not by its length alone. Verdicts on what is looked
 * at, and the values, are upstream's: last wins, pieces of a submessage merge, packed and single
 * numbers mix, another wire type makes an unknown field.
 */
#ifndef TENSORWIRE_PROJECT_H
#define TENSORWIRE_PROJECT_H

#include "project_fast.h"

#define PROJECT_PLACE                                                                  \
    place = project_place(store, field, row);                                          \
    if (TW_UNLIKELY(place == SIZE_MAX)) return project_no_memory(walk, item)

#define PROJECT_VARINT                                                                 \
    used = varint_decode(at, end, &value);                                             \
    if (TW_UNLIKELY(used <= 0)) {                                                      \
        varint_fault((size_t)(item - walk->base), used, walk->fault);                  \
        return NULL;                                                                   \
    }                                                                                  \
    at += used

#define PROJECT_NUMBER(form)                                                           \
    PROJECT_VARINT;                                                                    \
    PROJECT_PLACE;                                                                     \
    project_number(store->arrays[field->values], place, form, value);                  \
    return at

#define PROJECT_FIXED(type, load)                                                      \
    if ((size_t)(end - at) < sizeof(type))                                             \
        return project_fault(walk, FAULT_TRUNCATED, item, sizeof(type), (uint64_t)(end - at)); \
    PROJECT_PLACE;                                                                     \
    ((type *)store->arrays[field->values])[place] = load(at);                          \
    return at + sizeof(type)

#define PROJECT_LENGTH                                                                 \
    if (length_decode(walk->base, item, at, end, &at, &length, walk->fault) < 0) return NULL

/* Opens the message of an item, behind a length or, if that is SIZE_MAX, up to its end tag. */
static inline const uint8_t *project_open(ProjectWalk *walk, const ProjectedField *field,
                                          const uint8_t *item, const uint8_t *at, uint32_t tag,
                                          size_t length)
{
    ProjectFrame *frame = walk->frame;
    size_t row = frame->row;
    if (field->flags & PROJECTED_REPEATED) {
        row = column_open(walk->store, field->table);
        if (row == SIZE_MAX) return project_no_memory(walk, item);
    } else {
        project_place(walk->store, field, row);
    }
    frame[1].scope = field->scope;
    frame[1].stop = length == SIZE_MAX ? frame->stop : at + length;
    frame[1].opened = item;
    frame[1].row = row;
    frame[1].group = length == SIZE_MAX ? tag - WIRE_START + WIRE_END : 0;
    walk->frame = frame + 1;
    return at;
}

/* One item at `at`, of any kind: the first byte behind it, or of the message that it opens; NULL
 * and a fault. REQUIRES: at < walk->frame->stop. */
TW_NOINLINE const uint8_t *project_item(ProjectWalk *walk, const uint8_t *at)
{
    ColumnStore *store = walk->store;
    const ProjectedScope *scope = walk->frame->scope;
    const uint8_t *item = at, *end = walk->frame->stop;
    size_t row = walk->frame->row, place, length = SIZE_MAX;
    uint64_t value;
    uint32_t tag;
    int used = tag_decode(at, end, &tag);
    if (used <= 0) {
        tag_fault(walk->base, item, used, walk->fault);
        return NULL;
    }
    at += used;
    const ProjectedField *field = projected_field(scope, tag);
    switch (field->op) {
    case PROJECT_WATCH:
        used = field->flags & PROJECTED_CLOSED ? varint_decode(at, end, &value) : 0;
        if (!(field->flags & PROJECTED_CLOSED) || (used > 0 && project_known(field, value)))
            column_choose(store, field, row);
        /* fall through */
    case PROJECT_SKIP:
        if ((tag & 7) == WIRE_END && tag == walk->frame->group) {
            walk->frame--;
            return at;
        }
        /* An entry with anything but its key and value is an unknown field as a whole. */
        if (scope->dead != PROJECTED_NONE) store->arrays[scope->dead][row] = 1;
        /* fall through */
    case PROJECT_IGNORE: return project_skip(walk, item, at, end, tag);
    case PROJECT_INT64: PROJECT_NUMBER(PROJECT_INT64);
    case PROJECT_INT32: PROJECT_NUMBER(PROJECT_INT32);
    case PROJECT_SINT64: PROJECT_NUMBER(PROJECT_SINT64);
    case PROJECT_SINT32: PROJECT_NUMBER(PROJECT_SINT32);
    case PROJECT_BOOL: PROJECT_NUMBER(PROJECT_BOOL);
    case PROJECT_CLOSED:
        PROJECT_VARINT;
        if (!project_known(field, value)) {
            if (field->flags & PROJECTED_MAP_VALUE) store->arrays[scope->dead][row] = 1;
            return at;
        }
        PROJECT_PLACE;
        project_number(store->arrays[field->values], place, PROJECT_INT32, value);
        return at;
    case PROJECT_FIXED32: PROJECT_FIXED(uint32_t, le_load32);
    case PROJECT_FIXED64: PROJECT_FIXED(uint64_t, le_load64);
    case PROJECT_SPAN:
        PROJECT_LENGTH;
        if (field->flags & PROJECTED_UTF8 && walk->check_utf8 && !utf8_valid(at, at + length))
            return project_fault(walk, FAULT_BAD_UTF8, item, 0, 0);
        PROJECT_PLACE;
        project_span(walk, field, place, at, length);
        if (field->flags & PROJECTED_KEY)
            ((const uint8_t **)store->arrays[field->pointers])[place] = at;
        return at + length;
    case PROJECT_RAW_GROUP:
        at = project_skip_group(walk, item, at, end);
        if (at == NULL) return NULL;
        PROJECT_PLACE;
        project_span(walk, field, place, item, (size_t)(at - item));
        return at;
    case PROJECT_MESSAGE:
        PROJECT_LENGTH;
        /* fall through */
    case PROJECT_GROUP: return project_open(walk, field, item, at, tag, length);
    case PROJECT_PACKED_VARINT:
        PROJECT_LENGTH;
        return project_packed_varint(walk, field, at, at + length) < 0 ? NULL : at + length;
    case PROJECT_PACKED_FIXED:
        PROJECT_LENGTH;
        return project_packed_fixed(walk, field, item, at, length) < 0 ? NULL : at + length;
    default: return NULL; /* there is no other */
    }
}

/* One record into the row that the caller opened: 0, or -1 and a filled fault. The row is then in
 * parts filled. */
static inline int project_record(ProjectWalk *walk, const uint8_t *at, const uint8_t *end, size_t row)
{
    ProjectFrame *frame = walk->frame = walk->frames;
    walk->limit = end;
    frame->scope = walk->store->plan->root;
    frame->stop = end;
    frame->row = row;
    frame->group = PROJECT_RECORD;
    for (;;) { /* progress: the fast part stops at the end, or at an item that is then taken */
        at = project_fast(walk, at);
        if (at == NULL) return -1;
        frame = walk->frame;
        if (at == frame->stop) {
            if (frame == walk->frames) return 0;
            project_fault(walk, FAULT_OPEN_GROUP, frame->opened, frame->group >> 3, 0);
            return -1;
        }
        at = project_item(walk, at);
        if (at == NULL) return -1;
    }
}

#endif
