/* The arrays that a projection fills: growing, opening rows, and taking them back.
 *
 * Arrays of a table that has a scope are all zero behind its last row, so that a row is absent,
 * false and empty until something is stored into it.
 */
#ifndef TENSORWIRE_COLUMN_STORE_H
#define TENSORWIRE_COLUMN_STORE_H

#include "platform_memory.h"
#include "projection.h"

/* Bytes of strings: where they begin, in the address space of all sources, and how many they are. */
typedef struct {
    int64_t start;
    int64_t length;
} ColumnSpan;

typedef struct {
    const ProjectionPlan *plan;
    uint8_t **arrays;
    size_t *sizes;        /* of the arrays, in bytes */
    int64_t **starts;     /* of each list: the first item of each row's list */
    size_t *starts_sizes;
    size_t *counts;       /* of each table: its rows */
    size_t *rooms;        /* rows that it may have before column_grow() is asked */
    size_t *capacities;   /* rows that its arrays hold: the same, but of careful stores */
    size_t *row_bytes;
    size_t limit;         /* of the bytes of what hangs off the rows */
    int is_careful;       /* every row of the tables below is asked for, so that none passes it */
    int is_over;          /* why column_grow() refused: the limit, not the lack of memory */
    const ProjectedField **current; /* of each oneof of the open rows: the member that is set */
    size_t nbytes;        /* of the input: there are no more items than bytes */
    uint32_t array_count;
    uint32_t list_count;
} ColumnStore;

/* Rows that a table has room for at first. */
#define COLUMN_ROOM 16
/* No more rows than spans of them could be addressed. */
#define COLUMN_ROOM_MAX (SIZE_MAX / 32)

/* Records after which the items of all can be foretold from theirs. */
#define COLUMN_SAMPLE 64
/* Growth at most: records that lie about those to come waste no more than that. */
#define COLUMN_LEAP 8

/* For how many rows a table gets room that needs it for `need`. */
static inline size_t column_room(const ColumnStore *store, uint32_t number, size_t need)
{
    size_t old = store->capacities[number], room = old ? old * 2 : COLUMN_ROOM;
    size_t records = store->counts[0], most = store->nbytes;
    if (number == 0) return need; /* their number is known */
    if (records >= COLUMN_SAMPLE) {
        double foretold = (double)need * (double)store->rooms[0] / (double)records * 1.03;
        if (most > need * COLUMN_LEAP) most = need * COLUMN_LEAP;
        if (foretold < (double)most) most = (size_t)foretold;
        if (room < most) room = most;
    }
    if (room > COLUMN_ROOM_MAX) room = COLUMN_ROOM_MAX;
    return room < need ? need : room;
}

/* Bytes of a row of a table. */
static inline size_t column_row_bytes(const ProjectionPlan *plan, uint32_t number)
{
    const ProjectedTable *table = &plan->tables[number];
    size_t nbytes = (table->lists.stop - table->lists.first) * sizeof(int64_t);
    for (uint32_t i = table->arrays.first; i < table->arrays.stop; i++) nbytes += plan->widths[i];
    return nbytes;
}

/* Bytes of all that hangs off the rows. It was all allocated: no sum or product wraps. */
static inline size_t column_used(const ColumnStore *store)
{
    size_t used = 0;
    for (uint32_t i = 1; i < store->plan->table_count; i++)
        used += store->counts[i] * store->row_bytes[i];
    return used;
}

/* How many rows a table may have, as the others are. */
static inline size_t column_most(const ColumnStore *store, uint32_t number)
{
    size_t width = store->row_bytes[number], used = column_used(store);
    if (width == 0) return COLUMN_ROOM_MAX;
    if (used > store->limit) return store->counts[number];
    return store->counts[number] + (store->limit - used) / width;
}

/* The block with room for `size` bytes, of which the first `used` are kept. What is another store's
 * has the size 0, and is left as it is. NULL: out of memory. */
