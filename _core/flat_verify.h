/* The FlatBuffers verifier: one pass over the structure, linear in the bytes.
 *
 * The rules are those of google/flatbuffers include/flatbuffers/verifier.h and of the verifiers
 * that flatc generates for C++; `strict` adds what other verifiers check. Differences: a subtree
 * that is shared is looked at once, and sizes have 64 bits. Positions count from the first byte of
 * the buffer at hand; a nested buffer is one of its own.
 */
#ifndef TENSORWIRE_FLAT_VERIFY_H
#define TENSORWIRE_FLAT_VERIFY_H

#include "fault.h"
#include "flat_memo.h"
#include "flat_plan.h"
#include "flex_verify.h"
#include "le.h"
#include "utf8.h"

#define FLAT_LEAST 12      /* bytes of the smallest buffer: an offset, a table, a vtable */
#define FLAT_MEMO_LEAST 8  /* steps that a subtree must take to be remembered */
#define FLAT_FRAMES 24     /* frames that need no memory of their own */

/* What a memo entry's type is tagged with. Plans are aligned to 8 bytes at least. */
enum { MEMO_TABLE = 0, MEMO_TABLES = 1, MEMO_STRINGS = 2, MEMO_UNIONS = 3, MEMO_NESTED = 4, MEMO_FLEX = 5 };

typedef enum { FRAME_TABLE, FRAME_TABLES, FRAME_UNIONS, FRAME_NESTED } FlatFrameKind;

typedef struct {
    const FlatObject *object; /* of a table or nested buffer */
    const FlatField *field;   /* of a table: where it is; of a vector: whose it is */
    size_t at;                /* the table; of a vector its first element */
    size_t extra;             /* vtable of a table; first type of a vector of unions;
                                 of a nested buffer the size of the one around it */
    uint64_t count;           /* bytes of the vtable; elements of a vector */
    uint64_t index;           /* of a vector: where it is */
    uint64_t steps;           /* taken below */
    uint32_t height;          /* tables on the longest way down, this one not counted */
    uint32_t depth;           /* of a nested buffer: what it interrupts */
    uint32_t buffer;          /* the same */
    FlatFrameKind kind;
} FlatFrame;

typedef struct {
    const uint8_t *base;      /* first byte of the buffer at hand */
    size_t size;              /* of it */
    size_t start;             /* where it begins in the outermost buffer */
    uint64_t steps_left, steps_limit, tables, tables_limit, vectors;
    uint32_t depth, depth_limit, deepest, buffer, buffers;
    int strict;
    const FlatObject *named;  /* strictly, a nested buffer of this type */
    uint8_t name[4];          /* has this identifier; NULL: nobody asks */
    size_t frame_count, frame_room;
    FlatFrame *frames;
    FlatFrame first[FLAT_FRAMES];
    FlatMemo memo;
    Fault *fault;
} FlatVerifier;

/* Frames stay until then: they tell the path of a fault. */
static inline void flat_verifier_free(FlatVerifier *v)
{
    flat_memo_free(&v->memo);
    if (v->frames != v->first) free(v->frames);
}

static inline int flat_fault(FlatVerifier *v, FaultReason reason, size_t at, uint64_t wanted,
                             uint64_t found)
{
    return fault_set(v->fault, reason, v->start + at, wanted, found);
}

/* -- ranges and offsets: 0, or -1 with a fault -- */

/* As upstream has it, a range as long as the whole buffer is refused too. */
TW_INLINE int flat_range(FlatVerifier *v, size_t at, uint64_t length)
{
    if (TW_LIKELY(length < v->size && at <= v->size - length)) return 0;
    return flat_fault(v, FAULT_RANGE, at < v->size ? at : v->size, length,
                      at < v->size ? v->size - at : 0);
}

/* REQUIRES: a power of two. */
TW_INLINE int flat_aligned(FlatVerifier *v, size_t at, size_t align)
{
    if (TW_LIKELY((at & (align - 1)) == 0)) return 0;
    return flat_fault(v, FAULT_ALIGN, at, align, 0);
}

TW_INLINE int flat_item(FlatVerifier *v, size_t at, uint64_t length, size_t align)
{
    return flat_range(v, at, length) < 0 ? -1 : flat_aligned(v, at, align);
}

