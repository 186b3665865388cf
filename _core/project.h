/* The walk of a projection: one record's bytes into the open row of a column store.
 *
 * What is asked for is checked fully, what is not by its length alone. Verdicts on what is looked
 * at, and the values, are upstream's: last wins, pieces of a submessage merge, packed and single
 * numbers mix, another wire type makes an unknown field.
 */
#ifndef TENSORWIRE_PROJECT_H
#define TENSORWIRE_PROJECT_H

#include "project_items.h"

/* Where a value goes: the open row, or a new one of a repeated field. */
#define PROJECT_PLACE                                                                  \
    if (TW_UNLIKELY(field->flags & (PROJECTED_REPEATED | PROJECTED_ONEOF))) {          \
        place = project_place(store, field, row);                                      \
        if (TW_UNLIKELY(place == SIZE_MAX)) goto no_memory;                            \
    }

#define PROJECT_VARINT_ITEM(form)                                                      \
    used = varint_decode(at, end, &value);                                             \
    if (TW_UNLIKELY(used <= 0)) {                                                      \
        varint_fault((size_t)(item - walk->base), used, walk->fault);                  \
        return -1;                                                                     \
    }                                                                                  \
    at += used;                                                                        \
    PROJECT_PLACE                                                                      \
    project_number(store->arrays[field->values], place, form, value)

static inline size_t project_place(ColumnStore *store, const ProjectedField *field, size_t row)
{
    if (field->flags & PROJECTED_REPEATED) return project_append(store, field->table, 1);
    column_choose(store, field, row);
    return row;
}

/* One record into the row that the caller opened: 0, or -1 and a filled fault. The row is then in
 * parts filled. */
