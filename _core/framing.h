/* Records in a stream of bytes: where each begins and how long it is.
 *
 * Delimited: a varint length and the record, as upstream's serialize_length_prefixed() and
 * parseDelimitedFrom() have it. TFRecord: a 64-bit length, the masked CRC-32C of those eight bytes,
 * the record, its masked CRC-32C (tensorflow/core/lib/io/record_writer.h). */
#ifndef TENSORWIRE_FRAMING_H
#define TENSORWIRE_FRAMING_H

#include "crc32c.h"
#include "le.h"
#include "platform.h"
#include "varint.h"

typedef enum {
    FRAMING_DELIMITED,
    FRAMING_TFRECORD
} Framing;

#define TFRECORD_HEAD 12 /* length and its checksum */
#define TFRECORD_TAIL 4  /* checksum of the record */

/* Why no frame could be read, or none of a record's own prefix. */
typedef enum {
    FRAME_FINE = 0,
    FRAME_CUT,          /* the bytes end inside a frame: of a file that goes on, read more */
    FRAME_CUT_LENGTH,   /* ... inside its length */
    FRAME_OVERLONG,     /* a length of more than ten bytes */
    FRAME_LENGTH_CRC,   /* the length's checksum differs: the next frame cannot be found */
    FRAME_RECORD_CRC,   /* the record's does: the frames behind it can be read */
    FRAME_SHORT,        /* a record shorter than the prefix to skip */
    FRAME_MAGIC,        /* a record whose first byte is not Confluent's */
    FRAME_INDEXES,      /* message indexes that the record cuts, or that are no varints */
    FRAME_INDEX_COUNT,  /* a negative number of message indexes, or more than bytes */
    FRAME_REASONS
} FrameReason;

/* `at`: first byte of the frame, or of what is wrong with the prefix; `numbers`: what the text of
 * the reason takes. */
typedef struct {
    FrameReason reason;
    size_t at;
    uint64_t wanted;
    uint64_t found;
} FrameFault;

typedef struct {
    const char *text;
    int numbers;
} FrameText;

static inline FrameText frame_text(FrameReason reason)
{
    static const FrameText texts[FRAME_REASONS] = {
        [FRAME_FINE] = {"no fault", 0},
        [FRAME_CUT] = {"frame is cut: %llu bytes promised, %llu present", 2},
        [FRAME_CUT_LENGTH] = {"frame is cut inside its length", 0},
        [FRAME_OVERLONG] = {"length of a frame has more than ten bytes", 0},
        [FRAME_LENGTH_CRC] = {"crc32c of a frame's length is %llu, not %llu as stored", 2},
        [FRAME_RECORD_CRC] = {"crc32c of the record is %llu, not %llu as stored", 2},
        [FRAME_SHORT] = {"prefix is cut: %llu bytes to skip, %llu present", 2},
        [FRAME_MAGIC] = {"magic byte is %llu, not 0", 1},
        [FRAME_INDEXES] = {"message indexes are cut, or no varints", 0},
        [FRAME_INDEX_COUNT] = {"number of message indexes is impossible: %llu in %llu bytes", 2},
    };
    return texts[reason];
}

TW_INLINE FrameReason frame_fail(FrameFault *fault, FrameReason reason, size_t at,
                                 uint64_t wanted, uint64_t found)
{
    fault->reason = reason;
    fault->at = at;
    fault->wanted = wanted;
    fault->found = found;
    return reason;
}

/* One frame: the record is [start, start + length), the next frame begins at `next`. */
typedef struct {
    size_t start;
    size_t length;
    size_t next;
} Frame;

/* REQUIRES, all: at < end. A frame of a length that does not fit is FRAME_CUT with the bytes it
 * needs, its own prefix included, in `wanted`; saturated where that has more than 64 bits. */
TW_INLINE FrameReason frame_delimited(const uint8_t *base, size_t at, size_t end, Frame *frame,
                                      FrameFault *fault)
{
    uint64_t length;
    int used = varint_decode(base + at, base + end, &length);
    if (TW_UNLIKELY(used < 0)) return frame_fail(fault, FRAME_OVERLONG, at, 0, 0);
    if (TW_UNLIKELY(used == 0)) return frame_fail(fault, FRAME_CUT_LENGTH, at, 0, 0);
    size_t start = at + (size_t)used; /* at most end: varint_decode() read inside */
    if (TW_UNLIKELY(length > end - start)) {
        uint64_t whole = length + (uint64_t)used;
        return frame_fail(fault, FRAME_CUT, at, whole < length ? UINT64_MAX : whole, end - at);
    }
    frame->start = start;
    frame->length = (size_t)length; /* below `end`, a size_t */
    frame->next = start + frame->length;
    return FRAME_FINE;
}

TW_INLINE bool frame_crc_is(const Crc32c *crc, const uint8_t *at, size_t size, uint32_t stored,
                            uint32_t *computed)
{
    *computed = crc32c_masked(crc32c_of(crc, at, size));
    return *computed == stored;
}

