/* The fast part of verification: items whose tag has an Action in the plan's table and whose
 * value or length takes at most two bytes. Nearly all items are of that kind; `verify.pyx` takes
 * the others, one at a time, and decides every verdict that is not "fine so far". */
#ifndef TENSORWIRE_VERIFY_FAST_H
#define TENSORWIRE_VERIFY_FAST_H

#include "fault.h"
#include "le.h"
#include "plan.h"
#include "platform.h"

/* Above every Action: stands for the last field once an unknown one was met, so that no known
 * field ascends any more. */
#define VERIFY_UNKNOWN_MET ((uint64_t)INT64_MAX)

/* The fast part looks at no more bytes of an item than these: tag and length of two bytes each. */
#define VERIFY_FAST_BYTES 4

/* One open message or group. */
typedef struct {
    const MessagePlan *plan;
    const uint8_t *stop;   /* the parent's stop for a group */
    const uint8_t *opened; /* the group's start tag */
    uint64_t last;         /* verify_last() of the last known field, or VERIFY_UNKNOWN_MET */
    uint64_t oneofs;       /* bit per oneof that has a member set */
    uint32_t group;        /* number of the open group; 0 for a message */
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

/* What the Action of the next known field must not be below. */
TW_INLINE uint64_t verify_last(uint64_t action) { return action | ACTION_AGAIN; }

/* The top bit is set unless known fields ascend and come before unknown ones. Actions are below
 * 2^62 and so is `last` but for VERIFY_UNKNOWN_MET, hence no other difference has it set. */
TW_INLINE uint64_t verify_order(uint64_t action, uint64_t last) { return action - last; }
#define VERIFY_DISORDER ((uint64_t)1 << 63)

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
 * `end` is the root's stop. REQUIRES: at <= walk->frame->stop <= end.
 *
 * Every instruction counts here: about 25 per item, at five of them per cycle. */
static inline const uint8_t *verify_fast(VerifyWalk *walk, const uint8_t *at, const uint8_t *end)
{
    if (end - at < VERIFY_FAST_BYTES) return at;
    const uint8_t *roomy = end - VERIFY_FAST_BYTES; /* last place to read so many bytes from */
    VerifyFrame *frame = walk->frame;
    const uint8_t *stop = frame->stop;
    const uint64_t *actions = frame->plan->actions;
    uint64_t last = frame->last, disorder = 0;
    uint32_t strange = 0;
    for (;;) { /* progress: an item is at least two bytes here, and a frame ends once */
        if (at == stop) {
            if (TW_UNLIKELY(frame->judged || frame == walk->first)) break;
            frame--;
            stop = frame->stop;
            actions = frame->plan->actions;
            last = frame->last;
            continue;
        }
        if (TW_UNLIKELY(at > roomy)) break;
        uint32_t word = le_load32(at);
        uint64_t action = actions[word & 0xff];
        const uint8_t *payload = at + 2;
        if (word & 0x80) {
            if ((word >> 8 & 0xff) != 1) break; /* not a tag of the table */
            word >>= 8;
            payload++;
        }
        uint32_t value = word >> 8 & 0xff, kind = ACTION_FAST(action);
        if (value >= 0x80) { /* a second byte of zero would be padding, a third is not for here */
            uint32_t second = word >> 16 & 0xff;
            if (second - 1 >= 0x7f) break;
            value = (value & 0x7f) | second << 7;
            payload++;
        }
        /* Reaching past `stop` by a two-byte length cannot wrap: the addresses are in user space. */
        if (kind == ACT_BYTES) {
            payload += value;
            if (payload > stop) break;
        } else if (kind == ACT_VARINT) {
            if (payload > stop) break;
        } else if (kind == ACT_MESSAGE) {
            if (payload + value > stop || frame == walk->limit) break;
            disorder |= verify_order(action, last);
            const MessagePlan *plan = frame->plan->fields[ACTION_SLOT(action)].message;
            frame->last = verify_last(action);
            frame++;
            stop = payload + value;
            actions = plan->actions;
            last = 0;
            at = payload;
            verify_frame_open(frame, plan, stop, 0);
            continue;
        } else {
            uint32_t bare = kind & ~(uint32_t)(ACTION_CHECKED | ACTION_IMPLICIT);
            if (bare == ACT_BYTES) {
                payload += value;
            } else if (bare == ACT_VARINT && value < 64) {
                strange |= verify_low_value(frame, action, value);
            } else {
                break;
            }
            if (payload > stop) break;
            strange |= verify_implicit(action, value);
        }
        at = payload;
        disorder |= verify_order(action, last);
        last = verify_last(action);
    }
    frame->last = last;
    walk->frame = frame;
    walk->strange |= strange | !!(disorder & VERIFY_DISORDER);
    return at;
}

#endif