static inline int project_record(ProjectWalk *walk, const uint8_t *at, const uint8_t *end, size_t row)
{
    ColumnStore *store = walk->store;
    ProjectFrame *frame = walk->frames;
    const ProjectedScope *scope = store->plan->root;
    const uint8_t *item, *start;
    uint64_t value;
    size_t length;
    uint32_t tag;
    int used;
    frame->scope = scope;
    frame->stop = end;
    frame->row = row;
    frame->group = 0;
    for (;;) { /* progress: an item has a byte, a frame ends once */
        at = project_skip_simple(scope, at, end);
        if (at == end) {
            if (TW_UNLIKELY(frame->group)) {
                project_fault(walk, FAULT_OPEN_GROUP, frame->opened, frame->group >> 3, 0);
                return -1;
            }
            if (frame == walk->frames) return 0;
            frame--;
            scope = frame->scope;
            end = frame->stop;
            row = frame->row;
            continue;
        }
        item = at;
        tag = *at;
        if (TW_LIKELY(tag < 0x80)) {
            at++;
        } else if (end - at >= 2 && at[1] < 0x80) {
            tag = (tag & 0x7f) | (uint32_t)at[1] << 7;
            at += 2;
        } else {
            used = tag_decode(at, end, &tag);
            if (used <= 0) return tag_fault(walk->base, item, used, walk->fault);
            at += used;
        }
        const ProjectedField *field = projected_field(scope, tag);
        size_t place = row;
        switch (field->op) {
        case PROJECT_WATCH:
            if (field->flags & PROJECTED_CLOSED) {
                used = varint_decode(at, end, &value);
                if (used > 0 && project_known(field, value)) column_choose(store, field, row);
            } else {
                column_choose(store, field, row);
            }
            /* fall through */
        case PROJECT_SKIP:
            if (TW_UNLIKELY((tag & 7) == WIRE_END && tag == frame->group)) {
                frame--;
                scope = frame->scope;
                end = frame->stop;
                row = frame->row;
                continue;
            }
            /* An entry with anything but its key and value is an unknown field as a whole. */
            if (TW_UNLIKELY(scope->dead != PROJECTED_NONE)) store->arrays[scope->dead][row] = 1;
            /* fall through */
        case PROJECT_IGNORE:
            at = project_skip(walk, item, at, end, tag);
            if (TW_UNLIKELY(at == NULL)) return -1;
            continue;
        case PROJECT_INT64: PROJECT_VARINT_ITEM(PROJECT_INT64); break;
        case PROJECT_INT32: PROJECT_VARINT_ITEM(PROJECT_INT32); break;
        case PROJECT_SINT64: PROJECT_VARINT_ITEM(PROJECT_SINT64); break;
        case PROJECT_SINT32: PROJECT_VARINT_ITEM(PROJECT_SINT32); break;
        case PROJECT_BOOL: PROJECT_VARINT_ITEM(PROJECT_BOOL); break;
        case PROJECT_CLOSED:
            used = varint_decode(at, end, &value);
            if (used > 0 && !project_known(field, value)) {
                if (field->flags & PROJECTED_MAP_VALUE) store->arrays[scope->dead][row] = 1;
                at += used;
                continue;
            }
            PROJECT_VARINT_ITEM(PROJECT_INT32);
            break;
        case PROJECT_FIXED32:
            if (TW_UNLIKELY(end - at < 4)) goto short_fixed;
            PROJECT_PLACE;
            ((uint32_t *)store->arrays[field->values])[place] = le_load32(at);
            at += 4;
            break;
        case PROJECT_FIXED64:
            if (TW_UNLIKELY(end - at < 8)) goto short_fixed;
            PROJECT_PLACE;
            ((uint64_t *)store->arrays[field->values])[place] = le_load64(at);
            at += 8;
            break;
        case PROJECT_SPAN:
            if (TW_UNLIKELY(length_decode(walk->base, item, at, end, &start, &length,
                                          walk->fault) < 0))
                return -1;
            at = start + length;
            if (field->flags & PROJECTED_UTF8 && walk->check_utf8 && !project_utf8(start, at, end)) {
                project_fault(walk, FAULT_BAD_UTF8, item, 0, 0);
                return -1;
            }
            PROJECT_PLACE;
            project_span(walk, field, place, start, length);
            break;
        case PROJECT_RAW_GROUP:
            at = project_skip_group(walk, item, at, end);
            if (at == NULL) return -1;
            PROJECT_PLACE;
            project_span(walk, field, place, item, (size_t)(at - item));
            break;
        case PROJECT_MESSAGE:
            if (TW_UNLIKELY(length_decode(walk->base, item, at, end, &start, &length,
                                          walk->fault) < 0))
                return -1;
            at = start;
            goto open;
        case PROJECT_GROUP:
            length = SIZE_MAX;
        open:
            if (field->flags & PROJECTED_REPEATED) {
                row = column_open(store, field->table);
                if (TW_UNLIKELY(row == SIZE_MAX)) goto no_memory;
            } else {
                if (TW_UNLIKELY(field->flags & PROJECTED_ONEOF)) column_choose(store, field, row);
                if (field->flags & PROJECTED_SEEN) store->arrays[field->seen][row] = 1;
            }
            frame++;
            scope = frame->scope = field->scope;
            frame->opened = item;
            frame->row = row;
            frame->group = length == SIZE_MAX ? tag - WIRE_START + WIRE_END : 0;
            if (length != SIZE_MAX) end = at + length;
            frame->stop = end;
            continue;
        case PROJECT_PACKED_VARINT:
            if (length_decode(walk->base, item, at, end, &start, &length, walk->fault) < 0 ||
                project_packed_varint(walk, field, start, start + length) < 0)
                return -1;
            at = start + length;
            continue;
        case PROJECT_PACKED_FIXED:
            if (length_decode(walk->base, item, at, end, &start, &length, walk->fault) < 0 ||
                project_packed_fixed(walk, field, item, start, length) < 0)
                return -1;
            at = start + length;
            continue;
        default: continue; /* there is no other */
        }
        if (field->flags & PROJECTED_SEEN) store->arrays[field->seen][row] = 1;
    }
short_fixed:
    project_fault(walk, FAULT_TRUNCATED, item, wire_width(tag & 7), (uint64_t)(end - at));
    return -1;
no_memory:
    return project_no_room(walk, item);
}

#endif
