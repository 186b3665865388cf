/* The fast part of verification: items whose tag has an Action in the plan's table and whose
 * value or length takes at most two bytes. Nearly all items are of that kind; `verify.pyx` takes
 * the others, one at a time, and decides every verdict that is not "fine so far". */
#ifndef TENSORWIRE_VERIFY_FAST_H
#define TENSORWIRE_VERIFY_FAST_H

#include "fault.h"
#include "le.h"
#include "plan.h"
#include "platform.h"

/* Above every tag: stands for the last field's tag once an unknown field was met, so that no
 * known field ascends any more. */
#define VERIFY_UNKNOWN_MET UINT32_MAX

/* The fast part looks at no more bytes of an item than these: tag and length of two bytes each. */
#define VERIFY_FAST_BYTES 4

/* One open message or group. */
typedef struct {
    const MessagePlan *plan;
    const uint8_t *stop;   /* the parent's stop for a group */
    const uint8_t *opened; /* the group's start tag */
    uint64_t oneofs;       /* bit per oneof that has a member set */
    uint32_t group;        /* number of the open group; 0 for a message */
    uint32_t last;         /* tag of the last known field, or VERIFY_UNKNOWN_MET */
    uint32_t required;     /* required fields met */
    uint32_t judged;       /* whether more is to be looked at where the bytes end */
} VerifyFrame;

typedef struct {
    const uint8_t *base;   /* what offsets count from */
    VerifyFrame *frame;    /* the innermost open one */
    VerifyFrame *first;
    VerifyFrame *limit;    /* the innermost that may be opened */
    uint32_t strange;      /* nonzero once something is not as an encoder would write it */
    Fault *fault;
} VerifyWalk;

TW_INLINE void verify_frame_open(VerifyFrame *frame, const MessagePlan *plan, const uint8_t *stop,
                                 uint32_t group)
{
    frame->plan = plan;
    frame->stop = stop;
    frame->oneofs = 0;
    frame->group = group;
    frame->last = 0;
    frame->required = 0;
    frame->judged = group | plan->judged_at_end;
}

/* 1 unless known fields ascend and come before unknown ones. The tag stands for the number: the
 * two forms of a repeated number differ in the tag, but one of them is not the declared one. */
TW_INLINE uint32_t verify_order(uint64_t action, uint32_t last)
{
    return ACTION_AFTER(action) < last;
}

/* 1 for an explicit default where the default is not written. */
TW_INLINE uint32_t verify_implicit(uint64_t action, uint64_t value)
{
    return !!(action & ACTION_IMPLICIT) & (value == 0);
}

/* Whether a value below 64 of a bool or closed enum is one that is not written. */
TW_INLINE uint32_t verify_low_value(const VerifyFrame *frame, uint64_t action, uint32_t value)
{
    return ~(uint32_t)(frame->plan->fields[ACTION_SLOT(action)].low_values >> value) & 1;
}

/* Goes over items and frames as long as they are simple; returns the first byte not gone over.
 * `end` is the root's stop. REQUIRES: at <= walk->frame->stop <= end. */
static inline const uint8_t *verify_fast(VerifyWalk *walk, const uint8_t *at, const uint8_t *end)
{
    VerifyFrame *frame = walk->frame;
    const uint8_t *stop = frame->stop;
    const uint64_t *actions = frame->plan->actions;
    uint32_t last = frame->last, strange = 0;
    for (;;) { /* progress: an item is at least two bytes here, and a frame ends once */
        if (at == stop) {
            if (TW_UNLIKELY(frame->judged || frame == walk->first)) break;
            frame--;
            stop = frame->stop;
            actions = frame->plan->actions;
            last = frame->last;
            continue;
        }
        if (TW_UNLIKELY(end - at < VERIFY_FAST_BYTES)) break;
        uint32_t word = le_load32(at), tag = word & 0xff;
        const uint8_t *payload = at + 2;
        if (tag >= 0x80) {
            if ((word >> 8 & 0xff) != 1) break; /* not a tag of the table */
            word >>= 8;
            payload++;
        }
        uint64_t action = actions[tag];
        uint32_t value = word >> 8 & 0xff, kind = ACTION_FAST(action);
        if (value >= 0x80) { /* a second byte of zero would be padding, a third is not for here */
            uint32_t second = word >> 16 & 0xff;
            if (second - 1 >= 0x7f) break;
            value = (value & 0x7f) | second << 7;
            payload++;
        }
        if (kind == ACT_BYTES) {
            if ((ptrdiff_t)value > stop - payload) break;
            at = payload + value;
        } else if (kind == ACT_VARINT) {
            if (payload > stop) break;
            at = payload;
        } else if (kind == ACT_MESSAGE) {
            if ((ptrdiff_t)value > stop - payload || frame == walk->limit) break;
            strange |= verify_order(action, last);
            frame->last = tag;
            verify_frame_open(frame + 1, frame->plan->fields[ACTION_SLOT(action)].message,
                              payload + value, 0);
            frame++;
            stop = payload + value;
            actions = frame->plan->actions;
            last = 0;
            at = payload;
            continue;
        } else {
            uint32_t bare = kind & ~(uint32_t)(ACTION_CHECKED | ACTION_IMPLICIT);
            if (bare == ACT_VARINT && payload <= stop && value < 64) {
                strange |= verify_low_value(frame, action, value);
                at = payload;
            } else if (bare == ACT_BYTES && (ptrdiff_t)value <= stop - payload) {
                at = payload + value;
            } else {
                break;
            }
            strange |= verify_implicit(action, value);
        }
        strange |= verify_order(action, last);
        last = tag;
    }
    frame->last = last;
    walk->frame = frame;
    walk->strange |= strange;
    return at;
}

#endif
