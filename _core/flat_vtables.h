/* The vtables that a builder has written, so that equal ones are written once.
 *
 * A vtable is known by its object's size and its slots, cut behind the last one in use: the words
 * that it has in the buffer, less the first. What finds it is a hash of those words; entries stay
 * in the order in which they came. Source: docs/source/internals.md of google/flatbuffers, Tables.
 */
#ifndef TENSORWIRE_FLAT_VTABLES_H
#define TENSORWIRE_FLAT_VTABLES_H

#include <stdlib.h>

#include "platform.h"

typedef struct {
    uint32_t hash;
    uint32_t count; /* words: the object's size, and one for each slot */
    size_t first;   /* where they are among `words` */
    uint32_t offset; /* of the vtable in the buffer, from its end */
} FlatVtable;

/* All zero bytes: none yet, and nothing allocated. */
typedef struct {
    FlatVtable *entries;
    size_t count, room;
    uint16_t *words;
    size_t used, words_room;
    uint32_t *places; /* of 1 + an entry's number; 0 is free. `room * 2` of them */
} FlatVtables;

static inline void flat_vtables_free(FlatVtables *all)
{
    free(all->entries);
    free(all->words);
    free(all->places);
    memset(all, 0, sizeof *all);
}

TW_INLINE uint32_t flat_vtable_hash(const uint16_t *words, uint32_t count)
{
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++) { /* progress: one word */
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return (uint32_t)(hash >> 16);
}

/* The entry of those words, or NULL. */
TW_INLINE const FlatVtable *flat_vtable_find(const FlatVtables *all, const uint16_t *words,
                                             uint32_t count, uint32_t hash)
{
    if (all->count == 0) return NULL;
    size_t mask = all->room * 2 - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) { /* progress: half the places are free */
        uint32_t number = all->places[at];
        if (number == 0) return NULL;
        const FlatVtable *entry = &all->entries[number - 1];
        if (entry->hash == hash && entry->count == count &&
            memcmp(all->words + entry->first, words, count * sizeof *words) == 0)
            return entry;
    }
}

static inline void flat_vtable_place(FlatVtables *all, uint32_t number)
{
    size_t mask = all->room * 2 - 1, at = all->entries[number - 1].hash & mask;
    while (all->places[at]) at = (at + 1) & mask; /* progress: half the places are free */
    all->places[at] = number;
}

/* Room for one more entry. False: no memory, and nothing changed that anyone sees. */
TW_NOINLINE bool flat_vtables_grow(FlatVtables *all)
{
    size_t room = all->room ? all->room * 2 : 16;
    if (room > UINT32_MAX / 4) return false; /* beyond what fits any buffer */
    FlatVtable *entries = (FlatVtable *)realloc(all->entries, room * sizeof *entries);
    if (entries == NULL) return false;
    all->entries = entries;
    uint32_t *places = (uint32_t *)calloc(room * 2, sizeof *places);
    if (places == NULL) return false;
    free(all->places);
    all->places = places;
    all->room = room;
    for (size_t i = 0; i < all->count; i++) flat_vtable_place(all, (uint32_t)(i + 1));
    return true;
}

TW_NOINLINE bool flat_vtables_grow_words(FlatVtables *all, uint32_t count)
{
    size_t room = all->words_room ? all->words_room * 2 : 256;
    while (room - all->used < count) room *= 2; /* progress: doubles; 2^32 words end it */
    uint16_t *words = (uint16_t *)realloc(all->words, room * sizeof *words);
    if (words == NULL) return false;
    all->words = words;
    all->words_room = room;
    return true;
}

/* Remembers a vtable that flat_vtable_find() did not find. False: no memory. */
static inline bool flat_vtable_add(FlatVtables *all, const uint16_t *words, uint32_t count,
                                   uint32_t hash, uint32_t offset)
{
    if (all->count == all->room && !flat_vtables_grow(all)) return false;
    if (all->words_room - all->used < count && !flat_vtables_grow_words(all, count)) return false;
    memcpy(all->words + all->used, words, count * sizeof *words);
    FlatVtable entry = {hash, count, all->used, offset};
    all->entries[all->count++] = entry;
    all->used += count;
    flat_vtable_place(all, (uint32_t)all->count);
    return true;
}

#endif
