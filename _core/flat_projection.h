/* What of a FlatBuffers schema's types goes into which array, and those arrays while they fill.
 *
 * Arrays lie in tables: of the rows, and of the items of each vector on the way. A row is opened,
 * then filled once; arrays whose rows may stay unfilled are zero there.
 */
#ifndef TENSORWIRE_FLAT_PROJECTION_H
#define TENSORWIRE_FLAT_PROJECTION_H

#include "flat_plan.h"
#include "platform_memory.h"

#define FLAT_ASKED_NONE UINT32_MAX

/* FlatAsked.op */
enum {
    FLAT_PUT_NUMBER = 1,
    FLAT_PUT_STRING,       /* as a span */
    FLAT_PUT_BYTES,        /* a vector of bytes, as a span */
    FLAT_INTO_STRUCT,
    FLAT_INTO_TABLE,
    FLAT_INTO_UNION,
    FLAT_EACH_NUMBER,      /* vectors, and below arrays in structs */
    FLAT_EACH_STRING,
    FLAT_EACH_STRUCT,
    FLAT_EACH_TABLE,
    FLAT_EACH_UNION,
    FLAT_ARRAY_NUMBERS,
    FLAT_ARRAY_STRUCTS
};

/* FlatAsked.form: how a number is laid into its array. */
enum {
    FLAT_FORM_SAME = 0,    /* as it lies in the buffer */
    FLAT_FORM_BOOL,        /* 0 or 1 */
    FLAT_FORM_INT32        /* widened */
};

typedef struct FlatScope FlatScope;

/* A field that is asked for, or a member of a union. */
typedef struct {
    const FlatField *field;    /* NULL: a member */
    const FlatScope *scope;    /* of what lies below; NULL: nothing */
    uint64_t absent;           /* of a number: what stands for it, as wide as it is */
    int64_t member;            /* the number of a member */
    uint32_t values;           /* its array; FLAT_ASKED_NONE: it has none, like those below */
    uint32_t seen;             /* the array that says which are there */
    uint32_t starts;           /* the array of where each row's items begin */
    uint32_t table;            /* of its items */
    uint32_t node;             /* names it in errors */
    uint8_t op;
    uint8_t base;              /* of the number, or of the items */
    uint8_t form;
    uint8_t width;             /* bytes of a value in its array */
} FlatAsked;

struct FlatScope {
    const FlatAsked *asked;    /* those of a union ascend by member */
    uint32_t count;
    uint32_t size;             /* of a struct */
    uint32_t first, stop;      /* arrays of starts, of all lists in it and in what lies in place */
};

typedef struct {
    uint32_t width;            /* bytes per row */
    uint32_t items;            /* of starts: the table that they count in; else FLAT_ASKED_NONE */
    uint32_t zeroed;           /* whether rows may stay unfilled */
} FlatArrayPlan;

/* Arrays [first, stop), of which those before `values` are starts. */
typedef struct {
    uint32_t first;
    uint32_t values;
    uint32_t stop;
} FlatTablePlan;

typedef struct {
    const FlatScope *root;
    const FlatTablePlan *tables;
    const FlatArrayPlan *arrays;
    uint32_t table_count;
    uint32_t array_count;
} FlatProjectionPlan;

/* Bytes of strings: where they begin, in the address space of all sources, and how many they are. */
typedef struct {
    int64_t start;
    int64_t length;
} FlatSpan;

typedef struct {
    uint8_t *data;
    size_t held;               /* what it was made with; 0: nothing is there */
} FlatArray;

typedef struct {
    size_t count;
    size_t room;
} FlatRows;

typedef struct {
    const FlatProjectionPlan *plan;
    FlatArray *arrays;
    FlatRows *rows;            /* of each table */
    size_t limit;              /* of the bytes of all rows */
    int is_over;               /* why it has no room: the limit, not the lack of memory */
    uint32_t array_count;
} FlatStore;

/* Rows that a table has room for at least. */
#define FLAT_ROOM 8
/* Bytes behind the last row that may be written over: see take_copy(). */
#define FLAT_SLACK 32
/* No more rows than spans of them could be addressed. */
#define FLAT_ROOM_MAX (SIZE_MAX / 32)

