/* The fast part of the walk of a projection: items of the usual ops, with tags and lengths of two
 * bytes at most. Nearly all items are of that kind; project_item() takes the others, one at a time,
 * and gives every verdict that is not "fine so far".
 *
 * What takes time are instructions, wrong guesses of branches, and loads that one item waits for
 * until another is done. */
#ifndef TENSORWIRE_PROJECT_FAST_H
#define TENSORWIRE_PROJECT_FAST_H

#include "project_items.h"

/* project_word() where one byte, or two, is a guess that mostly holds. */
TW_INLINE const uint8_t *project_fast_varint(const ProjectWalk *walk, const uint8_t *at,
                                             const uint8_t *end, uint64_t *value)
{
    *value = *at;
    if (TW_LIKELY(*value < 0x80)) return at + 1;
    if (end - at >= 2 && at[1] < 0x80) {
        *value = (*value & 0x7f) | (uint64_t)at[1] << 7;
        return at + 2;
    }
    return project_word(walk, at, end, value);
}

/* The same without a guess between one and two bytes, for items of a repeated message: their numbers
 * differ, and the next of them need not wait for this one. */
TW_INLINE const uint8_t *project_fast_mixed(const ProjectWalk *walk, const uint8_t *at,
                                            const uint8_t *end, uint64_t *value)
{
    if (TW_LIKELY(walk->limit - at >= 2)) {
        uint32_t pair = le_load16(at), more = pair >> 7 & 1;
        if (TW_LIKELY((pair & 0x8080) != 0x8080)) {
            *value = (pair & 0x7f) | (pair >> 1 & 0x3f80 & (0 - more));
            at += 1 + more;
            return TW_LIKELY(at <= end) ? at : NULL;
        }
    }
    return project_word(walk, at, end, value);
}

/* Where the value of a single field goes. SIZE_MAX: the store refused it. */
TW_INLINE size_t project_place(ColumnStore *store, const ProjectedField *field, size_t row)
{
    if (field->flags & PROJECTED_REPEATED) return project_append(store, field->table, 1);
    if (field->flags & PROJECTED_ONEOF) column_choose(store, field, row);
    if (field->flags & PROJECTED_SEEN) store->arrays[field->seen][row] = 1;
    return row;
}

/* First byte behind an item that nobody asked for, whose tag ends before `at`; NULL: not that
 * simple. REQUIRES: at < end. */
TW_INLINE const uint8_t *project_fast_skip(const ProjectWalk *walk, uint32_t tag, const uint8_t *at,
                                           const uint8_t *end)
{
    size_t width;
    uint64_t value;
    if (TW_UNLIKELY(tag < 8)) return NULL; /* no field number */
    switch (tag & 7) {
    case WIRE_VARINT: return project_fast_varint(walk, at, end, &value);
    case WIRE_LEN:
        width = *at++;
        if (width >= 0x80) {
            if (at == end || *at >= 0x80) return NULL;
            width = (width & 0x7f) | (size_t)*at++ << 7;
        }
        break;
    case WIRE_FIXED32: case WIRE_FIXED64: width = wire_width(tag & 7); break;
    default: return NULL;
    }
    return width <= (size_t)(end - at) ? at + width : NULL;
}

#define PROJECT_FAST_PLACE                                                             \
    place = project_place(store, field, row);                                          \
    if (TW_UNLIKELY(place == SIZE_MAX)) return project_no_room(walk, item)

#define PROJECT_FAST_NUMBER(form)                                                      \
    at = project_fast_varint(walk, at, last + 1, &value);                              \
    if (TW_UNLIKELY(at == NULL)) goto careful;                                         \
    project_number(store->arrays[field->values], row, form, value);                    \
    continue

#define PROJECT_FAST_FIXED(type, load)                                                 \
    if (TW_UNLIKELY(last - at < (ptrdiff_t)sizeof(type) - 1)) goto careful;            \
    ((type *)store->arrays[field->values])[row] = load(at);                            \
    at += sizeof(type);                                                                \
    continue

#define PROJECT_FAST_LENGTH                                                            \
    length = *at++;                                                                    \
    if (length >= 0x80) {                                                              \
        if (TW_UNLIKELY(at > last || *at >= 0x80)) goto careful;                       \
        length = (length & 0x7f) | (size_t)*at++ << 7;                                 \
    }                                                                                  \
    next = at + length; /* no wrap: two bytes of a length */                           \
    if (TW_UNLIKELY(next - 1 > last)) goto careful

#define PROJECT_FAST_ENTER                                                             \
    by_tag = frame->scope->by_tag;                                                     \
    last = frame->stop - 1;                                                            \
    row = frame->row

/* Goes over items and frames from `at` on, in the frame walk->frame, as long as they are simple.
 * The first byte not gone over, or NULL and a fault. */
