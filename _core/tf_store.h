/* Values of one field behind one another while records are read, and their way into padded rows. */
#ifndef TENSORWIRE_TF_STORE_H
#define TENSORWIRE_TF_STORE_H

#include <stdlib.h>
#include <string.h>

#include "le.h"
#include "platform_memory.h"

typedef struct {
    uint8_t *data;
    size_t used; /* bytes */
    size_t room;
} TfStore;

/* A string, bytes, a submessage or a group: bytes that stay where they are. NULL: the default. */
typedef struct {
    const uint8_t *at;
    size_t length;
} TfSpan;

#define TF_STORE_ROOM 256

/* Makes room for `more` bytes. 0, or -1: out of memory, and the store is as it was. */
TW_NOINLINE int tf_store_grow(TfStore *store, size_t more)
{
    size_t need = store->used + more, room = store->room ? store->room : TF_STORE_ROOM;
    if (need < more || need > SIZE_MAX / 2) return -1;
    while (room < need) room *= 2; /* progress: doubles, and need is at most half of SIZE_MAX */
    uint8_t *fresh = (uint8_t *)realloc(store->data, room);
    if (fresh == NULL) return -1;
    memory_prefer_huge(fresh, room);
    store->data = fresh;
    store->room = room;
    return 0;
}

/* Where `more` bytes behind the used ones may be written, for tf_store_keep(); NULL: no memory. */
TW_INLINE uint8_t *tf_store_room(TfStore *store, size_t more)
{
    if (TW_UNLIKELY(store->room - store->used < more || store->data == NULL) &&
        tf_store_grow(store, more) < 0)
        return NULL;
    return store->data + store->used;
}

/* REQUIRES: `more` is no more than there is room for. */
TW_INLINE void tf_store_keep(TfStore *store, size_t more) { store->used += more; }

/* A block of its own, or NULL: no memory. */
static inline uint8_t *tf_block(size_t nbytes)
{
    uint8_t *block = (uint8_t *)malloc(nbytes ? nbytes : 1);
    if (block) memory_prefer_huge(block, nbytes);
    return block;
}

static inline void tf_store_free(TfStore *store)
{
    free(store->data);
    store->data = NULL;
    store->used = store->room = 0;
}

#define TF_HASH_FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* Both ends of a text and its length; texts that agree in all of them are compared anyway. */
TW_INLINE uint64_t tf_hash(const uint8_t *text, size_t size)
{
    uint64_t first = 0, last = 0;
    if (size >= 8) {
        first = le_load64(text);
        last = le_load64(text + size - 8);
    } else if (size >= 4) {
        first = le_load32(text);
        last = le_load32(text + size - 4);
    } else if (size) {
        first = text[0] | (uint64_t)text[size / 2] << 8 | (uint64_t)text[size - 1] << 16;
    }
    uint64_t mixed = (first ^ last * TF_HASH_FACTOR ^ size) * TF_HASH_FACTOR;
    return mixed ^ mixed >> 29;
}

/* `count` items of `width` bytes, each equal to `item`. REQUIRES: room for them; width > 0. */
static inline void tf_fill(uint8_t *out, const uint8_t *item, size_t width, size_t count)
{
    size_t nbytes = width * count, done = width;
    if (count == 0) return;
    memcpy(out, item, width);
    while (done < nbytes) { /* progress: what is filled doubles */
        size_t more = done <= nbytes - done ? done : nbytes - done;
        memcpy(out + done, out, more);
        done += more;
    }
}

/* Lays the items of `rows` rows out in rows of `longest` items, padded with `fallback`.
 * `sizes[row * stride]` is how many a row has. REQUIRES: their sum is what the store holds, none is
 * above `longest`, and `out` has room for rows * longest items. */
static inline void tf_pad(const TfStore *store, const int32_t *sizes, size_t stride, size_t rows,
                          size_t longest, size_t width, const uint8_t *fallback, uint8_t *out)
{
    const uint8_t *from = store->data;
    size_t whole = longest * width;
    for (size_t row = 0; row < rows; row++, out += whole) {
        size_t count = (size_t)sizes[row * stride], nbytes = count * width;
        if (nbytes) memcpy(out, from, nbytes);
        from += nbytes;
        tf_fill(out + nbytes, fallback, width, longest - count);
    }
}

#endif
