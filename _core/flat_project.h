/* The walk of a projection: one table or struct of a verified buffer into a row of a store.
 *
 * Every position is checked against the buffer's end all the same, as its bytes may have changed.
 * Functions give 0, or -1 and a fault; the trace then tells the way to it, innermost first.
 */
#ifndef TENSORWIRE_FLAT_PROJECT_H
#define TENSORWIRE_FLAT_PROJECT_H

#include "fault.h"
#include "flat_projection.h"
#include "le.h"
#include "utf8.h"

/* Names on the way to a fault that are kept; paths have fewer. */
#define FLAT_TRACE 256

typedef struct {
    uint32_t node;
    uint64_t index;            /* of the item; UINT64_MAX: the field is no vector */
} FlatStep;

typedef struct {
    const uint8_t *base;       /* first byte of the buffer */
    size_t size;
    int64_t origin;            /* its address among the sources */
    FlatStore *store;
    uint64_t left, limit;      /* items, each of about 4 bytes */
    int check_utf8;
    uint32_t step_count;
    FlatStep steps[FLAT_TRACE];
    Fault *fault;
} FlatProjector;

static inline int take_changed(FlatProjector *w, size_t at)
{
    return fault_set(w->fault, FAULT_CHANGED, at, 0, 0);
}

static inline int take_no_memory(FlatProjector *w)
{
    return fault_set(w->fault, FAULT_NO_MEMORY, 0, 0, 0);
}

/* Always -1. */
static inline int take_trace(FlatProjector *w, const FlatAsked *asked, uint64_t index)
{
    if (w->step_count < FLAT_TRACE) {
        w->steps[w->step_count].node = asked->node;
        w->steps[w->step_count].index = index;
        w->step_count++;
    }
    return -1;
}

/* What is shared counts each time: a small buffer could unfold to any size. */
TW_INLINE int take_charge(FlatProjector *w, size_t at, uint64_t items)
{
    if (TW_UNLIKELY(items > w->left)) return fault_set(w->fault, FAULT_UNFOLDED, at, w->limit, 0);
    w->left -= items;
    return 0;
}

/* Where the offset at `at` leads. REQUIRES: its bytes lie inside. */
TW_INLINE int take_leads(FlatProjector *w, size_t at, int wide, size_t *target)
{
    uint64_t offset = wide ? le_load64(w->base + at) : le_load32(w->base + at);
    if (TW_UNLIKELY(offset >= w->size - at)) return take_changed(w, at);
    *target = at + (size_t)offset;
    return 0;
}

/* The elements of the vector at `at`, all of which lie inside. REQUIRES: at <= size, item > 0. */
TW_INLINE int take_items(FlatProjector *w, size_t at, int wide, uint32_t item, size_t *first,
                         size_t *count)
{
    size_t width = wide ? 8 : 4, left = w->size - at;
    if (TW_UNLIKELY(left < width)) return take_changed(w, at);
    left -= width;
    if (wide) {
        uint64_t found = le_load64(w->base + at);
        if (found > left / item) return take_changed(w, at);
        *count = (size_t)found;
    } else {
        uint64_t found = le_load32(w->base + at); /* item < 2^31: the product has 63 bits */
        if (TW_UNLIKELY(found * item > left)) return take_changed(w, at);
        *count = (size_t)found;
    }
    *first = at + width;
    return 0;
}

TW_INLINE void take_see(FlatStore *store, const FlatAsked *asked, size_t row)
{
    if (asked->seen != FLAT_ASKED_NONE) store->arrays[asked->seen].data[row] = 1;
}

/* REQUIRES: the bytes of the number. */
TW_INLINE void take_put(FlatStore *store, const FlatAsked *asked, size_t row, const uint8_t *at)
{
    uint8_t *into = store->arrays[asked->values].data + row * asked->width;
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

/* So many numbers behind one another. REQUIRES: `count` of them at `first`, rows for them. */
TW_INLINE void take_copy(FlatProjector *w, const FlatAsked *asked, size_t row, size_t first,
                         size_t count)
{
    uint8_t *into = w->store->arrays[asked->values].data + row * asked->width;
    const uint8_t *at = w->base + first;
    size_t bytes = count * asked->width;
    if (count == 0) return; /* there may be no array yet */
    if (TW_LIKELY(asked->form == FLAT_FORM_SAME)) {
        /* A call costs more than so few bytes; rows behind are not there yet. */
        if (bytes <= FLAT_SLACK && w->size - first >= FLAT_SLACK) memcpy(into, at, FLAT_SLACK);
        else memcpy(into, at, bytes);
    } else if (asked->form == FLAT_FORM_BOOL) {
        for (size_t i = 0; i < count; i++) into[i] = at[i] != 0;
    } else {
        size_t item = asked->base == FLAT_INT16 || asked->base == FLAT_UINT16 ? 2 : 1;
        for (size_t i = 0; i < count; i++)
            le_store32(into + 4 * i, (uint32_t)flat_integer(asked->base, at + item * i));
    }
}

/* Whether a text is UTF-8; most are ASCII, and short. */
TW_INLINE int take_utf8(const FlatProjector *w, size_t first, size_t count)
{
    const uint8_t *at = w->base + first;
    if (count <= 16 && w->size - first >= 16) {
        uint64_t low = le_load64(at), high = le_load64(at + 8);
        low &= count >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * count) - 1;
        high &= count <= 8 ? 0 : count >= 16 ? UINT64_MAX : (UINT64_C(1) << 8 * (count - 8)) - 1;
        if (((low | high) & UINT64_C(0x8080808080808080)) == 0) return 1;
    }
    return utf8_valid(at, at + count);
}