static inline const uint8_t *project_fast(ProjectWalk *walk, const uint8_t *at)
{
    ColumnStore *const store = walk->store;
    ProjectFrame *frame = walk->frame;
    const ProjectedField *const *by_tag;
    const uint8_t *last, *item, *next; /* `last`: the byte before the frame's stop */
    size_t row, place, length;
    uint64_t value;
    PROJECT_FAST_ENTER;
    for (;;) { /* progress: an item is at least two bytes here, a frame ends once */
        item = at;
        if (TW_UNLIKELY(at >= last)) {
            if (at == last || frame->group) break;
            at = frame->stop; /* no other address, but known before the items inside are */
            frame--;
            PROJECT_FAST_ENTER;
            continue;
        }
        size_t tag = *at++;
        if (tag >= 0x80) {
            tag = (tag & 0x7f) | (size_t)*at << 7;
            if (TW_UNLIKELY(*at++ >= 0x80 || at > last || tag >= frame->scope->tag_count)) break;
        }
        const ProjectedField *field = by_tag[tag];
        if (field->fast == FAST_SKIP_RUN) { /* a branch is foretold better than one more target */
            next = project_skip_run(frame->scope, item, last);
            if (TW_UNLIKELY(next == item)) goto skip;
            at = next;
            continue;
        }
        switch (field->fast) {
        case FAST_NONE: goto careful;
        case FAST_SKIP:
        skip:
            at = project_fast_skip(walk, (uint32_t)tag, at, last + 1);
            if (TW_UNLIKELY(at == NULL)) goto careful;
            continue;
        case FAST_INT64: PROJECT_FAST_NUMBER(PROJECT_INT64);
        case FAST_INT32: PROJECT_FAST_NUMBER(PROJECT_INT32);
        case FAST_SINT64: PROJECT_FAST_NUMBER(PROJECT_SINT64);
        case FAST_SINT32: PROJECT_FAST_NUMBER(PROJECT_SINT32);
        case FAST_BOOL: PROJECT_FAST_NUMBER(PROJECT_BOOL);
        case FAST_VARINT:
            if (field->flags & PROJECTED_LISTED)
                at = project_fast_mixed(walk, at, last + 1, &value);
            else
                at = project_fast_varint(walk, at, last + 1, &value);
            if (TW_UNLIKELY(at == NULL)) goto careful;
            PROJECT_FAST_PLACE;
            project_number(store->arrays[field->values], place, field->op, value);
            continue;
        case FAST_FIXED32: PROJECT_FAST_FIXED(uint32_t, le_load32);
        case FAST_FIXED64: PROJECT_FAST_FIXED(uint64_t, le_load64);
        case FAST_FIXED:
            length = field->width;
            if (TW_UNLIKELY((size_t)(last - at) + 1 < length)) goto careful;
            PROJECT_FAST_PLACE;
            if (length == 4)
                ((uint32_t *)store->arrays[field->values])[place] = le_load32(at);
            else
                ((uint64_t *)store->arrays[field->values])[place] = le_load64(at);
            at += length;
            continue;
        case FAST_TEXT:
            PROJECT_FAST_LENGTH;
            if (walk->check_utf8 && TW_UNLIKELY(!project_text(walk, at, length))) goto careful;
            project_span(walk, field, row, at, length);
            at = next;
            continue;
        case FAST_SPAN:
            PROJECT_FAST_LENGTH;
            if (field->flags & PROJECTED_UTF8 && walk->check_utf8 &&
                TW_UNLIKELY(!project_text(walk, at, length)))
                goto careful;
            PROJECT_FAST_PLACE;
            project_span(walk, field, place, at, length);
            if (TW_UNLIKELY(field->flags & PROJECTED_KEY))
                ((const uint8_t **)store->arrays[field->pointers])[place] = at;
            at = next;
            continue;
        case FAST_MESSAGE:
            PROJECT_FAST_LENGTH;
            project_place(store, field, row);
            goto open;
        case FAST_MESSAGES:
            PROJECT_FAST_LENGTH;
            row = column_open(store, field->table);
            if (TW_UNLIKELY(row == SIZE_MAX)) return project_no_room(walk, item);
        open:
            frame++;
            frame->scope = field->scope;
            frame->stop = next;
            frame->row = row;
            frame->group = 0;
            by_tag = field->scope->by_tag;
            last = next - 1;
            continue;
        case FAST_PACKED_VARINT:
            PROJECT_FAST_LENGTH;
            if (TW_UNLIKELY(project_packed_varint(walk, field, at, next) < 0)) return NULL;
            at = next;
            continue;
        case FAST_PACKED_FIXED:
            PROJECT_FAST_LENGTH;
            if (TW_UNLIKELY(project_packed_fixed(walk, field, item, at, length) < 0)) return NULL;
            at = next;
            continue;
        default: TW_UNREACHABLE;
        }
    }
careful:
    walk->frame = frame;
    return item;
}

#endif
