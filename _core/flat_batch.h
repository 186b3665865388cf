/* A field of the tables that lie in one vector: the same is done to all of them before the next
 * field, so that what it takes to know the field is done once. Where there is only one field, each
 * table is found when it is its turn; else some are found at a time. */
#ifndef TENSORWIRE_FLAT_BATCH_H
#define TENSORWIRE_FLAT_BATCH_H

#include "flat_take.h"

/* Tables at a time. Vectors in vectors have a batch each on the stack: 1.3 KiB. */
#define TAKE_BATCH 64
/* Tables after which the items of all can be foretold from theirs. */
#define TAKE_SAMPLE 16
/* Growth at most: tables that lie about those to come waste no more than that. */
#define TAKE_LEAP 8

typedef struct {
    size_t first;              /* of the offsets, all of which lie inside */
    size_t count;              /* of the tables; at most TAKE_BATCH where they were found before */
    size_t row;                /* of the first */
    size_t failed;             /* table of a fault */
    size_t at[TAKE_BATCH];
    size_t vtable[TAKE_BATCH];
    uint32_t vtable_size[TAKE_BATCH];
} TakeBatch;

typedef struct {
    size_t at;
    size_t vtable;
    uint32_t vtable_size;
} TakeTable;

/* Table `i`: whether it is inside. `before`: what was found last, for most share its vtable. */
TW_INLINE bool batch_table(TakeGround g, const TakeBatch *batch, size_t i, TakeTable *before)
{
    size_t place = batch->first + 4 * i, at = place + le_load32(g.base + place), vtable;
    if (TW_UNLIKELY(at > g.size || g.size - at < 4)) return false;
    vtable = at - (size_t)(int64_t)(int32_t)le_load32(g.base + at);
    before->at = at;
    if (TW_LIKELY(vtable == before->vtable)) return true;
    return take_vtable(g, at, &before->vtable, &before->vtable_size);
}

#define TAKE_NO_TABLE {0, SIZE_MAX, 0}

/* Finds all tables. 0, or -1 and a fault. */
TW_INLINE int batch_fill(FlatProjector *w, TakeBatch *batch)
{
    TakeGround g = w->ground;
    TakeTable table = TAKE_NO_TABLE;
    for (size_t i = 0; i < batch->count; i++) {
        if (TW_UNLIKELY(!batch_table(g, batch, i, &table))) {
            batch->failed = i;
            return take_changed(w, batch->first + 4 * i);
        }
        batch->at[i] = table.at;
        batch->vtable[i] = table.vtable;
        batch->vtable_size[i] = table.vtable_size;
    }
    return 0;
}

/* Where a field of table `i` is. `only`: of this field alone, so that no table was found before. */
TW_INLINE size_t batch_find(TakeGround g, const FlatField *field, const TakeBatch *batch, size_t i,
                            bool only, TakeTable *table)
{
    if (only) {
        if (TW_UNLIKELY(!batch_table(g, batch, i, table))) return TAKE_OUTSIDE;
    } else {
        table->at = batch->at[i];
        table->vtable = batch->vtable[i];
        table->vtable_size = batch->vtable_size[i];
    }
    return take_find(g, field, table->at, table->vtable, table->vtable_size);
}

/* The fault of table `i` whose field is outside: -1. */
static inline int batch_changed(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch,
                                size_t i)
{
    batch->failed = i;
    take_changed(w, batch->first + 4 * i);
    return take_trace(w, asked, UINT64_MAX);
}

static inline int batch_fault(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch, size_t i)
{
    batch->failed = i;
    return take_trace(w, asked, UINT64_MAX);
}

/* -- a field of all tables: 0, or -1 and a fault -- */

TW_INLINE int batch_numbers(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch, bool only)
{
    TakeGround g = w->ground;
    TakeTable table = TAKE_NO_TABLE;
    FlatStore *store = w->store;
    uint8_t *into = store->arrays[asked->values].data + batch->row * asked->width;
    uint8_t *seen = NULL;
    if (asked->seen != FLAT_ASKED_NONE) seen = store->arrays[asked->seen].data + batch->row;
    for (size_t i = 0; i < batch->count; i++, into += asked->width) {
        size_t place = batch_find(g, asked->field, batch, i, only, &table);
        if (place == TAKE_ABSENT) {
            if (seen == NULL) take_put(asked, into, (const uint8_t *)&asked->absent);
            continue;
        }
        if (TW_UNLIKELY(place == TAKE_OUTSIDE)) return batch_changed(w, asked, batch, i);
        take_put(asked, into, g.base + place);
        if (seen != NULL) seen[i] = 1;
    }
    return 0;
}

