/* A schema compiled to tables: what the loops over structure look at.
 *
 * One PlanSet owns all plans of a file in one allocation, so that recursive types need no
 * reference cycles; fields may point to types and enums of other sets, which are kept alive. A
 * plan never changes after it is built, but that extensions are added to its table of them.
 */
#ifndef TENSORWIRE_PLAN_H
#define TENSORWIRE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "plan_header.h"
#include "platform.h"

/* protobuf.dev/programming-guides/encoding, "Message Structure". */
enum {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_LEN = 2,
    WIRE_START = 3,
    WIRE_END = 4,
    WIRE_FIXED32 = 5
};

/* The numbers of google/protobuf/descriptor.proto, FieldDescriptorProto.Type. */
enum {
    KIND_DOUBLE = 1,
    KIND_FLOAT = 2,
    KIND_INT64 = 3,
    KIND_UINT64 = 4,
    KIND_INT32 = 5,
    KIND_FIXED64 = 6,
    KIND_FIXED32 = 7,
    KIND_BOOL = 8,
    KIND_STRING = 9,
    KIND_GROUP = 10,
    KIND_MESSAGE = 11,
    KIND_BYTES = 12,
    KIND_UINT32 = 13,
    KIND_ENUM = 14,
    KIND_SFIXED32 = 15,
    KIND_SFIXED64 = 16,
    KIND_SINT32 = 17,
    KIND_SINT64 = 18,
    KIND_COUNT = 19
};

/* FieldPlan.flags */
enum {
    FIELD_REPEATED = 1,
    FIELD_REQUIRED = 2,
    FIELD_PACKED = 4,    /* declared packed: what an encoder writes */
    FIELD_PRESENCE = 8,  /* tells "absent" from "default" */
    FIELD_UTF8 = 16,     /* string whose bytes must be UTF-8 at parse */
    FIELD_CLOSED = 32,   /* enum whose unknown numbers become unknown fields */
    FIELD_MAP = 64,      /* repeated map entries */
    FIELD_EXTENSION = 128
};

/* What the verifier does with an item; the low byte of an Action. */
enum {
    ACT_UNKNOWN = 0,  /* no such field, or another wire type than the field takes */
    ACT_VARINT,
    ACT_FIXED32,
    ACT_FIXED64,
    ACT_BYTES,        /* length-delimited, content not looked at */
    ACT_UTF8,
    ACT_MESSAGE,
    ACT_GROUP,
    ACT_PACKED_VARINT,
    ACT_PACKED_FIXED
};

/* Bits 8 to 12 of an Action, all about whether the bytes are what our encoder would write. */
enum {
    ACTION_IMPLICIT = 1 << 8,   /* implicit presence: the default is not written */
    ACTION_CHECKED = 1 << 9,    /* bool or closed enum: even a one-byte value needs a look */
    ACTION_MISPACKED = 1 << 10, /* legal, but not the declared form */
    ACTION_REQUIRED = 1 << 11,
    ACTION_ONEOF = 1 << 12
};
#define ACTION_KIND(action) ((uint32_t)(action) & 0xff)
/* The kind, and what keeps an item from being handled as just that. */
#define ACTION_FAST(action) ((uint32_t)(action) & 0xffff)
/* Bits 16 to 31: the field's slot. */
#define ACTION_SLOT(action) ((uint32_t)(action) >> 16)
/* Bits 33 to 61: the field number, above all else, so that Actions compare as their numbers do.
 * Bit 32: the item may follow one of its own number. Bit 62: an extension, which upstream writes
 * behind all regular fields. */
#define ACTION_AGAIN ((uint64_t)1 << 32)
#define ACTION_EXTENSION ((uint64_t)1 << 62)

/* Tags below this have their Action in a table: fields 1 to 31. Those from 128 on are two bytes,
 * of which the first equals the tag and the second is 1. */
#define TABLED_TAGS 256

typedef struct {
    const int32_t *numbers; /* ascending */
    uint32_t count;
} EnumPlan;

typedef struct MessagePlan MessagePlan;

typedef struct {
    const MessagePlan *message; /* of a message or group; NULL otherwise */
    const EnumPlan *enumeration; /* of an enum; NULL otherwise */
    uint64_t low_values; /* bit per value below 64 that an encoder writes: bools, closed enums */
    uint32_t number;
    uint32_t tag;        /* number << 3 | wire type of one element */
    uint16_t slot;       /* position in the plan's fields, which ascend by number; see plan_slot */
    uint16_t oneof;      /* 1-based; 0: in none */
    uint8_t kind;
    uint8_t flags;
} FieldPlan;

