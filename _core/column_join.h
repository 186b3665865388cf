/* The way of a piece of the rows into the store of all: several threads read pieces at a time, each
 * into a store of its own that stays in the processor's cache, and copy what they read to its place.
 */
#ifndef TENSORWIRE_COLUMN_JOIN_H
#define TENSORWIRE_COLUMN_JOIN_H

#include "column_store.h"

/* Makes a piece's rows of a table those of `whole` from `first` on, which has room for them and
 * outlives it, so that they need not be moved. REQUIRES: an empty piece. */
static inline void column_rows_within(ColumnStore *piece, const ColumnStore *whole, uint32_t number,
                                      size_t first, size_t rows)
{
    const ProjectedTable *table = &whole->plan->tables[number];
    for (uint32_t i = table->arrays.first; i < table->arrays.stop; i++) {
        if (piece->sizes[i]) memory_free(piece->arrays[i], piece->sizes[i]);
        piece->sizes[i] = 0;
        piece->arrays[i] = whole->arrays[i] + first * whole->plan->widths[i];
    }
    for (uint32_t i = table->lists.first; i < table->lists.stop; i++) {
        if (piece->starts_sizes[i]) memory_free(piece->starts[i], piece->starts_sizes[i]);
        piece->starts_sizes[i] = 0;
        piece->starts[i] = whole->starts[i] + first;
    }
    piece->rooms[number] = piece->capacities[number] = rows;
}

/* Where every row so far has as many items of a table, the next ones will: pieces of them can be read
 * right to where they belong. `steady`: of each table how many, 0: no such table. */
static inline int column_find_steady(ColumnStore *whole, size_t rows, size_t all, size_t *steady)
{
    int found = 0;
    for (uint32_t t = 1; t < whole->plan->table_count; t++) {
        size_t each = whole->counts[t] / rows;
        if (each == 0 || whole->counts[t] % rows || each > column_most(whole, t) / all) continue;
        if (each * all > whole->capacities[t] && column_resize(whole, t, each * all) < 0) continue;
        whole->rooms[t] = whole->capacities[t];
        steady[t] = each;
        found = 1;
    }
    return found;
}

/* Whether a piece of so many rows has as many items as was foretold. */
static inline int column_is_steady(const ColumnStore *piece, const size_t *steady, size_t rows)
{
    for (uint32_t t = 1; t < piece->plan->table_count; t++)
        if (steady[t] && piece->counts[t] != steady[t] * rows) return 0;
    return 1;
}

static inline void column_within_steady(ColumnStore *piece, const ColumnStore *whole,
                                        const size_t *steady, size_t first, size_t rows)
{
    for (uint32_t t = 1; t < whole->plan->table_count; t++)
        if (steady[t]) column_rows_within(piece, whole, t, steady[t] * first, steady[t] * rows);
}

/* Gives the piece memory of its own for what lies in `whole`. 0, or -1: out of memory. */
static inline int column_leave_steady(ColumnStore *piece, const size_t *steady)
{
    for (uint32_t t = 1; t < piece->plan->table_count; t++) {
        size_t room = piece->capacities[t];
        if (steady[t] && column_resize(piece, t, room ? room : 1) < 0) return -1;
        piece->rooms[t] = piece->capacities[t];
    }
    return 0;
}

/* Lets go of what lies in another store, once it is to stay there. */
static inline void column_forget_steady(ColumnStore *piece, const size_t *steady)
{
    for (uint32_t t = 1; t < piece->plan->table_count; t++) {
        const ProjectedTable *table = &piece->plan->tables[t];
        int is_own = 0;
        for (uint32_t i = table->arrays.first; steady[t] && i < table->arrays.stop; i++) {
            if (piece->sizes[i]) is_own = 1;
            else piece->arrays[i] = NULL;
        }
        for (uint32_t i = table->lists.first; steady[t] && i < table->lists.stop; i++) {
            if (piece->starts_sizes[i]) is_own = 1;
            else piece->starts[i] = NULL;
        }
        if (steady[t] && !is_own) piece->rooms[t] = piece->capacities[t] = 0;
    }
}

/* Whether `whole` must grow before the piece's rows get a place. */
static inline int column_needs_growth(const ColumnStore *whole, const ColumnStore *piece)
{
    for (uint32_t t = 0; t < whole->plan->table_count; t++)
        if (whole->capacities[t] - whole->counts[t] < piece->counts[t]) return 1;
    return 0;
}

/* Gives the piece's rows the places behind those of `whole`. Nothing is copied yet.
 * 0, or -1: out of memory. */
static inline int column_take_places(ColumnStore *whole, const ColumnStore *piece, size_t *places)
{
    for (uint32_t t = 0; t < whole->plan->table_count; t++) {
        size_t need = whole->counts[t] + piece->counts[t];
        if (need > whole->capacities[t] && column_grow(whole, t, need) < 0) return -1;
        places[t] = whole->counts[t];
        whole->counts[t] = need;
    }
    return 0;
}

/* Claims the rows of each table up to so many times those of a piece behind the last: `touch` gets
 * where they begin, `touched` says up to where they were claimed before. */
static inline void column_claim(const ColumnStore *whole, const ColumnStore *piece, size_t times,
                                size_t *touched, size_t *touch)
{
    for (uint32_t t = 0; t < whole->plan->table_count; t++) {
        size_t room = whole->capacities[t], stop = room;
        if (piece->counts[t] < (room - whole->counts[t]) / times)
            stop = whole->counts[t] + piece->counts[t] * times;
        touch[2 * t] = touched[t];
        touch[2 * t + 1] = touched[t] = stop < touched[t] ? touched[t] : stop;
    }
}

/* Makes the pages of what was claimed be there. */
static inline void column_touch(const ColumnStore *whole, const size_t *touch)
{
    for (uint32_t t = 0; t < whole->plan->table_count; t++) {
        const ProjectedTable *table = &whole->plan->tables[t];
        size_t first = touch[2 * t], stop = touch[2 * t + 1];
        for (uint32_t i = table->arrays.first; i < table->arrays.stop && first < stop; i++)
            if (memory_is_mapped(whole->sizes[i]))
                memory_touch(whole->arrays[i], first * whole->plan->widths[i],
                             stop * whole->plan->widths[i]);
        for (uint32_t i = table->lists.first; i < table->lists.stop && first < stop; i++)
            if (memory_is_mapped(whole->starts_sizes[i]))
                memory_touch(whole->starts[i], first * sizeof(int64_t), stop * sizeof(int64_t));
    }
}

/* Moves the piece's rows to their places, so that it is empty and may have other rows. Others may
 * move other pieces at the same time. */
static inline void column_move(ColumnStore *whole, ColumnStore *piece, const size_t *places)
{
    for (uint32_t t = 0; t < whole->plan->table_count; t++) {
        const ProjectedTable *table = &whole->plan->tables[t];
        size_t rows = piece->counts[t];
        if (rows == 0) continue;
        for (uint32_t i = table->arrays.first; i < table->arrays.stop; i++) {
            size_t width = whole->plan->widths[i];
            uint8_t *into = whole->arrays[i] + places[t] * width, *from = piece->arrays[i];
            if (into == from) continue;
            memcpy(into, from, rows * width);
            if (table->scope) memset(from, 0, rows * width);
        }
        for (uint32_t i = table->lists.first; i < table->lists.stop; i++) {
            int64_t *into = whole->starts[i] + places[t];
            int64_t before = (int64_t)places[whole->plan->lists[i].table];
            for (size_t row = 0; row < rows; row++) into[row] = piece->starts[i][row] + before;
        }
        piece->counts[t] = 0;
    }
}

#endif
