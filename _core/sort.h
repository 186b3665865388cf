/* A stable sort of records that takes linearithmic time whatever the input: what is sorted here
 * comes from files. (The C library's qsort() is quadratic on some systems, and unstable.) */
#ifndef TENSORWIRE_SORT_H
#define TENSORWIRE_SORT_H

#include <stdlib.h>

#include "platform.h"

/* Runs that are sorted by insertion before they are merged. */
#define SORT_RUN 8
/* The largest record. */
#define SORT_RECORD 96

/* Nonzero if the first record comes before the second. */
typedef int (*SortBefore)(const void *, const void *);

static inline void sort_insert(uint8_t *first, size_t count, size_t size, SortBefore before)
{
    uint8_t held[SORT_RECORD];
    for (size_t i = 1; i < count; i++) {
        size_t place = i;
        while (place && before(first + i * size, first + (place - 1) * size)) place--;
        if (place == i) continue;
        memcpy(held, first + i * size, size);
        memmove(first + (place + 1) * size, first + place * size, (i - place) * size);
        memcpy(first + place * size, held, size);
    }
}

/* Merges two sorted neighbours of `left` and `right` records into `to`. */
static inline void sort_merge(uint8_t *to, const uint8_t *from, size_t left, size_t right,
                              size_t size, SortBefore before)
{
    const uint8_t *a = from, *middle = from + left * size, *b = middle;
    const uint8_t *end = middle + right * size;
    for (; a != middle && b != end; to += size) { /* progress: a record is moved */
        int second = before(b, a);
        memcpy(to, second ? b : a, size);
        if (second) b += size;
        else a += size;
    }
    memcpy(to, a, (size_t)(middle - a));
    memcpy(to + (middle - a), b, (size_t)(end - b));
}

static inline size_t sort_least(size_t a, size_t b) { return a < b ? a : b; }

/* Sorts `count` records of `size` bytes. 0, or -1 without memory: then they are as they were, in
 * some order. REQUIRES: size <= SORT_RECORD. */
static inline int sort_records(void *records, size_t count, size_t size, SortBefore before)
{
    uint8_t *from = (uint8_t *)records, *to;
    for (size_t at = 0; at < count; at += SORT_RUN)
        sort_insert(from + at * size, sort_least(SORT_RUN, count - at), size, before);
    if (count <= SORT_RUN) return 0;
    if (count > SIZE_MAX / size) return -1;
    uint8_t *spare = (uint8_t *)malloc(count * size);
    if (spare == NULL) return -1;
    to = spare;
    for (size_t run = SORT_RUN; run < count; run *= 2) { /* count * size fits: run does not wrap */
        for (size_t at = 0; at < count; at += 2 * run) {
            size_t left = sort_least(run, count - at);
            size_t right = sort_least(run, count - at - left);
            sort_merge(to + at * size, from + at * size, left, right, size, before);
        }
        uint8_t *swapped = from;
        from = to;
        to = swapped;
    }
    if (from == spare) memcpy(records, spare, count * size);
    free(spare);
    return 0;
}

#endif
