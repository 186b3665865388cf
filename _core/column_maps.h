/* Maps among columns: of entries with one key the last counts, as upstream's maps have it. Done once
 * behind all rows, since few maps have a key twice. */
#ifndef TENSORWIRE_COLUMN_MAPS_H
#define TENSORWIRE_COLUMN_MAPS_H

#include "column_store.h"
#include "le.h"

/* Lists of up to this many entries are compared pair by pair. */
#define COLUMN_MAP_PAIRS 8

typedef struct {
    const uint8_t *keys;
    const uint8_t *const *pointers; /* of keys of bytes, whose `keys` are spans; else NULL */
    size_t width;
} ColumnKeys;

TW_INLINE int column_key_equal(const ColumnKeys *keys, size_t a, size_t b)
{
    if (!keys->pointers) return memcmp(keys->keys + a * keys->width, keys->keys + b * keys->width,
                                       keys->width) == 0;
    const ColumnSpan *spans = (const ColumnSpan *)keys->keys;
    size_t length = (size_t)spans[a].length;
    return spans[b].length == spans[a].length &&
           (length == 0 || memcmp(keys->pointers[a], keys->pointers[b], length) == 0);
}

typedef struct {
    uint64_t first;
    uint64_t second;
} ColumnSeed;

TW_INLINE uint64_t column_rotate(uint64_t word, int by) { return word << by | word >> (64 - by); }

TW_INLINE void column_hash_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = column_rotate(v[1], 13) ^ v[0];
    v[3] = column_rotate(v[3], 16) ^ v[2];
    v[0] = column_rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = column_rotate(v[1], 17) ^ v[2];
    v[3] = column_rotate(v[3], 21) ^ v[0];
    v[2] = column_rotate(v[2], 32);
}

/* SipHash-1-3: a sum or product per byte could be made to collide whatever the seed is.
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", section 2. */
static inline uint64_t column_hash(const uint8_t *at, size_t length, const ColumnSeed *seed)
{
    uint64_t v[4] = {
        seed->first ^ UINT64_C(0x736f6d6570736575), seed->second ^ UINT64_C(0x646f72616e646f6d),
        seed->first ^ UINT64_C(0x6c7967656e657261), seed->second ^ UINT64_C(0x7465646279746573)};
    uint64_t last = (uint64_t)length << 56, word;
    for (; length >= 8; length -= 8, at += 8) {
        word = le_load64(at);
        v[3] ^= word;
        column_hash_round(v);
        v[0] ^= word;
    }
    for (size_t i = 0; i < length; i++) last |= (uint64_t)at[i] << (8 * i);
    v[3] ^= last;
    column_hash_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) column_hash_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static inline uint64_t column_key_hash(const ColumnKeys *keys, size_t i, const ColumnSeed *seed)
{
    if (!keys->pointers) return column_hash(keys->keys + i * keys->width, keys->width, seed);
    return column_hash(keys->pointers[i], (size_t)((const ColumnSpan *)keys->keys)[i].length, seed);
}

/* Marks entries of [first, stop) in `dead` that a later one replaces. -1: out of memory. */
static inline int column_map_mark(const ColumnKeys *keys, size_t first, size_t stop,
                                  const ColumnSeed *seed, uint8_t *dead, size_t *died)
{
    size_t count = stop - first;
    if (count <= COLUMN_MAP_PAIRS) {
        for (size_t i = first; i < stop; i++)
            for (size_t j = i + 1; j < stop && !dead[i]; j++)
                if (!dead[j] && column_key_equal(keys, i, j)) {
                    dead[i] = 1;
                    ++*died;
                }
        return 0;
    }
    size_t room = 16;
    while (room < count * 2) room *= 2; /* progress: doubles; count is below SIZE_MAX / 4 */
    size_t *places = (size_t *)calloc(room, sizeof *places); /* entry + 1; 0: free */
    if (places == NULL) return -1;
    for (size_t i = first; i < stop; i++) {
        if (dead[i]) continue;
        size_t place = (size_t)column_key_hash(keys, i, seed) & (room - 1);
        while (places[place] && !column_key_equal(keys, places[place] - 1, i))
            place = (place + 1) & (room - 1); /* progress: at most half are taken */
        if (places[place]) {
            dead[places[place] - 1] = 1;
            ++*died;
        }
        places[place] = i + 1;
    }
    free(places);
    return 0;
}