/* The extensions known for one type. Replaced as a whole, never changed: readers may be in it. */
typedef struct ExtensionTable {
    struct ExtensionTable *older; /* what it replaced, freed with the set */
    uint32_t count;
    const FieldPlan *fields[1];   /* `count` ascending by number, then `count` by slot */
} ExtensionTable;

struct MessagePlan {
    PlanHeader head;
    const FieldPlan *fields;
    const uint16_t *dense;        /* field number -> slot + 1, 0 for none; below dense_count */
    void *extensions;             /* ExtensionTable, published; NULL: none */
    uint32_t field_count;
    uint32_t dense_count;
    uint32_t required_count;      /* what must be there where the bytes end, see verify_frame_open */
    uint8_t map_entry;            /* 1 for the entry type of a map field: both fields count */
    uint8_t has_ranges;           /* 1 if numbers are set aside for extensions */
    uint8_t message_set;          /* 1 if written in the form of message sets */
    uint8_t needs_required;       /* 1 if this or what it may hold may have required fields */
    uint8_t reaches_sets;         /* 1 if this or what it may hold is a message set, */
    uint32_t sets_epoch;          /* as of that count of changes to schemas: see message_sets.pyx */
    uint64_t actions[TABLED_TAGS];
};

/* Bytes of a fixed-width item. REQUIRES: WIRE_FIXED32 or WIRE_FIXED64. */
static inline size_t wire_width(uint32_t wire) { return wire == WIRE_FIXED32 ? 4 : 8; }

static inline uint8_t kind_wire(uint8_t kind)
{
    static const uint8_t wires[KIND_COUNT] = {
        [KIND_DOUBLE] = WIRE_FIXED64, [KIND_FLOAT] = WIRE_FIXED32, [KIND_INT64] = WIRE_VARINT,
        [KIND_UINT64] = WIRE_VARINT, [KIND_INT32] = WIRE_VARINT, [KIND_FIXED64] = WIRE_FIXED64,
        [KIND_FIXED32] = WIRE_FIXED32, [KIND_BOOL] = WIRE_VARINT, [KIND_STRING] = WIRE_LEN,
        [KIND_GROUP] = WIRE_START, [KIND_MESSAGE] = WIRE_LEN, [KIND_BYTES] = WIRE_LEN,
        [KIND_UINT32] = WIRE_VARINT, [KIND_ENUM] = WIRE_VARINT, [KIND_SFIXED32] = WIRE_FIXED32,
        [KIND_SFIXED64] = WIRE_FIXED64, [KIND_SINT32] = WIRE_VARINT, [KIND_SINT64] = WIRE_VARINT,
    };
    return wires[kind];
}

/* Scalars whose repeated form may be packed: everything but strings, bytes and messages. */
static inline int kind_packable(uint8_t kind)
{
    return kind_wire(kind) != WIRE_LEN && kind != KIND_GROUP;
}

/* A group is a message between tags instead of behind a length. */
static inline int kind_is_message(uint8_t kind)
{
    return kind == KIND_MESSAGE || kind == KIND_GROUP;
}

/* Key and value of a map field: an entry type has fields 1 and 2 and no other. */
static inline const FieldPlan *map_key_plan(const FieldPlan *map)
{
    return &map->message->fields[0];
}

static inline const FieldPlan *map_value_plan(const FieldPlan *map)
{
    return &map->message->fields[1];
}

/* Makes the first `count` of a new table ascend, where all but the last few do already. */
static inline void extensions_sort(ExtensionTable *table)
{
    for (uint32_t i = 1; i < table->count; i++) {
        const FieldPlan *field = table->fields[i];
        uint32_t place = i;
        for (; place > 0 && table->fields[place - 1]->number > field->number; place--)
            table->fields[place] = table->fields[place - 1];
        table->fields[place] = field;
    }
}

static inline const ExtensionTable *plan_extensions(const MessagePlan *plan)
{
    return (const ExtensionTable *)pointer_acquire(&plan->extensions);
}

/* The extension of that number, or NULL. */
static inline const FieldPlan *plan_extension(const MessagePlan *plan, uint32_t number)
{
    const ExtensionTable *table = plan_extensions(plan);
    if (table == NULL) return NULL;
    uint32_t low = 0, high = table->count;
    while (low < high) {                 /* progress: the range halves */
        uint32_t mid = (low + high) / 2;
        if (table->fields[mid]->number < number) low = mid + 1;
        else high = mid;
    }
    if (low < table->count && table->fields[low]->number == number) return table->fields[low];
    return NULL;
}

/* How many extensions of the type are known. */
static inline uint32_t plan_extension_count(const MessagePlan *plan)
{
    const ExtensionTable *table = plan_extensions(plan);
    return table ? table->count : 0;
}

