/* What a projection of FlatBuffers does at one place: finds it, and lays numbers and spans into
 * arrays. Every position is checked against the buffer's end, as its bytes may have changed since
 * they were verified. */
#ifndef TENSORWIRE_FLAT_TAKE_H
#define TENSORWIRE_FLAT_TAKE_H

#include "fault.h"
#include "flat_projection.h"
#include "le.h"
#include "utf8.h"

/* Names on the way to a fault that are kept; paths have fewer. */
#define TAKE_STEPS 256

typedef struct {
    uint32_t node;
    uint64_t index;            /* of the item; UINT64_MAX: the field is no vector */
} TakeStep;

/* The buffer at hand, by value, so that stores into arrays do not make it be read again. */
typedef struct {
    const uint8_t *base;
    size_t size;
} TakeGround;

typedef struct {
    TakeGround ground;
    int64_t origin;            /* address of its first byte among the sources */
    FlatStore *store;
    uint64_t left, limit;      /* items, each of about 4 bytes */
    int check_utf8;
    uint32_t step_count;
    TakeStep steps[TAKE_STEPS]; /* the way to a fault, innermost first */
    Fault *fault;
} FlatProjector;

/* -- faults: always -1 -- */

static inline int take_changed(FlatProjector *w, size_t at)
{
    return fault_set(w->fault, FAULT_CHANGED, at, 0, 0);
}

/* The store has no room for the items at `at`. */
static inline int take_no_room(FlatProjector *w, size_t at)
{
    if (w->store->is_over) return fault_set(w->fault, FAULT_GROWN, at, w->store->limit, 0);
    return fault_set(w->fault, FAULT_NO_MEMORY, 0, 0, 0);
}

static inline int take_trace(FlatProjector *w, const FlatAsked *asked, uint64_t index)
{
    if (w->step_count < TAKE_STEPS) {
        w->steps[w->step_count].node = asked->node;
        w->steps[w->step_count].index = index;
        w->step_count++;
    }
    return -1;
}

/* What is shared counts each time: a small buffer could unfold to any size. 0 or -1. */
TW_INLINE int take_charge(FlatProjector *w, size_t at, uint64_t items)
{
    if (TW_UNLIKELY(items > w->left)) return fault_set(w->fault, FAULT_UNFOLDED, at, w->limit, 0);
    w->left -= items;
    return 0;
}

/* -- places: true, or false where they are outside -- */

/* Where the offset at `at` leads. REQUIRES: its bytes lie inside. */
TW_INLINE bool take_leads(TakeGround g, size_t at, int wide, size_t *target)
{
    uint64_t offset = wide ? le_load64(g.base + at) : le_load32(g.base + at);
    *target = at + (size_t)offset;
    return offset < g.size - at;
}

/* The elements of the vector at `at`, all of which lie inside. REQUIRES: at <= size, item > 0. */
TW_INLINE bool take_items(TakeGround g, size_t at, int wide, uint32_t item, size_t *first,
                          size_t *count)
{
    size_t width = wide ? 8 : 4, left = g.size - at;
    if (TW_UNLIKELY(left < width)) return false;
    left -= width;
    uint64_t found = wide ? le_load64(g.base + at) : le_load32(g.base + at);
    *first = at + width;
    *count = (size_t)found;
    return wide ? found <= left / item : found * item <= left; /* item < 2^31: no overflow */
}

/* The vtable of the table at `at`, wherever that is. */
TW_INLINE bool take_vtable(TakeGround g, size_t at, size_t *vtable, uint32_t *vtable_size)
{
    if (TW_UNLIKELY(at > g.size || g.size - at < 4)) return false;
    size_t found = at - (size_t)(int64_t)(int32_t)le_load32(g.base + at);
    if (TW_UNLIKELY(found > g.size || g.size - found < 2)) return false;
    *vtable = found;
    *vtable_size = le_load16(g.base + found) & ~1u; /* the last field is there whole */
    return *vtable_size <= g.size - found;
}

#define TAKE_ABSENT 0
#define TAKE_OUTSIDE SIZE_MAX

/* Where a field of a table is. */
TW_INLINE size_t take_find(TakeGround g, const FlatField *field, size_t at, size_t vtable,
                           uint32_t vtable_size)
{
    uint64_t where = 0;
    if (field->offset < vtable_size) where = le_load16(g.base + vtable + field->offset);
    if (where == 0) return TAKE_ABSENT;
    if (TW_UNLIKELY(where + field->size > g.size - at)) return TAKE_OUTSIDE; /* < 2^33: no wrap */
    return at + (size_t)where;
}

