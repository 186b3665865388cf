/* The walk of a projection: tables and structs of a verified buffer into rows of a store.
 *
 * Functions give 0, or -1 and a fault; the steps of the projector then tell the way to it. They
 * call one another as deep as paths have names.
 */
#ifndef TENSORWIRE_FLAT_PROJECT_H
#define TENSORWIRE_FLAT_PROJECT_H

#include "flat_batch.h"

static int take_table(FlatProjector *w, const FlatScope *scope, size_t at, size_t row);
static int take_each(FlatProjector *w, const FlatScope *scope, size_t first, size_t count,
                     size_t row, uint64_t *failed);

/* Structs, `stride` bytes apart, into rows behind one another; the lists of those are opened, too.
 * REQUIRES: the bytes of all lie inside. */
static int take_structs(FlatProjector *w, const FlatScope *scope, size_t first, size_t stride,
                        size_t count, size_t row)
{
    FlatStore *store = w->store;
    const FlatAsked *asked = scope->asked, *stop = asked + scope->count;
    for (; asked != stop; asked++) {
        size_t place = first + asked->field->offset, length = asked->field->length, item;
        if (asked->op == FLAT_PUT_NUMBER) {
            const uint8_t *at = w->ground.base + place;
            uint8_t *into = store->arrays[asked->values].data + row * asked->width;
            for (size_t i = 0; i < count; i++, at += stride, into += asked->width)
                take_put(asked, into, at);
            continue;
        }
        if (asked->op == FLAT_INTO_STRUCT) {
            if (take_structs(w, asked->scope, place, stride, count, row) < 0)
                return take_trace(w, asked, UINT64_MAX);
            continue;
        }
        /* count * length <= bytes of all */
        if (take_charge(w, place, count * length) < 0) return take_trace(w, asked, UINT64_MAX);
        item = flat_store_add(store, asked->table, count * length);
        if (item == SIZE_MAX) {
            take_no_room(w, place);
            return take_trace(w, asked, UINT64_MAX);
        }
        int64_t *starts = (int64_t *)(void *)store->arrays[asked->starts].data + row;
        for (size_t i = 0; i < count; i++, place += stride, item += length) {
            starts[i] = (int64_t)item;
            if (asked->op == FLAT_ARRAY_NUMBERS)
                take_copy(w->ground, store, asked, item, place, length);
            else if (take_structs(w, asked->scope, place, asked->scope->size, length, item) < 0)
                return take_trace(w, asked, UINT64_MAX);
        }
    }
    return 0;
}

/* What a union holds, of a type that is known, at `at`, which leads inside. */
static int take_member(FlatProjector *w, const FlatScope *scope, int64_t type, size_t at,
                       size_t row)
{
    const FlatAsked *asked = scope->asked;
    size_t low = 0, high = scope->count;
    int status;
    while (low < high) { /* progress: the range halves */
        size_t middle = (low + high) / 2;
        if (asked[middle].member < type) low = middle + 1;
        else high = middle;
    }
    asked += low;
    if (low == scope->count || asked->member != type) return 0;
    take_see(w->store, asked, row);
    if (asked->op == FLAT_PUT_STRING) {
        status = take_span(w, w->ground, asked, row, at);
    } else if (asked->op == FLAT_INTO_STRUCT) {
        if (w->ground.size - at < asked->scope->size) status = take_changed(w, at);
        else status = take_structs(w, asked->scope, at, 0, 1, row);
    } else {
        status = take_table(w, asked->scope, at, row);
    }
    return status < 0 ? take_trace(w, asked, UINT64_MAX) : 0;
}

/* -- vectors, by the target of their field: the path of a fault has the field already -- */

/* Rows for the items of a vector, which cost `units` each. SIZE_MAX: a fault. */
TW_INLINE size_t take_rows(FlatProjector *w, const FlatAsked *asked, size_t at, size_t units,
                           size_t *first, size_t *count)
{
    const FlatField *field = asked->field;
    if (!take_items(w->ground, at, field->base == FLAT_VECTOR64, field->item_size, first, count)) {
        take_changed(w, at);
    } else if (take_charge(w, at, *count * units) == 0) {
        size_t row = flat_store_add(w->store, asked->table, *count);
        if (row != SIZE_MAX) return row;
        take_no_room(w, at);
    }
    take_trace(w, asked, UINT64_MAX);
    return SIZE_MAX;
}