static inline void flat_store_free(FlatStore *store)
{
    for (uint32_t i = 0; store->arrays && i < store->array_count; i++)
        if (store->arrays[i].held) memory_free(store->arrays[i].data, store->arrays[i].held);
    free(store->arrays);
    store->arrays = NULL;
}

/* An empty store. 0, or -1: out of memory. */
static inline int flat_store_new(FlatStore *store, const FlatProjectionPlan *plan)
{
    size_t arrays = plan->array_count * sizeof(FlatArray);
    uint8_t *block = (uint8_t *)calloc(1, arrays + plan->table_count * sizeof(FlatRows));
    store->plan = plan;
    store->array_count = plan->array_count;
    store->limit = SIZE_MAX;
    store->is_over = 0;
    store->arrays = (FlatArray *)(void *)block;
    if (block == NULL) return -1;
    store->rows = (FlatRows *)(void *)(block + arrays);
    return 0;
}

/* How many rows a table may have, as the others are. */
static inline size_t flat_store_most(const FlatStore *store, uint32_t number)
{
    size_t used = 0, each = 0;
    for (uint32_t t = 0; t < store->plan->table_count; t++) {
        const FlatTablePlan *table = &store->plan->tables[t];
        size_t width = 0;
        for (uint32_t i = table->first; i < table->stop; i++) width += store->plan->arrays[i].width;
        if (t == number) each = width;
        else used += width * store->rows[t].count; /* which are there */
    }
    if (each == 0) return FLAT_ROOM_MAX;
    return used < store->limit ? (store->limit - used) / each : 0;
}

/* Room for `need` rows and a start behind them. 0, or -1: out of memory. */
TW_NOINLINE int flat_store_grow(FlatStore *store, uint32_t number, size_t need)
{
    const FlatTablePlan *table = &store->plan->tables[number];
    FlatRows *rows = &store->rows[number];
    size_t room = rows->room * 2;
    store->is_over = need > flat_store_most(store, number);
    if (store->is_over || need > FLAT_ROOM_MAX) return -1;
    if (room < need) room = need;
    if (room < FLAT_ROOM) room = FLAT_ROOM;
    for (uint32_t i = table->first; i < table->stop; i++) {
        const FlatArrayPlan *plan = &store->plan->arrays[i];
        FlatArray *array = &store->arrays[i];
        size_t used = rows->count * plan->width, size = (room + 1) * plan->width + FLAT_SLACK;
        uint8_t *grown = (uint8_t *)memory_grow(array->data, array->held, used, size,
                                                (int)plan->zeroed);
        if (grown == NULL) return -1;
        array->data = grown;
        array->held = size;
    }
    rows->room = room;
    return 0;
}

/* Room for `more` rows behind the last. 0, or -1: out of memory. */
TW_INLINE int flat_store_room(FlatStore *store, uint32_t number, size_t more)
{
    FlatRows *rows = &store->rows[number];
    if (TW_LIKELY(more <= rows->room - rows->count)) return 0;
    if (more > FLAT_ROOM_MAX - rows->count) return -1;
    return flat_store_grow(store, number, rows->count + more);
}

/* The first of `more` new rows; SIZE_MAX: out of memory. */
TW_INLINE size_t flat_store_add(FlatStore *store, uint32_t number, size_t more)
{
    size_t row = store->rows[number].count;
    if (flat_store_room(store, number, more) < 0) return SIZE_MAX;
    store->rows[number].count = row + more;
    return row;
}

/* A list of a row begins where its items end by now. To be called before the row is filled, for rows
 * in order; again before there are items of it does no harm. */
TW_INLINE void flat_store_start(FlatStore *store, uint32_t starts, size_t row)
{
    size_t count = store->rows[store->plan->arrays[starts].items].count;
    ((int64_t *)(void *)store->arrays[starts].data)[row] = (int64_t)count;
}

/* The same for all lists of a row. */
TW_INLINE void flat_store_open(FlatStore *store, const FlatScope *scope, size_t row)
{
    for (uint32_t i = scope->first; i < scope->stop; i++) flat_store_start(store, i, row);
}

#endif
