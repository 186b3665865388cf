/* What the FlatBuffers verifier has seen: subtrees that are worth remembering, by where and what.
 *
 * A hash table of small entries, open addressing, at most three quarters full; nothing in it is
 * sized by a number from the file: an entry is made for a subtree that took MEMO_LEAST steps.
 */
#ifndef TENSORWIRE_FLAT_MEMO_H
#define TENSORWIRE_FLAT_MEMO_H

#include <stdint.h>
#include <stdlib.h>

#include "platform.h"

/* `at` and `other` are positions, `other` of the types of a vector of unions, else 0; `type` the
 * plan, tagged by what it is used for; `buffer` tells nested buffers apart. */
typedef struct {
    uint64_t at;
    uint64_t other;
    uintptr_t type;   /* 0: the entry is free */
    uint32_t buffer;
    uint32_t height;
} FlatMemoEntry;

typedef struct {
    FlatMemoEntry *entries;
    size_t room;      /* a power of two, or 0 */
    size_t count;
    uint64_t seed[2]; /* odd, and nothing that a file could know: its positions would collide */
} FlatMemo;

#define FLAT_MEMO_FIRST 64

TW_INLINE size_t flat_memo_home(const FlatMemo *memo, const FlatMemoEntry *key)
{
    uint64_t rest = key->type + key->other + ((uint64_t)key->buffer << 32);
    uint64_t mixed = (key->at ^ key->at >> 32) * memo->seed[0];
    mixed ^= (rest ^ rest >> 32) * memo->seed[1];
    mixed = (mixed ^ mixed >> 29) * memo->seed[0];
    return (size_t)(mixed >> 32) & (memo->room - 1);
}

/* The entry of that key, or the free one where it belongs. REQUIRES: room. */
TW_INLINE FlatMemoEntry *flat_memo_slot(const FlatMemo *memo, const FlatMemoEntry *key)
{
    size_t place = flat_memo_home(memo, key);
    for (;;) {        /* progress: the table is never full */
        FlatMemoEntry *entry = &memo->entries[place];
        if (entry->type == 0 || (entry->at == key->at && entry->type == key->type &&
                                 entry->other == key->other && entry->buffer == key->buffer))
            return entry;
        place = (place + 1) & (memo->room - 1);
    }
}

TW_INLINE const FlatMemoEntry *flat_memo_find(const FlatMemo *memo, const FlatMemoEntry *key)
{
    if (memo->count == 0) return NULL;
    const FlatMemoEntry *entry = flat_memo_slot(memo, key);
    return entry->type ? entry : NULL;
}

static inline int flat_memo_grow(FlatMemo *memo)
{
    FlatMemo grown = *memo;
    grown.room = memo->room ? 2 * memo->room : FLAT_MEMO_FIRST;
    grown.entries = (FlatMemoEntry *)calloc(grown.room, sizeof(FlatMemoEntry));
    if (grown.entries == NULL) return -1;
    for (size_t i = 0; i < memo->room; i++)
        if (memo->entries[i].type) *flat_memo_slot(&grown, &memo->entries[i]) = memo->entries[i];
    free(memo->entries);
    *memo = grown;
    return 0;
}

/* -1: no memory. */
static inline int flat_memo_add(FlatMemo *memo, const FlatMemoEntry *entry)
{
    if (4 * (memo->count + 1) > 3 * memo->room && flat_memo_grow(memo) < 0) return -1;
    FlatMemoEntry *slot = flat_memo_slot(memo, entry);
    memo->count += slot->type == 0;
    *slot = *entry;
    return 0;
}

static inline void flat_memo_free(FlatMemo *memo)
{
    free(memo->entries);
    memo->entries = NULL;
    memo->room = memo->count = 0;
}

#endif
