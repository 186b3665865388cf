/* Tables that lie in one vector, some at a time, field by field: the same is done to all of them
 * before the next field, so that what it takes to know the field is done once. */
#ifndef TENSORWIRE_FLAT_BATCH_H
#define TENSORWIRE_FLAT_BATCH_H

#include "flat_take.h"

/* Tables at a time. Vectors in vectors have a batch each on the stack: 1.3 KiB. */
#define TAKE_BATCH 64

typedef struct {
    size_t row;                /* of the first */
    uint32_t count;
    size_t at[TAKE_BATCH];
    size_t vtable[TAKE_BATCH];
    uint32_t vtable_size[TAKE_BATCH];
} TakeBatch;

/* Finds the tables whose offsets are at `first`. The number of those that are inside. REQUIRES: the
 * offsets lie inside. */
TW_INLINE uint32_t batch_fill(TakeGround g, TakeBatch *batch, size_t first, uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++) {
        size_t at;
        if (TW_UNLIKELY(!take_leads(g, first + 4 * (size_t)i, 0, &at))) break;
        if (TW_UNLIKELY(!take_vtable(g, at, &batch->vtable[i], &batch->vtable_size[i]))) break;
        batch->at[i] = at;
    }
    return i;
}

TW_INLINE size_t batch_find(TakeGround g, const FlatField *field, const TakeBatch *batch,
                            uint32_t i)
{
    return take_find(g, field, batch->at[i], batch->vtable[i], batch->vtable_size[i]);
}

/* Where the target of a field of table `i` is. */
TW_INLINE size_t batch_target(TakeGround g, const FlatField *field, const TakeBatch *batch,
                              uint32_t i)
{
    size_t place = batch_find(g, field, batch, i), target;
    if (place == TAKE_ABSENT || place == TAKE_OUTSIDE) return place;
    return take_leads(g, place, field->flags & FLAT_OFFSET64, &target) ? target : TAKE_OUTSIDE;
}

/* The batch's tables whose field is outside: -1. */
static inline int batch_changed(FlatProjector *w, const FlatAsked *asked, const TakeBatch *batch,
                                uint32_t i)
{
    take_changed(w, batch->at[i]);
    return take_trace(w, asked, UINT64_MAX);
}

/* -- a field of all tables: 0, or -1 and a fault; `*i` is then the table it is in -- */

TW_INLINE int batch_numbers(FlatProjector *w, const FlatAsked *asked, const TakeBatch *batch,
                            uint32_t *failed)
{
    TakeGround g = w->ground;
    FlatStore *store = w->store;
    uint8_t *into = store->arrays[asked->values].data + batch->row * asked->width;
    uint8_t *seen = NULL;
    if (asked->seen != FLAT_ASKED_NONE) seen = store->arrays[asked->seen].data + batch->row;
    for (uint32_t i = 0; i < batch->count; i++, into += asked->width) {
        size_t place = batch_find(g, asked->field, batch, i);
        if (place == TAKE_ABSENT) {
            if (seen == NULL) take_put(asked, into, (const uint8_t *)&asked->absent);
            continue;
        }
        *failed = i;
        if (TW_UNLIKELY(place == TAKE_OUTSIDE)) return batch_changed(w, asked, batch, i);
        take_put(asked, into, g.base + place);
        if (seen != NULL) seen[i] = 1;
    }
    return 0;
}

TW_INLINE int batch_spans(FlatProjector *w, const FlatAsked *asked, const TakeBatch *batch,
                          uint32_t *failed)
{
    TakeGround g = w->ground;
    for (uint32_t i = 0; i < batch->count; i++) {
        size_t target = batch_target(g, asked->field, batch, i);
        if (target == TAKE_ABSENT) continue;
        *failed = i;
        if (TW_UNLIKELY(target == TAKE_OUTSIDE)) return batch_changed(w, asked, batch, i);
        take_see(w->store, asked, batch->row + i);
        if (TW_UNLIKELY(take_span(w, g, asked, batch->row + i, target) < 0))
            return take_trace(w, asked, UINT64_MAX);
    }
    return 0;
}

/* Vectors of numbers. */
TW_INLINE int batch_vectors(FlatProjector *w, const FlatAsked *asked, const TakeBatch *batch,
                            uint32_t *failed)
{
    TakeGround g = w->ground;
    FlatStore *store = w->store;
    const FlatField *field = asked->field;
    int64_t *starts = (int64_t *)(void *)store->arrays[asked->starts].data + batch->row;
    FlatRows *rows = &store->rows[asked->table];
    size_t used = rows->count, room = rows->room, first, count;
    for (uint32_t i = 0; i < batch->count; i++) {
        size_t target = batch_target(g, field, batch, i);
        starts[i] = (int64_t)used;
        if (target == TAKE_ABSENT) continue;
        *failed = i;
        if (TW_UNLIKELY(target == TAKE_OUTSIDE ||
                        !take_items(g, target, field->base == FLAT_VECTOR64, field->item_size,
                                    &first, &count)))
            return batch_changed(w, asked, batch, i);
        if (TW_UNLIKELY(take_charge(w, target, (count * field->item_size + 3) / 4) < 0))
            return take_trace(w, asked, UINT64_MAX);
        if (TW_UNLIKELY(count > room - used)) {
            rows->count = used;
            if (flat_store_room(store, asked->table, count) < 0) return take_no_memory(w);
            room = rows->room;
        }
        take_copy(g, store, asked, used, first, count);
        used += count;
    }
    rows->count = used;
    return 0;
}

#endif