static inline void *column_block(void *old, size_t old_size, size_t used, size_t size, int zeroed)
{
    if (old == NULL || old_size) return memory_grow(old, old_size, used, size, zeroed);
    void *fresh = memory_new(size, zeroed);
    if (fresh) memcpy(fresh, old, used);
    return fresh;
}

/* Arrays of a table for `room` rows. 0, or -1: out of memory, and the store is as it was. */
static inline int column_resize(ColumnStore *store, uint32_t number, size_t room)
{
    const ProjectedTable *table = &store->plan->tables[number];
    size_t old = store->capacities[number];
    for (uint32_t i = table->arrays.first; i < table->arrays.stop; i++) {
        size_t width = store->plan->widths[i];
        uint8_t *block = (uint8_t *)column_block(store->arrays[i], store->sizes[i], old * width,
                                                 room * width, table->scope != NULL);
        if (block == NULL) return -1;
        store->arrays[i] = block;
        store->sizes[i] = room * width;
    }
    for (uint32_t i = table->lists.first; i < table->lists.stop; i++) {
        size_t size = (room + 1) * sizeof(int64_t);
        int64_t *block = (int64_t *)column_block(store->starts[i], store->starts_sizes[i],
                                                 old * sizeof *block, size, 0);
        if (block == NULL) return -1;
        store->starts[i] = block;
        store->starts_sizes[i] = size;
    }
    store->capacities[number] = room;
    return 0;
}

/* Room for at least `need` rows. 0, or -1: out of memory or over the limit, and the store is as it
 * was. */
TW_NOINLINE int column_grow(ColumnStore *store, uint32_t number, size_t need)
{
    size_t room;
    size_t most = number ? column_most(store, number) : COLUMN_ROOM_MAX; /* rows come as they are */
    store->is_over = need > most;
    if (store->is_over || need > COLUMN_ROOM_MAX) return -1;
    if (need <= store->capacities[number]) {
        store->rooms[number] = need;
        return 0;
    }
    room = column_room(store, number, need);
    if (room > most) room = most;
    if (column_resize(store, number, room) < 0) return -1;
    store->rooms[number] = store->is_careful && number ? need : room;
    return 0;
}

/* From here on each row of the tables below is asked for, and is refused if all would take more than
 * the limit. Called before each record. */
static inline void column_watch(ColumnStore *store)
{
    store->is_careful = 1;
    for (uint32_t i = 1; i < store->plan->table_count; i++) store->rooms[i] = store->counts[i];
}

static inline void column_unwatch(ColumnStore *store)
{
    store->is_careful = 0;
    for (uint32_t i = 1; i < store->plan->table_count; i++) store->rooms[i] = store->capacities[i];
}

/* A new row of a table that has a scope; SIZE_MAX: out of memory. */
TW_INLINE size_t column_open(ColumnStore *store, uint32_t number)
{
    const ProjectedTable *table = &store->plan->tables[number];
    size_t row = store->counts[number];
    if (TW_UNLIKELY(row == store->rooms[number]) && column_grow(store, number, row + 1) < 0)
        return SIZE_MAX;
    for (uint32_t i = table->lists.first; i < table->lists.stop; i++)
        store->starts[i][row] = (int64_t)store->counts[store->plan->lists[i].table];
    for (uint32_t i = table->oneofs.first; i < table->oneofs.stop; i++) store->current[i] = NULL;
    store->counts[number] = row + 1;
    return row;
}

/* Takes the rows from `to` on out of a table, and the lists that hang off them. */
static inline void column_truncate(ColumnStore *store, uint32_t number, size_t to)
{
    const ProjectedTable *table = &store->plan->tables[number];
    size_t count = store->counts[number];
    if (to >= count) return;
    for (uint32_t i = table->lists.first; i < table->lists.stop; i++)
        column_truncate(store, store->plan->lists[i].table, (size_t)store->starts[i][to]);
    for (uint32_t i = table->arrays.first; table->scope && i < table->arrays.stop; i++) {
        size_t width = store->plan->widths[i];
        memset(store->arrays[i] + to * width, 0, (count - to) * width);
    }
    store->counts[number] = to;
}