/* The field in that slot. Extensions have slots behind those of all regular fields.
 * REQUIRES: a slot below field_count, or of an extension that was found in this plan. */
static inline const FieldPlan *plan_slot(const MessagePlan *plan, uint32_t slot)
{
    if (TW_LIKELY(slot < plan->field_count)) return &plan->fields[slot];
    const ExtensionTable *table = plan_extensions(plan);
    return table->fields[table->count + (slot - plan->field_count)];
}

/* The regular field or extension of that number, or NULL. */
static inline const FieldPlan *plan_field(const MessagePlan *plan, uint32_t number)
{
    if (number < plan->dense_count) {
        uint16_t slot = plan->dense[number];
        return slot ? &plan->fields[slot - 1] : plan_extension(plan, number);
    }
    uint32_t low = 0, high = plan->field_count;
    while (low < high) {                 /* progress: the range halves */
        uint32_t mid = (low + high) / 2;
        if (plan->fields[mid].number < number) low = mid + 1;
        else high = mid;
    }
    if (low < plan->field_count && plan->fields[low].number == number) return &plan->fields[low];
    return plan_extension(plan, number);
}

static inline int enum_knows(const EnumPlan *plan, int32_t number)
{
    uint32_t low = 0, high = plan->count;
    while (low < high) {                 /* progress: the range halves */
        uint32_t mid = (low + high) / 2;
        if (plan->numbers[mid] < number) low = mid + 1;
        else high = mid;
    }
    return low < plan->count && plan->numbers[low] == number;
}

static inline uint32_t field_action_kind(const FieldPlan *field, uint32_t wire)
{
    int repeated = field->flags & FIELD_REPEATED;
    if (wire == WIRE_LEN && repeated && kind_packable(field->kind))
        return kind_wire(field->kind) == WIRE_VARINT ? ACT_PACKED_VARINT : ACT_PACKED_FIXED;
    if (wire != kind_wire(field->kind)) return ACT_UNKNOWN;
    switch (field->kind) {
    case KIND_STRING: return field->flags & FIELD_UTF8 ? ACT_UTF8 : ACT_BYTES;
    case KIND_BYTES: return ACT_BYTES;
    case KIND_MESSAGE: return ACT_MESSAGE;
    case KIND_GROUP: return ACT_GROUP;
    default: break;
    }
    if (wire == WIRE_VARINT) return ACT_VARINT;
    return wire == WIRE_FIXED32 ? ACT_FIXED32 : ACT_FIXED64;
}

/* The Action of an item of this field with that wire type. */
static inline uint64_t field_action(const FieldPlan *field, uint32_t wire)
{
    uint32_t kind = field_action_kind(field, wire), action = kind;
    uint64_t above = field->flags & FIELD_EXTENSION ? ACTION_EXTENSION : 0;
    if (kind == ACT_UNKNOWN) return ACT_UNKNOWN;
    int packed = kind == ACT_PACKED_VARINT || kind == ACT_PACKED_FIXED;
    int repeated = field->flags & FIELD_REPEATED, declared = field->flags & FIELD_PACKED;
    /* Key and value of a map entry, required here, are written even where they are defaults. */
    int implicit = !repeated && !(field->flags & (FIELD_PRESENCE | FIELD_REQUIRED));
    /* A second map entry is not judged: its order is not fixed by the format. */
    if (repeated && !packed && !(field->flags & FIELD_MAP)) above |= ACTION_AGAIN;
    if (implicit) action |= ACTION_IMPLICIT;
    if (field->kind == KIND_BOOL || (field->flags & FIELD_CLOSED)) action |= ACTION_CHECKED;
    if (packed ? !declared : declared) action |= ACTION_MISPACKED;
    if (field->flags & FIELD_REQUIRED) action |= ACTION_REQUIRED;
    if (field->oneof) action |= ACTION_ONEOF;
    return (uint64_t)field->number << 33 | above | (uint32_t)field->slot << 16 | action;
}

static inline uint64_t plan_action(const MessagePlan *plan, uint32_t tag)
{
    if (tag < TABLED_TAGS && plan->actions[tag] != ACT_UNKNOWN) return plan->actions[tag];
    const FieldPlan *field = plan_field(plan, tag >> 3);
    return field ? field_action(field, tag & 7) : ACT_UNKNOWN;
}

/* The same without the table, to fill it. REQUIRES: no extension is known yet. */
static inline uint64_t plan_action_slow(const MessagePlan *plan, uint32_t tag)
{
    const FieldPlan *field = plan_field(plan, tag >> 3);
    return field ? field_action(field, tag & 7) : ACT_UNKNOWN;
}

#endif