/* The span of the text or bytes at `at`. */
TW_INLINE int take_span(FlatProjector *w, const FlatAsked *asked, size_t row, size_t at)
{
    size_t first, count;
    int wide = asked->field != NULL && asked->field->base == FLAT_VECTOR64;
    if (take_items(w, at, wide, 1, &first, &count) < 0) return -1;
    if (w->check_utf8 && asked->op != FLAT_PUT_BYTES) {
        if (take_charge(w, at, count / 4) < 0) return -1;
        if (TW_UNLIKELY(!take_utf8(w, first, count)))
            return fault_set(w->fault, FAULT_BAD_UTF8, first, 0, 0);
    }
    FlatSpan *span = (FlatSpan *)(void *)w->store->arrays[asked->values].data + row;
    span->start = w->origin + (int64_t)first;
    span->length = (int64_t)count;
    return 0;
}

static int take_table(FlatProjector *w, const FlatScope *scope, size_t at, size_t row);
static int take_each(FlatProjector *w, const FlatScope *scope, uint32_t table, size_t first,
                     size_t count, size_t row, uint64_t *failed);

/* A struct. REQUIRES: its bytes lie inside. */
static int take_struct(FlatProjector *w, const FlatScope *scope, size_t at, size_t row)
{
    const FlatAsked *asked = scope->asked, *stop = asked + scope->count;
    for (; asked != stop; asked++) {
        size_t place = at + asked->field->offset, length = asked->field->length, first;
        switch (asked->op) {
        case FLAT_PUT_NUMBER: take_put(w->store, asked, row, w->base + place); break;
        case FLAT_INTO_STRUCT:
            if (take_struct(w, asked->scope, place, row) < 0)
                return take_trace(w, asked, UINT64_MAX);
            break;
        default: /* an array of numbers or structs */
            if (take_charge(w, place, length) < 0) return take_trace(w, asked, UINT64_MAX);
            first = flat_store_add(w->store, asked->table, length);
            if (first == SIZE_MAX) return take_no_memory(w);
            if (asked->op == FLAT_ARRAY_NUMBERS) {
                take_copy(w, asked, first, place, length);
                break;
            }
            for (size_t i = 0; i < length; i++) {
                flat_store_open(w->store, asked->table, first + i);
                if (take_struct(w, asked->scope, place + i * asked->scope->size,
                                     first + i) < 0)
                    return take_trace(w, asked, i);
            }
        }
    }
    return 0;
}

/* What a union holds, of a type that is known, at `at`. */
static int take_member(FlatProjector *w, const FlatScope *scope, int64_t type, size_t at,
                            size_t row)
{
    const FlatAsked *asked = scope->asked;
    size_t low = 0, high = scope->count;
    int status;
    while (low < high) { /* progress: the range halves */
        size_t middle = (low + high) / 2;
        if (asked[middle].member < type) low = middle + 1;
        else high = middle;
    }
    asked += low;
    if (low == scope->count || asked->member != type) return 0;
    take_see(w->store, asked, row);
    if (asked->op == FLAT_PUT_STRING) {
        status = take_span(w, asked, row, at);
    } else if (asked->op == FLAT_INTO_STRUCT) {
        if (w->size - at < asked->scope->size) status = take_changed(w, at);
        else status = take_struct(w, asked->scope, at, row);
    } else {
        status = take_table(w, asked->scope, at, row);
    }
    return status < 0 ? take_trace(w, asked, UINT64_MAX) : 0;
}

/* Whether a union of that type has a value: types that the schema does not know have none. */
TW_INLINE int take_is_member(const FlatField *field, int64_t type)
{
    const FlatEnumValue *member = flat_enum_find(field->enumeration, type);
    return member != NULL && (member->base == FLAT_STRING || member->base == FLAT_OBJECT);
}