/* Makes what a message in place holds in an open row absent again. */
static inline void column_clear(ColumnStore *store, const ProjectedScope *scope, size_t row)
{
    for (uint32_t i = scope->arrays.first; i < scope->arrays.stop; i++) {
        size_t width = store->plan->widths[i];
        memset(store->arrays[i] + row * width, 0, width);
    }
    for (uint32_t i = scope->lists.first; i < scope->lists.stop; i++)
        column_truncate(store, store->plan->lists[i].table, (size_t)store->starts[i][row]);
    for (uint32_t i = scope->oneofs.first; i < scope->oneofs.stop; i++) store->current[i] = NULL;
}

/* Sets a oneof to a member: what another member held is gone. */
static inline void column_choose(ColumnStore *store, const ProjectedField *field, size_t row)
{
    const ProjectedField *before = store->current[field->oneof];
    store->current[field->oneof] = field;
    if (before == NULL || before->member == field->member) return;
    if (before->scope) {
        column_clear(store, before->scope, row);
        return;
    }
    if (before->values != PROJECTED_NONE)
        memset(store->arrays[before->values] + row * before->width, 0, before->width);
    if (before->flags & PROJECTED_SEEN) store->arrays[before->seen][row] = 0;
}

/* The plan may be gone: collecting garbage clears objects in any order. Of memory that is not the
 * store's own, the size is 0. */
static inline void column_store_free(ColumnStore *store)
{
    for (uint32_t i = 0; store->arrays && store->sizes && i < store->array_count; i++)
        if (store->sizes[i]) memory_free(store->arrays[i], store->sizes[i]);
    for (uint32_t i = 0; store->starts && store->starts_sizes && i < store->list_count; i++)
        if (store->starts_sizes[i]) memory_free(store->starts[i], store->starts_sizes[i]);
    free(store->arrays);
    free(store->sizes);
    free(store->starts);
    free(store->starts_sizes);
    free(store->counts);
    free(store->rooms);
    free(store->capacities);
    free(store->row_bytes);
    free((void *)store->current);
}

/* A store without room for input of `nbytes` bytes, where `limit` bytes at most hang off the rows. 0,
 * or -1: out of memory. */
static inline int column_store_begin(ColumnStore *store, const ProjectionPlan *plan, size_t nbytes,
                                     size_t limit)
{
    uint32_t tables = plan->table_count;
    store->plan = plan;
    store->nbytes = nbytes;
    store->limit = limit;
    store->is_careful = store->is_over = 0;
    store->array_count = plan->array_count;
    store->list_count = plan->list_count;
    store->arrays = (uint8_t **)calloc(plan->array_count + 1, sizeof *store->arrays);
    store->sizes = (size_t *)calloc(plan->array_count + 1, sizeof *store->sizes);
    store->starts_sizes = (size_t *)calloc(plan->list_count + 1, sizeof *store->starts_sizes);
    store->starts = (int64_t **)calloc(plan->list_count + 1, sizeof *store->starts);
    store->counts = (size_t *)calloc(tables, sizeof *store->counts);
    store->rooms = (size_t *)calloc(tables, sizeof *store->rooms);
    store->capacities = (size_t *)calloc(tables, sizeof *store->capacities);
    store->row_bytes = (size_t *)calloc(tables, sizeof *store->row_bytes);
    store->current = (const ProjectedField **)calloc(plan->oneof_count + 1, sizeof *store->current);
    if (!(store->arrays && store->sizes && store->starts && store->starts_sizes && store->counts &&
          store->rooms && store->capacities && store->row_bytes && store->current))
        return -1;
    for (uint32_t i = 0; i < tables; i++) store->row_bytes[i] = column_row_bytes(plan, i);
    return 0;
}

#endif