/* `crc` NULL: checksums are not looked at. After FRAME_RECORD_CRC, `frame` is filled. */
TW_INLINE FrameReason frame_tfrecord(const uint8_t *base, size_t at, size_t end,
                                     const Crc32c *crc, Frame *frame, FrameFault *fault)
{
    const uint8_t *head = base + at;
    size_t left = end - at;
    uint32_t computed;
    if (TW_UNLIKELY(left < TFRECORD_HEAD)) return frame_fail(fault, FRAME_CUT_LENGTH, at, 0, 0);
    uint64_t length = le_load64(head);
    if (crc && !frame_crc_is(crc, head, 8, le_load32(head + 8), &computed))
        return frame_fail(fault, FRAME_LENGTH_CRC, at, computed, le_load32(head + 8));
    size_t room = left - TFRECORD_HEAD;
    if (TW_UNLIKELY(room < TFRECORD_TAIL || length > room - TFRECORD_TAIL)) {
        uint64_t whole = length + (TFRECORD_HEAD + TFRECORD_TAIL);
        return frame_fail(fault, FRAME_CUT, at, whole < length ? UINT64_MAX : whole, left);
    }
    frame->start = at + TFRECORD_HEAD;
    frame->length = (size_t)length;
    frame->next = frame->start + frame->length + TFRECORD_TAIL; /* at most end, as just seen */
    if (!crc) return FRAME_FINE;
    const uint8_t *record = base + frame->start;
    uint32_t stored = le_load32(record + frame->length);
    if (frame_crc_is(crc, record, frame->length, stored, &computed)) return FRAME_FINE;
    return frame_fail(fault, FRAME_RECORD_CRC, at, computed, stored);
}

/* Frames found so far: `at` is where the next begins. REQUIRES: at <= end, found <= room. */
typedef struct {
    const uint8_t *base;
    size_t at;
    size_t end;
    int64_t *starts;
    int64_t *lengths;
    size_t room;
    size_t found;
} Frames;

/* Reads frames until there are no bytes, no room, or a fault; `at` then is that of the frame that
 * could not be read; but it is behind one whose record alone is wrong, which counts as found. */
static inline FrameReason frames_find(Frames *frames, Framing framing, const Crc32c *crc,
                                      FrameFault *fault)
{
    FrameReason reason = FRAME_FINE;
    Frame frame;
    while (frames->found < frames->room && frames->at < frames->end) {
        if (framing == FRAMING_DELIMITED)
            reason = frame_delimited(frames->base, frames->at, frames->end, &frame, fault);
        else
            reason = frame_tfrecord(frames->base, frames->at, frames->end, crc, &frame, fault);
        if (TW_UNLIKELY(reason != FRAME_FINE && reason != FRAME_RECORD_CRC)) break;
        frames->starts[frames->found] = (int64_t)frame.start; /* a buffer has at most 2^63 - 1 */
        frames->lengths[frames->found] = (int64_t)frame.length;
        frames->found++;
        frames->at = frame.next; /* progress: a frame has at least one byte */
        if (TW_UNLIKELY(reason != FRAME_FINE)) break;
    }
    return reason;
}

/* What stands before the message in each record. */
#define CONFLUENT_HEAD 5 /* magic byte 0 and a 32-bit schema id, high byte first */

/* Message indexes: which message of the schema's file it is, as zigzag varints, and before them
 * their number; the number 0 stands for the one index 0. Confluent Platform, Schema Registry,
 * "Wire format", on Protobuf. They are checked for their form, and skipped: the class is given.
 * REQUIRES: at <= end. */
static inline FrameReason prefix_indexes(const uint8_t *at, const uint8_t *end, size_t *used,
                                         FrameFault *fault)
{
    const uint8_t *start = at;
    uint64_t value;
    int bytes = varint_decode(at, end, &value);
    if (bytes <= 0) return frame_fail(fault, FRAME_INDEXES, 0, 0, 0);
    at += bytes;
    uint64_t count = value >> 1; /* zigzag: odd is negative */
    if ((value & 1) || count > (size_t)(end - at))
        return frame_fail(fault, FRAME_INDEX_COUNT, 0, value, (uint64_t)(end - at));
    for (; count > 0; count--) { /* progress: a byte at least */
        bytes = varint_decode(at, end, &value);
        if (bytes <= 0) return frame_fail(fault, FRAME_INDEXES, (size_t)(at - start), 0, 0);
        at += bytes;
    }
    *used = (size_t)(at - start);
    return FRAME_FINE;
}

typedef struct {
    size_t skip;    /* bytes, before anything else */
    bool confluent; /* then Confluent's header */
} Prefix;

/* How many of the record's bytes are prefix. Offsets in `fault` count from the record's start. */
static inline FrameReason prefix_size(Prefix prefix, const uint8_t *record, size_t size,
                                      size_t *used, FrameFault *fault)
{
    size_t fixed = prefix.skip, indexes = 0;
    if (TW_UNLIKELY(fixed > size)) return frame_fail(fault, FRAME_SHORT, 0, fixed, size);
    if (prefix.confluent) {
        if (TW_UNLIKELY(size - fixed < CONFLUENT_HEAD))
            return frame_fail(fault, FRAME_SHORT, fixed, CONFLUENT_HEAD, size - fixed);
        if (TW_UNLIKELY(record[fixed] != 0))
            return frame_fail(fault, FRAME_MAGIC, fixed, record[fixed], 0);
        fixed += CONFLUENT_HEAD;
        if (prefix_indexes(record + fixed, record + size, &indexes, fault) != FRAME_FINE) {
            fault->at += fixed;
            return fault->reason;
        }
    }
    *used = fixed + indexes;
    return FRAME_FINE;
}

#endif
