/* Which fields of a message type are asked for, and where their values go: a trie over field
 * numbers. Compiled once by projection.pyx, never changed.
 *
 * Values go to tables: the rows, and for each repeated field the items of all its lists. A message
 * in place has no table of its own: its fields lie in that of the message around it, so that a
 * submessage in several pieces merges by itself. A repeated scalar is a table of one array.
 */
#ifndef TENSORWIRE_PROJECTION_H
#define TENSORWIRE_PROJECTION_H

#include "plan.h"

/* What is done with an item. */
enum {
    PROJECT_SKIP = 0,      /* not asked for, or of another wire type than the field takes */
    PROJECT_WATCH,         /* not asked for, but sets a oneof that has a member that is */
    PROJECT_IGNORE,        /* not asked for, but no unknown field of a map entry either */
    PROJECT_INT64,
    PROJECT_INT32,
    PROJECT_SINT64,
    PROJECT_SINT32,
    PROJECT_BOOL,
    PROJECT_CLOSED,        /* a closed enum: unknown numbers are unknown fields */
    PROJECT_FIXED32,
    PROJECT_FIXED64,
    PROJECT_SPAN,
    PROJECT_MESSAGE,
    PROJECT_GROUP,
    PROJECT_RAW_GROUP,     /* a group as a span, both its tags included */
    PROJECT_PACKED_VARINT, /* from here on repeated only */
    PROJECT_PACKED_FIXED
};

/* What the fast part of the walk does with an item of a field, by its op and flags. */
enum {
    FAST_NONE = 0,         /* leaves it to the other part */
    FAST_SKIP_RUN,         /* goes over this and those behind it that nobody asked for */
    FAST_SKIP,             /* goes over it */
    FAST_INT64,            /* numbers of fields that are neither repeated nor tracked, */
    FAST_INT32,
    FAST_SINT64,
    FAST_SINT32,
    FAST_BOOL,
    FAST_VARINT,           /* and of any field */
    FAST_FIXED32,
    FAST_FIXED64,
    FAST_FIXED,
    FAST_TEXT,             /* single strings that must be UTF-8, */
    FAST_SPAN,             /* and bytes of any field */
    FAST_MESSAGE,
    FAST_MESSAGES,         /* repeated */
    FAST_PACKED_VARINT,
    FAST_PACKED_FIXED
};

/* ProjectedField.flags */
enum {
    PROJECTED_REPEATED = 1,
    PROJECTED_UTF8 = 2,      /* bytes must be UTF-8 */
    PROJECTED_CLOSED = 4,    /* numbers are looked up in `enumeration` */
    PROJECTED_KEY = 8,       /* a map key of bytes: its address is kept in `pointers` */
    PROJECTED_MAP_VALUE = 16, /* a closed enum in a map: an unknown number takes the entry out */
    PROJECTED_ONEOF = 32,    /* a member of a oneof that matters */
    PROJECTED_SEEN = 64,     /* whether it is set is tracked */
    PROJECTED_LISTED = 128   /* a field of a repeated message */
};

/* ProjectedScope.simple, of tags of one byte that are not asked for; above these two: the bytes of
 * an item of fixed width. */
enum { PROJECT_NOT_SIMPLE = 0, PROJECT_SIMPLE_VARINT = 1, PROJECT_SIMPLE_LEN = 2 };

#define PROJECTED_NONE UINT32_MAX

TW_INLINE uint8_t projected_fast_span(uint8_t flags)
{
    return flags == PROJECTED_UTF8 || flags == (PROJECTED_UTF8 | PROJECTED_LISTED) ? FAST_TEXT
                                                                                   : FAST_SPAN;
}

/* ProjectedField.fast of an op and flags. */
static inline uint8_t projected_fast(uint8_t op, uint8_t flags)
{
    int plain = !(flags & (PROJECTED_REPEATED | PROJECTED_ONEOF | PROJECTED_SEEN));
    int number = plain && !(flags & PROJECTED_LISTED);
    switch (op) {
    case PROJECT_SKIP: return FAST_SKIP;
    case PROJECT_INT64: return number ? FAST_INT64 : FAST_VARINT;
    case PROJECT_INT32: return number ? FAST_INT32 : FAST_VARINT;
    case PROJECT_SINT64: return number ? FAST_SINT64 : FAST_VARINT;
    case PROJECT_SINT32: return number ? FAST_SINT32 : FAST_VARINT;
    case PROJECT_BOOL: return number ? FAST_BOOL : FAST_VARINT;
    case PROJECT_FIXED32: return plain ? FAST_FIXED32 : FAST_FIXED;
    case PROJECT_FIXED64: return plain ? FAST_FIXED64 : FAST_FIXED;
    case PROJECT_SPAN: return projected_fast_span(flags);
    case PROJECT_MESSAGE: return flags & PROJECTED_REPEATED ? FAST_MESSAGES : FAST_MESSAGE;
    case PROJECT_PACKED_VARINT: return FAST_PACKED_VARINT;
    case PROJECT_PACKED_FIXED: return FAST_PACKED_FIXED;
    default: return FAST_NONE;
    }
}