static int take_numbers(FlatProjector *w, const FlatAsked *asked, size_t at)
{
    const FlatField *field = asked->field;
    size_t first, count, row;
    if (take_items(w, at, field->base == FLAT_VECTOR64, field->item_size, &first, &count) < 0 ||
        take_charge(w, at, (count * field->item_size + 3) / 4) < 0)
        return take_trace(w, asked, UINT64_MAX);
    row = flat_store_add(w->store, asked->table, count);
    if (TW_UNLIKELY(row == SIZE_MAX)) return take_no_memory(w);
    take_copy(w, asked, row, first, count);
    return 0;
}

static int take_structs(FlatProjector *w, const FlatAsked *asked, size_t at)
{
    const FlatField *field = asked->field;
    size_t first, count, row, size = field->item_size;
    if (take_items(w, at, field->base == FLAT_VECTOR64, field->item_size, &first, &count) < 0 ||
        take_charge(w, at, count * ((size + 3) / 4)) < 0)
        return take_trace(w, asked, UINT64_MAX);
    row = flat_store_add(w->store, asked->table, count);
    if (row == SIZE_MAX) return take_no_memory(w);
    for (size_t i = 0; i < count; i++) {
        flat_store_open(w->store, asked->table, row + i);
        if (take_struct(w, asked->scope, first + i * size, row + i) < 0)
            return take_trace(w, asked, i);
    }
    return 0;
}

static int take_strings(FlatProjector *w, const FlatAsked *asked, size_t at)
{
    size_t first, count, row, target;
    if (take_items(w, at, asked->field->base == FLAT_VECTOR64, 4, &first, &count) < 0 ||
        take_charge(w, at, count) < 0)
        return take_trace(w, asked, UINT64_MAX);
    row = flat_store_add(w->store, asked->table, count);
    if (row == SIZE_MAX) return take_no_memory(w);
    for (size_t i = 0; i < count; i++)
        if (take_leads(w, first + 4 * i, 0, &target) < 0 ||
            take_span(w, asked, row + i, target) < 0)
            return take_trace(w, asked, i);
    return 0;
}

static int take_tables(FlatProjector *w, const FlatAsked *asked, size_t at)
{
    size_t first, count, row;
    uint64_t failed = UINT64_MAX;
    if (take_items(w, at, asked->field->base == FLAT_VECTOR64, 4, &first, &count) < 0 ||
        take_charge(w, at, count) < 0)
        return take_trace(w, asked, UINT64_MAX);
    row = flat_store_add(w->store, asked->table, count);
    if (row == SIZE_MAX) return take_no_memory(w);
    if (take_each(w, asked->scope, asked->table, first, count, row, &failed) < 0)
        return take_trace(w, asked, failed);
    return 0;
}

/* Where a field of a table is; 0: absent. SIZE_MAX: its bytes changed. */
TW_INLINE size_t take_find(const FlatProjector *w, const FlatField *field, size_t at,
                           size_t vtable, uint32_t vtable_size)
{
    size_t where = 0;
    if (field->offset < vtable_size) where = le_load16(w->base + vtable + field->offset);
    if (where == 0) return 0;
    size_t left = w->size - at;
    if (TW_UNLIKELY(where > left || left - where < field->size)) return SIZE_MAX;
    return at + where;
}

/* A vector of unions; `types_at`: the offset of the vector of their types. */
static int take_unions(FlatProjector *w, const FlatAsked *asked, size_t at, size_t types_at)
{
    const FlatField *field = asked->field, *types = field - 1;
    size_t first, count, row, type_first, type_count, target;
    if (types_at == 0 || types_at == SIZE_MAX ||
        take_leads(w, types_at, types->flags & FLAT_OFFSET64, &target) < 0 ||
        take_items(w, target, types->base == FLAT_VECTOR64, types->item_size, &type_first,
                   &type_count) < 0 ||
        take_items(w, at, field->base == FLAT_VECTOR64, 4, &first, &count) < 0 ||
        type_count < count) {
        take_changed(w, at);
        return take_trace(w, asked, UINT64_MAX);
    }
    if (take_charge(w, at, count) < 0) return take_trace(w, asked, UINT64_MAX);
    row = flat_store_add(w->store, asked->table, count);
    if (row == SIZE_MAX) return take_no_memory(w);
    for (size_t i = 0; i < count; i++) {
        int64_t type = flat_integer(types->element, w->base + type_first + i * types->item_size);
        flat_store_open(w->store, asked->table, row + i);
        if (!take_is_member(field, type)) continue;
        take_see(w->store, asked, row + i);
        if (take_leads(w, first + 4 * i, 0, &target) < 0 ||
            take_member(w, asked->scope, type, target, row + i) < 0)
            return take_trace(w, asked, i);
    }
    return 0;
}