/* Where the offset at `at` leads. */
TW_INLINE int flat_target(FlatVerifier *v, size_t at, int wide, size_t *target)
{
    size_t width = wide ? 8 : 4;
    if (flat_item(v, at, width, width) < 0) return -1;
    uint64_t offset = wide ? le_load64(v->base + at) : le_load32(v->base + at);
    if (TW_UNLIKELY(offset == 0)) return flat_fault(v, FAULT_SELF, at, 0, 0);
    uint64_t top = wide ? UINT64_C(1) << 63 : UINT64_C(1) << 31;
    if (TW_UNLIKELY(offset >= top || offset >= v->size - at))
        return flat_fault(v, FAULT_OFFSET, at, offset, v->size - at);
    *target = at + (size_t)offset;
    return flat_range(v, *target, 1);
}

/* Where the `i`th offset of a vector leads: upstream checks only what lies there. -1 instead of a
 * position that does not exist. */
TW_INLINE int flat_element(FlatVerifier *v, size_t first, uint64_t i, size_t *target)
{
    size_t at = first + (size_t)i * 4;
    uint32_t offset = le_load32(v->base + at);
    if (TW_UNLIKELY(offset >= v->size - at))
        return flat_fault(v, FAULT_OFFSET, at, offset, v->size - at);
    *target = at + offset;
    return 0;
}

/* The vector at `at`: its elements' position and number. `wide`: the length has 8 bytes. */
TW_INLINE int flat_vector(FlatVerifier *v, size_t at, int wide, uint32_t item, size_t *first,
                          uint64_t *count)
{
    size_t width = wide ? 8 : 4;
    if (flat_item(v, at, width, width) < 0) return -1;
    uint64_t found = wide ? le_load64(v->base + at) : le_load32(v->base + at);
    v->vectors++;
    *first = at + width;
    *count = found;
    if (TW_UNLIKELY(found > v->size / item))
        return flat_fault(v, FAULT_RANGE, at, found, v->size - *first);
    return flat_range(v, at, width + found * item);
}

/* -- steps, memory of what was seen -- */

TW_INLINE int flat_steps(FlatVerifier *v, size_t at, uint64_t count)
{
    if (TW_UNLIKELY(count > v->steps_left))
        return flat_fault(v, FAULT_WORK, at, v->steps_limit, 0);
    v->steps_left -= count;
    return 0;
}

TW_INLINE FlatMemoEntry flat_key(const FlatVerifier *v, const void *type, int tag, size_t at)
{
    FlatMemoEntry key = {v->start + at, 0, (uintptr_t)type | (uintptr_t)tag, v->buffer, 0};
    return key;
}

/* 1: seen before, and no deeper than allowed; 0: not seen; -1: too deep. */
TW_INLINE int flat_seen(FlatVerifier *v, const FlatMemoEntry *key, size_t at)
{
    const FlatMemoEntry *entry = flat_memo_find(&v->memo, key);
    if (entry == NULL) return 0;
    uint64_t reached = (uint64_t)v->depth + entry->height;
    if (reached > v->depth_limit) return flat_fault(v, FAULT_TOO_DEEP, at, v->depth_limit, 0);
    if (v->deepest < reached) v->deepest = (uint32_t)reached; /* at most the limit */
    if (v->frame_count) {
        FlatFrame *around = &v->frames[v->frame_count - 1];
        if (around->height < entry->height) around->height = entry->height;
        around->steps++;
    }
    return 1;
}

static inline int flat_remember(FlatVerifier *v, FlatMemoEntry key, uint32_t height, size_t at)
{
    key.height = height;
    if (flat_memo_add(&v->memo, &key) < 0) return flat_fault(v, FAULT_NO_MEMORY, at, 0, 0);
    return 0;
}

static inline FlatFrame *flat_push(FlatVerifier *v, FlatFrameKind kind, size_t at)
{
    if (v->frame_count == v->frame_room) {
        size_t bytes = 2 * v->frame_room * sizeof(FlatFrame);
        int own = v->frames != v->first;
        FlatFrame *grown = (FlatFrame *)(own ? realloc(v->frames, bytes) : malloc(bytes));
        if (grown == NULL) {
            flat_fault(v, FAULT_NO_MEMORY, at, 0, 0);
            return NULL;
        }
        if (!own) memcpy(grown, v->first, sizeof v->first);
        v->frames = grown;
        v->frame_room *= 2;
    }
    FlatFrame *frame = &v->frames[v->frame_count++];
    frame->kind = kind;
    frame->at = at;
    frame->index = frame->steps = 0;
    frame->height = 0;
    return frame;
}

#endif