TW_INLINE int batch_spans(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch, bool only)
{
    TakeGround g = w->ground;
    TakeTable table = TAKE_NO_TABLE;
    size_t target;
    for (size_t i = 0; i < batch->count; i++) {
        size_t place = batch_find(g, asked->field, batch, i, only, &table);
        if (place == TAKE_ABSENT) continue;
        if (TW_UNLIKELY(place == TAKE_OUTSIDE ||
                        !take_leads(g, place, asked->field->flags & FLAT_OFFSET64, &target)))
            return batch_changed(w, asked, batch, i);
        take_see(w->store, asked, batch->row + i);
        if (TW_UNLIKELY(take_span(w, g, asked, batch->row + i, target) < 0))
            return batch_fault(w, asked, batch, i);
    }
    return 0;
}

/* Room for the items of table `i` and, by what those before it had, of the tables behind it. */
static inline size_t batch_need(const TakeBatch *batch, size_t i, size_t used, size_t count)
{
    size_t foretold = i < TAKE_SAMPLE ? 0 : (used / i + 1) * (batch->count - i);
    return foretold > count && foretold <= used * TAKE_LEAP ? foretold : count;
}

/* Vectors of numbers. `plain`: these have 4 bytes and stay what they are, and neither offsets nor
 * lengths have 8. */
TW_INLINE int batch_vectors(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch, bool only,
                            bool plain)
{
    TakeGround g = w->ground;
    TakeTable table = TAKE_NO_TABLE;
    FlatStore *store = w->store;
    const FlatField *field = asked->field;
    int wide = !plain && field->base == FLAT_VECTOR64, far = !plain && field->flags & FLAT_OFFSET64;
    uint32_t item = plain ? 4 : field->item_size;
    int64_t *starts = (int64_t *)(void *)store->arrays[asked->starts].data + batch->row;
    FlatRows *rows = &store->rows[asked->table];
    uint8_t *values = store->arrays[asked->values].data;
    size_t used = rows->count, room = rows->room, first, count, target;
    uint64_t left = w->left;
    for (size_t i = 0; i < batch->count; i++) {
        size_t place = batch_find(g, field, batch, i, only, &table);
        starts[i] = (int64_t)used;
        if (place == TAKE_ABSENT) continue;
        if (TW_UNLIKELY(place == TAKE_OUTSIDE || !take_leads(g, place, far, &target) ||
                        !take_items(g, target, wide, item, &first, &count)))
            return batch_changed(w, asked, batch, i);
        uint64_t units = plain ? count : (count * item + 3) / 4;
        if (TW_UNLIKELY(units > left)) {
            fault_set(w->fault, FAULT_UNFOLDED, target, w->limit, 0);
            return batch_fault(w, asked, batch, i);
        }
        left -= units;
        if (TW_UNLIKELY(count > room - used)) {
            rows->count = used;
            if (flat_store_room(store, asked->table, batch_need(batch, i, used, count)) < 0) {
                take_no_room(w, target);
                return batch_fault(w, asked, batch, i);
            }
            room = rows->room;
            values = store->arrays[asked->values].data;
        }
        if (plain && count <= FLAT_SLACK / 4 && g.size - first >= FLAT_SLACK && values != NULL)
            memcpy(values + used * 4, g.base + first, FLAT_SLACK); /* see take_copy() */
        else
            take_copy(g, store, asked, used, first, count);
        used += count;
    }
    rows->count = used;
    w->left = left;
    return 0;
}

/* Which of these is for the field; 1: none. */
TW_INLINE int batch_field(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch, bool only)
{
    const FlatField *field = asked->field;
    switch (asked->op) {
    case FLAT_PUT_NUMBER: return batch_numbers(w, asked, batch, only);
    case FLAT_PUT_STRING: case FLAT_PUT_BYTES: return batch_spans(w, asked, batch, only);
    case FLAT_EACH_NUMBER:
        if (asked->width == 4 && asked->form == FLAT_FORM_SAME && field->base != FLAT_VECTOR64 &&
            !(field->flags & FLAT_OFFSET64))
            return batch_vectors(w, asked, batch, only, true);
        return batch_vectors(w, asked, batch, only, false);
    default: return 1;
    }
}

static inline int batch_only(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch)
{
    return batch_field(w, asked, batch, true);
}

static inline int batch_one(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch)
{
    return batch_field(w, asked, batch, false);
}

#endif