static int take_numbers(FlatProjector *w, const FlatAsked *asked, size_t at)
{
    const FlatField *field = asked->field;
    size_t first, count, row;
    if (!take_items(w->ground, at, field->base == FLAT_VECTOR64, field->item_size, &first, &count)) {
        take_changed(w, at);
        return take_trace(w, asked, UINT64_MAX);
    }
    if (take_charge(w, at, (count * field->item_size + 3) / 4) < 0)
        return take_trace(w, asked, UINT64_MAX);
    row = flat_store_add(w->store, asked->table, count);
    if (row == SIZE_MAX) {
        take_no_room(w, at);
        return take_trace(w, asked, UINT64_MAX);
    }
    take_copy(w->ground, w->store, asked, row, first, count);
    return 0;
}

static int take_vector(FlatProjector *w, const FlatAsked *asked, size_t at)
{
    size_t size = asked->field->item_size, first, count, target;
    size_t row = take_rows(w, asked, at, (size + 3) / 4, &first, &count);
    uint64_t failed = UINT64_MAX;
    if (row == SIZE_MAX) return -1;
    switch (asked->op) {
    case FLAT_EACH_TABLE:
        if (take_each(w, asked->scope, first, count, row, &failed) < 0) break;
        return 0;
    case FLAT_EACH_STRUCT:
        if (take_structs(w, asked->scope, first, size, count, row) < 0) break;
        return 0;
    default: /* strings */
        for (size_t i = 0; i < count; i++) {
            failed = i;
            if (!take_leads(w->ground, first + 4 * i, 0, &target)) {
                take_changed(w, first + 4 * i);
                return take_trace(w, asked, i);
            }
            if (take_span(w, w->ground, asked, row + i, target) < 0)
                return take_trace(w, asked, i);
        }
        return 0;
    }
    return take_trace(w, asked, failed);
}

