/* The way of a piece of the rows into the store of all: several threads read pieces at a time, each
 * into a store of its own that stays in the processor's cache, and copy what they read to its place.
 */
#ifndef TENSORWIRE_COLUMN_JOIN_H
#define TENSORWIRE_COLUMN_JOIN_H

#include "column_store.h"

/* Makes a piece's rows those of `whole` from `first` on, which has room for them and outlives it, so
 * that only what hangs off them is copied. REQUIRES: an empty piece, that never had rows of its own. */
static inline void column_rows_within(ColumnStore *piece, const ColumnStore *whole, size_t first,
                                      size_t rows)
{
    const ProjectedTable *table = &whole->plan->tables[0];
    for (uint32_t i = table->arrays.first; i < table->arrays.stop; i++)
        piece->arrays[i] = whole->arrays[i] + first * whole->plan->widths[i];
    for (uint32_t i = table->lists.first; i < table->lists.stop; i++)
        piece->starts[i] = whole->starts[i] + first;
    piece->rooms[0] = piece->capacities[0] = rows;
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
