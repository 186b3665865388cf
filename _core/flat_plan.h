/* A FlatBuffers schema compiled to tables: what verifier, views and columns look at.
 *
 * All plans of a schema lie in one set, so that types may contain one another. A plan never changes
 * after it is built. Numbers of types: google/flatbuffers reflection/reflection.fbs, BaseType.
 */
#ifndef TENSORWIRE_FLAT_PLAN_H
#define TENSORWIRE_FLAT_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "le.h"
#include "plan_header.h"

enum {
    FLAT_NONE = 0,
    FLAT_UTYPE = 1,
    FLAT_BOOL = 2,
    FLAT_INT8 = 3,
    FLAT_UINT8 = 4,
    FLAT_INT16 = 5,
    FLAT_UINT16 = 6,
    FLAT_INT32 = 7,
    FLAT_UINT32 = 8,
    FLAT_INT64 = 9,
    FLAT_UINT64 = 10,
    FLAT_FLOAT32 = 11,
    FLAT_FLOAT64 = 12,
    FLAT_STRING = 13,
    FLAT_VECTOR = 14,
    FLAT_OBJECT = 15,
    FLAT_UNION = 16,
    FLAT_ARRAY = 17,
    FLAT_VECTOR64 = 18,
    FLAT_BASES = 19
};

/* FlatField.flags: those of tensorwire.flat.declarations, and two more. */
enum {
    FLAT_DEPRECATED = 1,
    FLAT_REQUIRED = 2,
    FLAT_KEY = 4,
    FLAT_OPTIONAL = 8,   /* a scalar without default: absent is something else than 0 */
    FLAT_OFFSET64 = 16,  /* the offset in the table has 8 bytes */
    FLAT_FLEXBUFFER = 32,
    FLAT_NESTED = 64,    /* bytes that are a buffer of their own, with the root type `object` */
    FLAT_ENUM = 128      /* a scalar, or a vector of scalars, of the numbers of an enum */
};

/* What a field is for those who follow it: its base and element types folded into one number. */
enum {
    FLAT_IS_SCALAR = 1,      /* number or type of a union, inline */
    FLAT_IS_STRUCT,          /* inline */
    FLAT_IS_ARRAY,           /* inline, of a struct only: `length` numbers or structs */
    FLAT_IS_STRING,
    FLAT_IS_TABLE,
    FLAT_IS_UNION,
    FLAT_IS_NUMBERS,         /* vector of numbers, or of types of unions */
    FLAT_IS_STRUCTS,         /* vector of structs */
    FLAT_IS_STRINGS,         /* vector of strings */
    FLAT_IS_TABLES,          /* vector of tables */
    FLAT_IS_UNIONS           /* vector of unions; their types are in the field before */
};

typedef struct FlatObject FlatObject;

/* A number of an enum; of a union also what a value of that type is: a table or struct of `object`,
 * or, where `base` is FLAT_STRING, a string. */
typedef struct {
    int64_t value;
    const FlatObject *object;
    uint32_t base;
} FlatEnumValue;

typedef struct {
    PlanHeader head;
    const FlatEnumValue *values; /* ascending */
    uint32_t count;
    uint8_t base;
    uint8_t is_union;
} FlatEnum;

typedef struct {
    const FlatObject *object;    /* the table or struct it is, or its elements are; of nested bytes
                                    their root; else NULL */
    const FlatEnum *enumeration; /* enum or union; else NULL */
    uint64_t default_bits;       /* of a scalar, as wide as it is */
    uint32_t offset;             /* of a table: place in the vtable; of a struct: first byte */
    uint32_t size;               /* bytes in the table or struct itself: of a number, offset, struct */
    uint32_t align;              /* of those */
    uint32_t item_size;          /* bytes of an element of a vector or array */
    uint32_t item_align;         /* of those */
    uint32_t force_align;        /* what the schema asks writers for beyond that; 0: nothing */
    uint32_t length;             /* elements of a fixed array */
    uint16_t id;
    uint16_t index;              /* position among the fields */
    uint8_t base;
    uint8_t element;
    uint8_t flags;
    uint8_t role;                /* FLAT_IS_... */
} FlatField;

struct FlatObject {
    PlanHeader head;
    const FlatField *fields;     /* ascending by offset */
    const FlatField *key;        /* by which vectors of it are sorted; NULL: by none */
    uint32_t field_count;
    uint32_t size;               /* of a struct; 0 for a table */
    uint32_t align;              /* of a struct; 4 for a table */
    uint32_t required_end;       /* above the vtable offset of the last required field; 0: none */
    uint8_t is_struct;
};

/* Whether the field's value is an offset to somewhere else. */
static inline int flat_is_reference(const FlatField *field)
{
    return field->role >= FLAT_IS_STRING;
}

/* The value with that number, or NULL. */
static inline const FlatEnumValue *flat_enum_find(const FlatEnum *plan, int64_t number)
{
    uint32_t low = 0, high = plan->count;
    if (number >= 0 && (uint64_t)number < plan->count && plan->values[number].value == number)
        return &plan->values[number]; /* most count up from 0 */
    while (low < high) {              /* progress: the range halves */
        uint32_t mid = (low + high) / 2;
        if (plan->values[mid].value < number) low = mid + 1;
        else high = mid;
    }
    return low < plan->count && plan->values[low].value == number ? &plan->values[low] : NULL;
}

/* A whole number of that base type, sign-extended. REQUIRES: its bytes. */
static inline int64_t flat_integer(uint8_t base, const uint8_t *at)
{
    switch (base) {
    case FLAT_INT8: return (int8_t)*at;
    case FLAT_INT16: return (int16_t)le_load16(at);
    case FLAT_UINT16: return le_load16(at);
    case FLAT_INT32: return (int32_t)le_load32(at);
    case FLAT_UINT32: return le_load32(at);
    case FLAT_INT64:
    case FLAT_UINT64: return (int64_t)le_load64(at);
    default: return *at;
    }
}

#endif
