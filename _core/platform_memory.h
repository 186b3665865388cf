/* Blocks of memory for arrays. Large ones are mapped, so that they are zero without being written,
 * and begin where a large page does: filling them costs a fault per 2 MiB, not one per 4 KiB, which
 * would be a third of the time of decoding numbers (measured). */
#ifndef TENSORWIRE_PLATFORM_MEMORY_H
#define TENSORWIRE_PLATFORM_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A sanitizer sees the end of a block that malloc() gave, not of a mapping. */
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#include <sys/mman.h>
#define MEMORY_MAPS 1
#else
#define MEMORY_MAPS 0
#endif

/* Blocks of this size and above are mapped. */
#define MEMORY_MAPPED ((size_t)1 << 20)
#define MEMORY_PAGE ((size_t)2 << 20)

static inline int memory_is_mapped(size_t size)
{
    return MEMORY_MAPS && size >= MEMORY_MAPPED;
}

#if MEMORY_MAPS
static inline size_t memory_rounded(size_t size)
{
    return (size + MEMORY_PAGE - 1) & ~(MEMORY_PAGE - 1);
}

static inline void *memory_map(size_t size)
{
    size_t room = memory_rounded(size), whole = room + MEMORY_PAGE;
    if (whole < size) return NULL;
    uint8_t *at = (uint8_t *)mmap(NULL, whole, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return NULL;
    size_t before = (MEMORY_PAGE - ((uintptr_t)at & (MEMORY_PAGE - 1))) & (MEMORY_PAGE - 1);
    if (before) munmap(at, before);
    munmap(at + before + room, whole - room - before); /* never empty: `before` is below a page */
    madvise(at + before, room, MADV_HUGEPAGE);         /* only a wish */
    return at + before;
}

/* Moves the pages of a block to the front of a larger one, which nobody wrote to: nothing is copied.
 * 0: the system would not. */
static inline int memory_move(void *old, size_t old_size, void *fresh, size_t size)
{
    size_t room = memory_rounded(old_size);
    return room <= memory_rounded(size) &&
           mremap(old, room, room, MREMAP_MAYMOVE | MREMAP_FIXED, fresh) == fresh;
}
#endif

/* Makes the large pages that begin in [start, stop) of a block be there, without a change to what is
 * in them, whoever else writes there. Two threads that come upon a new page at once both clear one. */
static inline void memory_touch(void *block, size_t start, size_t stop)
{
#if MEMORY_MAPS
    uintptr_t first = ((uintptr_t)block + start + MEMORY_PAGE - 1) & ~(uintptr_t)(MEMORY_PAGE - 1);
    for (uintptr_t at = first; at < (uintptr_t)block + stop; at += MEMORY_PAGE)
        __atomic_fetch_or((uint8_t *)at, 0, __ATOMIC_RELAXED);
#else
    (void)block;
    (void)start;
    (void)stop;
#endif
}

/* Asks for large pages inside a block of malloc(). Only a wish. */
static inline void memory_prefer_huge(void *block, size_t size)
{
#if MEMORY_MAPS
    uintptr_t first = ((uintptr_t)block + MEMORY_PAGE - 1) & ~(uintptr_t)(MEMORY_PAGE - 1);
    uintptr_t stop = ((uintptr_t)block + size) & ~(uintptr_t)(MEMORY_PAGE - 1);
    if (size >= 2 * MEMORY_PAGE && first < stop)
        madvise((void *)first, stop - first, MADV_HUGEPAGE);
#else
    (void)block;
    (void)size;
#endif
}

/* A block of `size` bytes, all zero if `zeroed`, else anything; NULL: out of memory. */
static inline void *memory_new(size_t size, int zeroed)
{
#if MEMORY_MAPS
    if (memory_is_mapped(size)) return memory_map(size);
#endif
    return zeroed ? calloc(size ? size : 1, 1) : malloc(size ? size : 1);
}

/* REQUIRES: `size` is what the block was made or grown with. */
static inline void memory_free(void *block, size_t size)
{
#if MEMORY_MAPS
    if (block && memory_is_mapped(size)) {
        munmap(block, memory_rounded(size));
        return;
    }
#endif
    (void)size;
    free(block);
}

/* The block with its first `used` bytes kept, the others as memory_new() has them. NULL: out of
 * memory, and the old block is as it was. */
static inline void *memory_grow(void *old, size_t old_size, size_t used, size_t size, int zeroed)
{
    if (old == NULL) return memory_new(size, zeroed);
    if (!memory_is_mapped(old_size) && !memory_is_mapped(size)) {
        uint8_t *fresh = (uint8_t *)realloc(old, size ? size : 1);
        if (fresh && zeroed) memset(fresh + used, 0, size - used);
        return fresh;
    }
    void *fresh = memory_new(size, zeroed);
    if (fresh == NULL) return NULL;
#if MEMORY_MAPS
    if (memory_is_mapped(old_size) && memory_move(old, old_size, fresh, size)) {
        if (zeroed) memset((uint8_t *)fresh + used, 0, old_size - used);
        return fresh;
    }
#endif
    memcpy(fresh, old, used);
    memory_free(old, old_size);
    return fresh;
}

/* The block cut to `size` bytes, where that gives back enough; `*held` is what it was made with, and
 * then what it is to be freed with. */
static inline void *memory_shrink(void *block, size_t *held, size_t size)
{
    void *fresh = block;
    if (size > *held / 4 * 3) return block;
#if MEMORY_MAPS
    if (memory_is_mapped(size)) {
        size_t room = memory_rounded(size), before = memory_rounded(*held);
        if (room < before) munmap((uint8_t *)block + room, before - room);
        *held = size;
        return block;
    }
    if (memory_is_mapped(*held)) {
        fresh = malloc(size ? size : 1);
        if (fresh == NULL) return block;
        memcpy(fresh, block, size);
        memory_free(block, *held);
        *held = size;
        return fresh;
    }
#endif
    fresh = realloc(block, size ? size : 1);
    if (fresh == NULL) return block;
    *held = size;
    return fresh;
}

#endif