/* -- values -- */

TW_INLINE void take_see(FlatStore *store, const FlatAsked *asked, size_t row)
{
    if (asked->seen != FLAT_ASKED_NONE) store->arrays[asked->seen].data[row] = 1;
}

/* A number into its place. REQUIRES: its bytes. */
TW_INLINE void take_put(const FlatAsked *asked, uint8_t *into, const uint8_t *at)
{
    if (TW_LIKELY(asked->form == FLAT_FORM_SAME)) {
        switch (asked->width) {
        case 1: *into = *at; break;
        case 2: memcpy(into, at, 2); break;
        case 4: memcpy(into, at, 4); break;
        default: memcpy(into, at, 8); break;
        }
    } else if (asked->form == FLAT_FORM_BOOL) {
        *into = *at != 0;
    } else {
        le_store32(into, (uint32_t)flat_integer(asked->base, at));
    }
}

/* So many numbers behind one another, into rows of their array from `row` on. REQUIRES: the bytes
 * of all, and the rows. */
TW_INLINE void take_copy(TakeGround g, const FlatStore *store, const FlatAsked *asked, size_t row,
                         size_t first, size_t count)
{
    if (count == 0) return; /* there may be no array yet */
    uint8_t *into = store->arrays[asked->values].data + row * asked->width;
    const uint8_t *at = g.base + first;
    size_t bytes = count * asked->width;
    if (TW_LIKELY(asked->form == FLAT_FORM_SAME)) {
        /* A call costs more than so few bytes. The rows behind are not there yet. */
        if (bytes <= FLAT_SLACK && g.size - first >= FLAT_SLACK) memcpy(into, at, FLAT_SLACK);
        else memcpy(into, at, bytes);
    } else if (asked->form == FLAT_FORM_BOOL) {
        for (size_t i = 0; i < count; i++) into[i] = at[i] != 0;
    } else {
        size_t item = asked->base == FLAT_INT16 || asked->base == FLAT_UINT16 ? 2 : 1;
        for (size_t i = 0; i < count; i++)
            le_store32(into + 4 * i, (uint32_t)flat_integer(asked->base, at + item * i));
    }
}

/* Whether a text is UTF-8; most are ASCII, which takes a look at 16 bytes at a time. REQUIRES: its
 * bytes. */
TW_INLINE bool take_utf8(TakeGround g, size_t first, size_t count)
{
    const uint8_t *at = g.base + first;
    uint64_t all = UINT64_MAX;
    if (count >= 16) {
        all = le_load64(at + count - 16) | le_load64(at + count - 8); /* the last ones overlap */
        for (size_t i = 0; i < count - 15; i += 16) all |= le_load64(at + i) | le_load64(at + i + 8);
    } else if (g.size - first >= 16) {
        size_t low = count < 8 ? count : 8, high = count - low; /* bytes of two words */
        all = low ? le_load64(at) << 8 * (8 - low) : 0;
        if (high) all |= le_load64(at + 8) << 8 * (8 - high);
    }
    return (all & UINT64_C(0x8080808080808080)) == 0 || utf8_valid(at, at + count);
}

/* The span of the text or bytes at `at`, which leads inside. 0 or -1. */
TW_INLINE int take_span(FlatProjector *w, TakeGround g, const FlatAsked *asked, size_t row,
                        size_t at)
{
    size_t first, count;
    int wide = asked->field != NULL && asked->field->base == FLAT_VECTOR64;
    if (!take_items(g, at, wide, 1, &first, &count)) return take_changed(w, at);
    if (w->check_utf8 && asked->op != FLAT_PUT_BYTES) {
        if (take_charge(w, at, count / 4) < 0) return -1;
        if (TW_UNLIKELY(!take_utf8(g, first, count)))
            return fault_set(w->fault, FAULT_BAD_UTF8, first, 0, 0);
    }
    FlatSpan *span = (FlatSpan *)(void *)w->store->arrays[asked->values].data + row;
    span->start = w->origin + (int64_t)first;
    span->length = (int64_t)count;
    return 0;
}

/* Whether a union of that type has a value: types that the schema does not know have none. */
TW_INLINE bool take_is_member(const FlatField *field, int64_t type)
{
    const FlatEnumValue *member = flat_enum_find(field->enumeration, type);
    return member != NULL && (member->base == FLAT_STRING || member->base == FLAT_OBJECT);
}

#endif