typedef struct ProjectedScope ProjectedScope;

typedef struct {
    uint32_t tag;
    uint8_t op;
    uint8_t flags;
    uint8_t kind;        /* KIND_* */
    uint8_t width;       /* bytes of a value in its array */
    uint8_t fast;        /* FAST_* */
    uint32_t values;     /* array of the values */
    uint32_t seen;       /* PROJECTED_SEEN: array of one byte, set or not */
    uint32_t table;      /* of a repeated field: the table of its items */
    uint32_t pointers;   /* PROJECTED_KEY: array of addresses */
    uint32_t oneof;      /* PROJECTED_ONEOF: place of the oneof's state, */
    uint32_t member;     /* and which member of it, from 1 on */
    const EnumPlan *enumeration;
    const ProjectedScope *scope; /* of messages */
} ProjectedField;

/* Ranges of what belongs to a scope and to the messages in place below it; `lists` are the lists
 * that hang off its rows. */
typedef struct {
    uint32_t first;
    uint32_t stop;
} ProjectedRange;

/* One message position of the trie. */
struct ProjectedScope {
    const ProjectedField *const *by_tag; /* the field of each tag below tag_count */
    const ProjectedField *fields; /* fields[0] skips; `field_count` in all, ascending by tag; and
                                   * one more, which skips runs */
    uint8_t simple[256];          /* by first byte: PROJECT_SIMPLE_*, what skipping an item takes */
    uint32_t tag_count;
    uint32_t field_count;
    uint32_t table;
    uint32_t dead;            /* of map entries: array of those that do not count; PROJECTED_NONE */
    ProjectedRange arrays;
    ProjectedRange lists;
    ProjectedRange oneofs;
};

typedef struct {
    uint32_t table;      /* of the items */
    uint32_t owner;      /* table of the rows that have the lists */
} ProjectedList;

typedef struct {
    const ProjectedScope *scope;  /* of its rows; NULL for a repeated scalar */
    ProjectedRange arrays;
    ProjectedRange lists;
    ProjectedRange oneofs;
    uint32_t list;       /* the list whose items the rows are; PROJECTED_NONE for the root */
    uint32_t key;        /* of a map: array of the keys, or of their spans; PROJECTED_NONE */
    uint32_t key_pointers; /* of a map: array of addresses of keys of bytes; PROJECTED_NONE */
    uint32_t dead;       /* of a map: array of entries that do not count; PROJECTED_NONE */
} ProjectedTable;

/* What messages of one type become. Tables[0] are the rows. */
typedef struct {
    const ProjectedScope *root;
    const ProjectedTable *tables;
    const ProjectedList *lists;
    const uint8_t *widths;        /* of the arrays */
    uint32_t table_count;
    uint32_t list_count;
    uint32_t array_count;
    uint32_t oneof_count;
    uint32_t depth;               /* scopes that can be open at once */
} ProjectionPlan;

/* The field of a tag that the table does not hold. */
TW_NOINLINE const ProjectedField *projected_field_far(const ProjectedScope *scope, uint32_t tag)
{
    uint32_t low = 1, high = scope->field_count;
    if (tag > scope->fields[high - 1].tag) return &scope->fields[0];
    while (low < high) { /* progress: the range halves */
        uint32_t mid = (low + high) / 2;
        if (scope->fields[mid].tag < tag) low = mid + 1;
        else high = mid;
    }
    return low < scope->field_count && scope->fields[low].tag == tag ? &scope->fields[low]
                                                                     : &scope->fields[0];
}

TW_INLINE const ProjectedField *projected_field(const ProjectedScope *scope, uint32_t tag)
{
    if (TW_LIKELY(tag < scope->tag_count)) return scope->by_tag[tag];
    return projected_field_far(scope, tag);
}

#endif
