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

/* The fast part looks at these bytes of an item unasked: a tag of two bytes and what follows it.
 * A second byte of a value or length is looked at only where it is inside. */
#define VERIFY_FAST_BYTES 3

/* One open message or group. */
typedef struct {
    const MessagePlan *plan;
    const uint8_t *stop;   /* the parent's stop for a group */
    const uint8_t *opened; /* the group's start tag */
    uint64_t last;         /* verify_last() of the last known field, or VERIFY_UNKNOWN_MET */
    uint64_t oneofs;       /* bit per oneof that has a member set */
    uint32_t group;        /* the tag that ends the open group; 0 for a message */
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
    frame->judged = group | plan->required_count;
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

/* What the scan keeps in registers: the innermost frame and what belongs to it. */
typedef struct {
    VerifyFrame *frame;
    const uint8_t *stop;
    const uint8_t *bound;    /* the stop, or where fewer than VERIFY_FAST_BYTES are left before it */
    const uint64_t *actions;
    uint64_t last;
    uint64_t disorder;       /* top bit set once known fields did not ascend */
    uint32_t strange;
} VerifyLane;

TW_INLINE void verify_lane_enter(VerifyLane *lane, VerifyFrame *frame, const uint8_t *roomy)
{
    lane->frame = frame;
    lane->stop = frame->stop;
    lane->bound = lane->stop < roomy ? lane->stop : roomy;
    lane->actions = frame->plan->actions;
    lane->last = frame->last;
}

/* Opens the message in [payload, stop). False: it reaches past its parent, or is too deep. */
TW_INLINE bool verify_lane_open(VerifyLane *lane, const VerifyWalk *walk, uint64_t action,
                                const uint8_t *payload, size_t length, const uint8_t *roomy)
{
    VerifyFrame *frame = lane->frame;
    if (payload + length > lane->stop || frame == walk->limit) return false;
    lane->disorder |= verify_order(action, lane->last);
    frame->last = verify_last(action);
    verify_frame_open(frame + 1, frame->plan->fields[ACTION_SLOT(action)].message,
                      payload + length, 0);
    verify_lane_enter(lane, frame + 1, roomy);
    return true;
}

/* An item with a value or length of two bytes, or a value that needs a look. `value` is its first
 * byte, before `payload`. The byte to go on at, or NULL if it is not that simple.
 * REQUIRES: `payload` is at most the root's stop. */
TW_INLINE const uint8_t *verify_medium(VerifyLane *lane, const VerifyWalk *walk, uint64_t action,
                                       const uint8_t *payload, uint32_t value,
                                       const uint8_t *roomy)
{
    if (value >= 0x80) {
        if (payload == roomy + VERIFY_FAST_BYTES - 1) return NULL; /* the root ends here */
        /* a second byte of zero would be padding, a third is not for here */
        uint32_t second = payload[0];
        if (second - 1 >= 0x7f) return NULL;
        value = (value & 0x7f) | second << 7;
        payload++;
    }
    uint32_t kind = ACTION_FAST(action) & ~(uint32_t)(ACTION_CHECKED | ACTION_IMPLICIT);
    if (kind == ACT_MESSAGE)
        return verify_lane_open(lane, walk, action, payload, value, roomy) ? payload : NULL;
    if (kind == ACT_BYTES) {
        payload += value;
    } else if (kind == ACT_VARINT && !((action & ACTION_CHECKED) && value >= 64)) {
        if (action & ACTION_CHECKED) lane->strange |= verify_low_value(lane->frame, action, value);
    } else {
        return NULL;
    }
    if (payload > lane->stop) return NULL;
    lane->strange |= verify_implicit(action, value);
    lane->disorder |= verify_order(action, lane->last);
    lane->last = verify_last(action);
    return payload;
}

/* Goes over items and frames as long as they are simple; returns the first byte not gone over.
 * `end` is the root's stop. REQUIRES: at <= walk->frame->stop <= end.
 *
 * The time is that of its instructions, some 22 per item: none is here without need. Adding a
 * length of two bytes at most to an address below `stop` cannot wrap. */
static inline const uint8_t *verify_fast(VerifyWalk *walk, const uint8_t *at, const uint8_t *end)
{
    if (end - at < VERIFY_FAST_BYTES) return at;
    const uint8_t *roomy = end - VERIFY_FAST_BYTES + 1, *next;
    VerifyLane lane = {0};
    verify_lane_enter(&lane, walk->frame, roomy);
    for (;;) { /* progress: an item is at least two bytes here, and a frame ends once */
        if (at >= lane.bound) {
            if (at != lane.stop || lane.frame->judged || lane.frame == walk->first) break;
            verify_lane_enter(&lane, lane.frame - 1, roomy);
            continue;
        }
        uint32_t tag = at[0], value = at[1];
        next = at + 2;
        if (tag >= 0x80) {
            if (value != 1) break; /* not a tag of the table */
            value = at[2];
            next++;
        }
        uint64_t action = lane.actions[tag];
        uint32_t kind = ACTION_FAST(action);
        if (TW_LIKELY(value < 0x80)) {
            if (kind == ACT_BYTES) {
                next += value;
                if (next > lane.stop) break;
                lane.disorder |= verify_order(action, lane.last);
                lane.last = verify_last(action);
                at = next;
                continue;
            }
            if (kind == ACT_VARINT) {
                if (next > lane.stop) break;
                TW_KEEP_BRANCH;
                lane.disorder |= verify_order(action, lane.last);
                lane.last = verify_last(action);
                at = next;
                continue;
            }
            if (kind == ACT_MESSAGE) {
                if (!verify_lane_open(&lane, walk, action, next, value, roomy)) break;
                at = next;
                continue;
            }
        }
        next = verify_medium(&lane, walk, action, next, value, roomy);
        if (next == NULL) break;
        at = next;
    }
    lane.frame->last = lane.last;
    walk->frame = lane.frame;
    walk->strange |= lane.strange | !!(lane.disorder & VERIFY_DISORDER);
    return at;
}

#endif