/* What a field's offset leads to. `types_at` of a union: where its type is, or 0. */
static int take_target(FlatProjector *w, const FlatAsked *asked, size_t at, size_t types_at,
                            size_t row)
{
    const FlatField *field = asked->field;
    int status = 0;
    switch (asked->op) {
    case FLAT_EACH_NUMBER: return take_numbers(w, asked, at);
    case FLAT_EACH_TABLE: return take_tables(w, asked, at);
    case FLAT_EACH_STRING: return take_strings(w, asked, at);
    case FLAT_EACH_STRUCT: return take_structs(w, asked, at);
    case FLAT_EACH_UNION: return take_unions(w, asked, at, types_at);
    case FLAT_INTO_TABLE:
        take_see(w->store, asked, row);
        status = take_charge(w, at, 1);
        if (status == 0) status = take_table(w, asked->scope, at, row);
        break;
    case FLAT_INTO_UNION: {
        if (types_at == SIZE_MAX) {
            status = take_changed(w, at);
            break;
        }
        int64_t type = types_at ? flat_integer(field[-1].base, w->base + types_at) : 0;
        if (!take_is_member(field, type)) break;
        take_see(w->store, asked, row);
        status = take_charge(w, at, 1);
        if (status == 0) status = take_member(w, asked->scope, type, at, row);
        break;
    }
    default:
        take_see(w->store, asked, row);
        status = take_span(w, asked, row, at);
    }
    return status < 0 ? take_trace(w, asked, UINT64_MAX) : 0;
}

/* The table at `at`, wherever that is, into a row that is open. */
TW_INLINE int take_fields(FlatProjector *w, const FlatScope *scope, size_t at, size_t row)
{
    if (TW_UNLIKELY(at > w->size || w->size - at < 4)) return take_changed(w, at);
    size_t vtable = at - (size_t)(int64_t)(int32_t)le_load32(w->base + at);
    if (TW_UNLIKELY(vtable > w->size || w->size - vtable < 2)) return take_changed(w, at);
    uint32_t vtable_size = le_load16(w->base + vtable) & ~1u; /* the last field is there whole */
    if (TW_UNLIKELY(vtable_size > w->size - vtable)) return take_changed(w, at);
    const FlatAsked *asked = scope->asked, *stop = asked + scope->count;
    for (; asked != stop; asked++) {
        const FlatField *field = asked->field;
        size_t place = take_find(w, field, at, vtable, vtable_size), types_at = 0, target;
        if (place == 0) {
            if (asked->op == FLAT_PUT_NUMBER && asked->seen == FLAT_ASKED_NONE)
                take_put(w->store, asked, row, (const uint8_t *)&asked->absent);
            continue;
        }
        if (TW_UNLIKELY(place == SIZE_MAX)) {
            take_changed(w, at);
            return take_trace(w, asked, UINT64_MAX);
        }
        if (asked->op == FLAT_PUT_NUMBER) {
            take_put(w->store, asked, row, w->base + place);
            take_see(w->store, asked, row);
            continue;
        }
        if (asked->op == FLAT_INTO_STRUCT) {
            take_see(w->store, asked, row);
            if (take_struct(w, asked->scope, place, row) < 0)
                return take_trace(w, asked, UINT64_MAX);
            continue;
        }
        if (asked->op == FLAT_INTO_UNION || asked->op == FLAT_EACH_UNION)
            types_at = take_find(w, field - 1, at, vtable, vtable_size);
        if (take_leads(w, place, field->flags & FLAT_OFFSET64, &target) < 0)
            return take_trace(w, asked, UINT64_MAX);
        if (take_target(w, asked, target, types_at, row) < 0) return -1;
    }
    return 0;
}

static int take_table(FlatProjector *w, const FlatScope *scope, size_t at, size_t row)
{
    return take_fields(w, scope, at, row);
}

/* Tables whose offsets lie behind one another. REQUIRES: all of those lie inside. */
static int take_each(FlatProjector *w, const FlatScope *scope, uint32_t table, size_t first,
                          size_t count, size_t row, uint64_t *failed)
{
    size_t target;
    for (size_t i = 0; i < count; i++) {
        *failed = i;
        flat_store_open(w->store, table, row + i);
        if (take_leads(w, first + 4 * i, 0, &target) < 0 ||
            take_fields(w, scope, target, row + i) < 0)
            return -1;
    }
    return 0;
}

#endif