/* Takes the rows marked in `dead` out of a table, and what hangs off them. -1: out of memory. */
static inline int column_compact(ColumnStore *store, uint32_t number, const uint8_t *dead)
{
    const ProjectedTable *table = &store->plan->tables[number];
    size_t count = store->counts[number], kept;
    for (uint32_t i = table->lists.first; i < table->lists.stop; i++) {
        uint32_t child = store->plan->lists[i].table;
        int64_t *starts = store->starts[i];
        size_t children = store->counts[child];
        uint8_t *gone = (uint8_t *)calloc(children ? children : 1, 1);
        if (gone == NULL) return -1;
        int64_t place = 0;
        for (size_t row = 0, live = 0; row < count; row++) {
            size_t from = (size_t)starts[row];
            size_t to = row + 1 < count ? (size_t)starts[row + 1] : children;
            if (dead[row]) {
                memset(gone + from, 1, to - from);
            } else {
                starts[live++] = place;
                place += (int64_t)(to - from);
            }
        }
        int status = (size_t)place == children ? 0 : column_compact(store, child, gone);
        free(gone);
        if (status < 0) return -1;
    }
    kept = 0;
    for (size_t row = 0; row < count; row++) kept += !dead[row];
    for (uint32_t i = table->arrays.first; i < table->arrays.stop; i++) {
        size_t width = store->plan->widths[i], live = 0;
        uint8_t *data = store->arrays[i];
        for (size_t row = 0; row < count; row++)
            if (!dead[row]) memmove(data + live++ * width, data + row * width, width);
        if (table->scope) memset(data + kept * width, 0, (count - kept) * width);
    }
    store->counts[number] = kept;
    return 0;
}

/* The starts of a list whose items [0, count) lose those marked in `dead`. */
static inline void column_restart(ColumnStore *store, uint32_t list, const uint8_t *dead,
                                  size_t count)
{
    size_t rows = store->counts[store->plan->lists[list].owner], item = 0, live = 0;
    int64_t *starts = store->starts[list];
    for (size_t row = 0; row < rows; row++) {
        size_t start = (size_t)starts[row];
        for (; item < start && item < count; item++) live += !dead[item];
        starts[row] = (int64_t)live;
    }
}

/* One map: marks, and compacts where anything is marked. */
static inline int column_map_finish(ColumnStore *store, uint32_t number, const ColumnSeed *seed)
{
    const ProjectedTable *table = &store->plan->tables[number];
    size_t count = store->counts[number], died = 0;
    size_t rows = store->counts[store->plan->lists[table->list].owner];
    const int64_t *starts = store->starts[table->list];
    if (count == 0) return 0;
    ColumnKeys keys = {store->arrays[table->key], NULL, store->plan->widths[table->key]};
    if (table->key_pointers != PROJECTED_NONE)
        keys.pointers = (const uint8_t *const *)store->arrays[table->key_pointers];
    uint8_t *dead = (uint8_t *)calloc(count, 1);
    if (dead == NULL) return -1;
    for (size_t i = 0; table->dead != PROJECTED_NONE && i < count; i++)
        died += dead[i] = store->arrays[table->dead][i];
    int status = 0;
    for (size_t row = 0; row < rows && status == 0; row++) {
        size_t from = (size_t)starts[row];
        size_t to = row + 1 < rows ? (size_t)starts[row + 1] : count;
        if (to - from > 1) status = column_map_mark(&keys, from, to, seed, dead, &died);
    }
    if (status == 0 && died) {
        column_restart(store, table->list, dead, count);
        status = column_compact(store, number, dead);
    }
    free(dead);
    return status;
}

/* Every map of a filled store. -1: out of memory. */
static inline int column_maps_finish(ColumnStore *store, const ColumnSeed *seed)
{
    for (uint32_t i = 1; i < store->plan->table_count; i++)
        if (store->plan->tables[i].key != PROJECTED_NONE && column_map_finish(store, i, seed) < 0)
            return -1;
    return 0;
}

#endif
