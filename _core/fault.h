/* Why a scan stopped. Filled by the loops, raised by the `def` that called them. */
#ifndef TENSORWIRE_FAULT_H
#define TENSORWIRE_FAULT_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    FAULT_NONE = 0,
    FAULT_TRUNCATED,     /* the item runs past the end of its parent */
    FAULT_OVERLONG,      /* a varint of more than ten bytes */
    FAULT_BAD_TAG,       /* a tag of more than five bytes, or with bits above the 32nd */
    FAULT_BAD_WIRE,      /* wire type 6 or 7 */
    FAULT_BAD_FIELD,     /* field number 0 */
    FAULT_BAD_LENGTH,    /* a length of more than five bytes that five could have held */
    FAULT_PACKED_WIDTH,  /* a packed fixed-width run that is no multiple of the width */
    FAULT_BAD_UTF8,      /* a string that the schema demands to be UTF-8, and is not */
    FAULT_LONE_END,      /* an end-group tag that closes no open group */
    FAULT_OPEN_GROUP,    /* a group still open where its parent ends */
    FAULT_TOO_DEEP,      /* more nested levels than the limit */
    FAULT_CHANGED,       /* the bytes are no longer those that were verified */
    FAULT_NO_MEMORY,     /* not a fault of the bytes: raised as MemoryError */
    /* FlatBuffers only. */
    FAULT_SHORT,         /* fewer bytes than any buffer has */
    FAULT_IDENTIFIER,    /* another file identifier than the one asked for */
    FAULT_RANGE,         /* something leaves the buffer */
    FAULT_ALIGN,         /* something does not begin at a multiple of its size */
    FAULT_SELF,          /* an offset of 0 */
    FAULT_OFFSET,        /* an offset that leads out of the buffer */
    FAULT_VTABLE,        /* a vtable of an odd or, strictly, too small size */
    FAULT_REQUIRED,      /* a required field is absent */
    FAULT_NO_NUL,        /* a string without a zero byte behind it */
    FAULT_UNION_COUNT,   /* as many types as values in a vector of unions */
    FAULT_UNION_PAIR,    /* of the type and value of a union, one is there */
    FAULT_UNION_TYPE,    /* strictly: a type that the schema does not know */
    FAULT_OUTSIDE,       /* strictly: a field outside of its table */
    FAULT_FLEX,          /* a FlexBuffer that is malformed */
    FAULT_TABLES,        /* the limit of tables */
    FAULT_WORK,          /* the limit of work */
    FAULT_UNFOLDED,      /* the limit of what shared parts unfold to */
    FAULT_GROWN,         /* the limit of what records may become as columns */
    FAULT_COUNT
} FaultReason;

/* `offset`: first byte of the unreadable item, counted from the scan's origin.
 * `wanted` and `found`: the two numbers that decided it, where the reason has them. */
typedef struct {
    FaultReason reason;
    size_t offset;
    uint64_t wanted;
    uint64_t found;
} Fault;

/* How many of (wanted, found) the text of a reason takes. */
typedef struct {
    const char *text;
    int numbers;
} FaultText;

static inline FaultText fault_text(FaultReason reason)
{
    static const FaultText texts[FAULT_COUNT] = {
        [FAULT_NONE] = {"no fault", 0},
        [FAULT_TRUNCATED] = {"item runs past its parent: %llu bytes promised, %llu present", 2},
        [FAULT_OVERLONG] = {"varint longer than ten bytes", 0},
        [FAULT_BAD_TAG] = {"tag longer than five bytes or wider than 32 bits", 0},
        [FAULT_BAD_WIRE] = {"wire type %llu does not exist", 1},
        [FAULT_BAD_FIELD] = {"field number 0 does not exist", 0},
        [FAULT_BAD_LENGTH] = {"length of %llu padded to %llu bytes", 2},
        [FAULT_PACKED_WIDTH] = {"packed run is no multiple of %llu bytes: %llu", 2},
        [FAULT_BAD_UTF8] = {"string is not UTF-8", 0},
        [FAULT_LONE_END] = {"end of group %llu closes no open group", 1},
        [FAULT_OPEN_GROUP] = {"group %llu is never closed", 1},
        [FAULT_TOO_DEEP] = {"nested deeper than %llu levels", 1},
        [FAULT_CHANGED] = {"the bytes changed since they were verified", 0},
        [FAULT_NO_MEMORY] = {"out of memory", 0},
        [FAULT_SHORT] = {"a buffer has at least %llu bytes, this has %llu", 2},
        [FAULT_IDENTIFIER] = {"file identifier is another one", 0},
        [FAULT_RANGE] = {"%llu bytes leave the buffer, %llu are left", 2},
        [FAULT_ALIGN] = {"not at a multiple of %llu bytes", 1},
        [FAULT_SELF] = {"offset is 0, which points to itself", 0},
        [FAULT_OFFSET] = {"offset %llu leads out of the buffer, %llu bytes are left", 2},
        [FAULT_VTABLE] = {"vtable has a size of %llu bytes", 1},
        [FAULT_REQUIRED] = {"required field is absent", 0},
        [FAULT_NO_NUL] = {"string is not followed by a zero byte", 0},
        [FAULT_UNION_COUNT] = {"vector of unions has %llu types and %llu values", 2},
        [FAULT_UNION_PAIR] = {"union has type %llu, and its value is absent or should be", 1},
        [FAULT_UNION_TYPE] = {"union has type %llu, which the schema does not know", 1},
        [FAULT_OUTSIDE] = {"%llu bytes leave the table of %llu bytes", 2},
        [FAULT_FLEX] = {"FlexBuffer is malformed", 0},
        [FAULT_TABLES] = {"more than %llu tables; raise limits.flat_tables if that is right", 1},
        [FAULT_WORK] = {"items are shared so often that verifying them takes more than %llu steps;"
                        " raise limits.flat_work if that is right", 1},
        [FAULT_UNFOLDED] = {"shared parts unfold to more than %llu items; raise limits.flat_work if"
                            " that is right", 1},
        [FAULT_GROWN] = {"columns would take more than %llu bytes; raise limits.column_growth if"
                         " that is right", 1},
    };
    return texts[reason];
}

/* Always -1, so that a loop can `return fault_set(...)`. */
static inline int fault_set(Fault *fault, FaultReason reason, size_t offset,
                            uint64_t wanted, uint64_t found)
{
    fault->reason = reason;
    fault->offset = offset;
    fault->wanted = wanted;
    fault->found = found;
    return -1;
}

#endif