/* A vector of unions; `types_at`: the offset of the vector of their types. */
static int take_unions(FlatProjector *w, const FlatAsked *asked, size_t at, size_t types_at)
{
    const FlatField *field = asked->field, *types = field - 1;
    size_t first, count, row, type_first, type_count, target;
    if (types_at == TAKE_ABSENT || types_at == TAKE_OUTSIDE ||
        !take_leads(w->ground, types_at, types->flags & FLAT_OFFSET64, &target) ||
        !take_items(w->ground, target, types->base == FLAT_VECTOR64, types->item_size, &type_first,
                    &type_count)) {
        take_changed(w, at);
        return take_trace(w, asked, UINT64_MAX);
    }
    row = take_rows(w, asked, at, 1, &first, &count);
    if (row == SIZE_MAX) return -1;
    if (type_count < count) {
        take_changed(w, at);
        return take_trace(w, asked, UINT64_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const uint8_t *type_at = w->ground.base + type_first + i * types->item_size;
        int64_t type = flat_integer(types->element, type_at);
        flat_store_open(w->store, asked->scope, row + i);
        if (!take_is_member(field, type)) continue;
        take_see(w->store, asked, row + i);
        if (!take_leads(w->ground, first + 4 * i, 0, &target)) {
            take_changed(w, first + 4 * i);
            return take_trace(w, asked, i);
        }
        if (take_member(w, asked->scope, type, target, row + i) < 0)
            return take_trace(w, asked, i);
    }
    return 0;
}

/* -- tables -- */

/* What the offset of a field leads to. `types_at`: of a union, where its type is. */
static int take_target(FlatProjector *w, const FlatAsked *asked, size_t at, size_t types_at,
                       size_t row)
{
    int status = 0;
    int64_t type = 0;
    switch (asked->op) {
    case FLAT_EACH_NUMBER: return take_numbers(w, asked, at);
    case FLAT_EACH_TABLE: case FLAT_EACH_STRING: case FLAT_EACH_STRUCT:
        return take_vector(w, asked, at);
    case FLAT_EACH_UNION: return take_unions(w, asked, at, types_at);
    case FLAT_INTO_TABLE:
        take_see(w->store, asked, row);
        status = take_charge(w, at, 1);
        if (status == 0) status = take_table(w, asked->scope, at, row);
        break;
    case FLAT_INTO_UNION:
        if (types_at == TAKE_OUTSIDE) status = take_changed(w, at);
        else if (types_at) type = flat_integer(asked->field[-1].base, w->ground.base + types_at);
        if (status < 0 || !take_is_member(asked->field, type)) break;
        take_see(w->store, asked, row);
        status = take_charge(w, at, 1);
        if (status == 0) status = take_member(w, asked->scope, type, at, row);
        break;
    default:
        take_see(w->store, asked, row);
        status = take_span(w, w->ground, asked, row, at);
    }
    return status < 0 ? take_trace(w, asked, UINT64_MAX) : 0;
}

/* One field of one table into a row whose lists are open. */
static int take_field(FlatProjector *w, const FlatAsked *asked, size_t at, size_t vtable,
                      uint32_t vtable_size, size_t row)
{
    const FlatField *field = asked->field;
    size_t place = take_find(w->ground, field, at, vtable, vtable_size), types_at = 0, target;
    if (place == TAKE_ABSENT) {
        if (asked->op == FLAT_PUT_NUMBER && asked->seen == FLAT_ASKED_NONE)
            take_put(asked, w->store->arrays[asked->values].data + row * asked->width,
                     (const uint8_t *)&asked->absent);
        return 0;
    }
    if (TW_UNLIKELY(place == TAKE_OUTSIDE)) {
        take_changed(w, at);
        return take_trace(w, asked, UINT64_MAX);
    }
    if (asked->op == FLAT_PUT_NUMBER) {
        take_put(asked, w->store->arrays[asked->values].data + row * asked->width,
                 w->ground.base + place);
        take_see(w->store, asked, row);
        return 0;
    }
    if (asked->op == FLAT_INTO_STRUCT) {
        take_see(w->store, asked, row);
        if (take_structs(w, asked->scope, place, 0, 1, row) == 0) return 0;
        return take_trace(w, asked, UINT64_MAX);
    }
    if (asked->op == FLAT_INTO_UNION || asked->op == FLAT_EACH_UNION)
        types_at = take_find(w->ground, field - 1, at, vtable, vtable_size);
    if (!take_leads(w->ground, place, field->flags & FLAT_OFFSET64, &target)) {
        take_changed(w, place);
        return take_trace(w, asked, UINT64_MAX);
    }
    return take_target(w, asked, target, types_at, row);
}

/* The table at `at`, wherever that is, into a row whose lists are open. */
static int take_table(FlatProjector *w, const FlatScope *scope, size_t at, size_t row)
{
    size_t vtable;
    uint32_t vtable_size;
    if (TW_UNLIKELY(!take_vtable(w->ground, at, &vtable, &vtable_size))) return take_changed(w, at);
    for (uint32_t i = 0; i < scope->count; i++)
        if (take_field(w, &scope->asked[i], at, vtable, vtable_size, row) < 0) return -1;
    return 0;
}

/* A field that no loop of its own is for. */
static int take_field_of_each(FlatProjector *w, const FlatAsked *asked, TakeBatch *batch)
{
    FlatStore *store = w->store;
    for (size_t i = 0; i < batch->count; i++) {
        size_t row = batch->row + i;
        if (asked->starts != FLAT_ASKED_NONE) flat_store_start(store, asked->starts, row);
        else if (asked->scope != NULL) flat_store_open(store, asked->scope, row);
        batch->failed = i;
        if (take_field(w, asked, batch->at[i], batch->vtable[i], batch->vtable_size[i], row) < 0)
            return -1;
    }
    return 0;
}

/* The tables whose offsets begin at `first`, into rows from `row` on. REQUIRES: the offsets lie
 * inside, and the rows are there. */
static int take_each(FlatProjector *w, const FlatScope *scope, size_t first, size_t count,
                     size_t row, uint64_t *failed)
{
    TakeBatch batch;
    int status = 1;
    batch.first = first;
    batch.row = row;
    batch.count = count;
    batch.failed = 0;
    if (scope->count == 1) {
        status = batch_only(w, scope->asked, &batch);
        if (status < 0) *failed = batch.failed;
        if (status <= 0) return status;
    }
    for (size_t done = 0; done < count; done += batch.count) { /* progress: one or more */
        batch.first = first + 4 * done;
        batch.row = row + done;
        batch.count = count - done < TAKE_BATCH ? count - done : TAKE_BATCH;
        status = batch_fill(w, &batch);
        for (uint32_t i = 0; i < scope->count && status == 0; i++) {
            status = batch_one(w, &scope->asked[i], &batch);
            if (status > 0) status = take_field_of_each(w, &scope->asked[i], &batch);
        }
        *failed = done + batch.failed;
        if (status < 0) return -1;
    }
    return 0;
}

#endif
