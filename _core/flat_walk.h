/* The FlatBuffers verifier's way through tables and vectors, by frames instead of recursion. */
#ifndef TENSORWIRE_FLAT_WALK_H
#define TENSORWIRE_FLAT_WALK_H

#include "flat_leaves.h"

/* Begins a table, unless it was seen before. */
TW_INLINE int flat_enter(FlatVerifier *v, const FlatObject *object, size_t at)
{
    if (flat_steps(v, at < v->size ? at : v->size, 2) < 0) return WALK_FAULT;
    FlatMemoEntry key = flat_key(v, object, MEMO_TABLE, at);
    int seen = flat_seen(v, &key, at);
    if (seen) return seen < 0 ? WALK_FAULT : WALK_DONE;
    if (flat_item(v, at, 4, 4) < 0) return WALK_FAULT;
    if (TW_UNLIKELY(v->depth >= v->depth_limit))
        return flat_fault(v, FAULT_TOO_DEEP, at, v->depth_limit, 0);
    if (TW_UNLIKELY(v->tables >= v->tables_limit))
        return flat_fault(v, FAULT_TABLES, at, v->tables_limit, 0);
    size_t vtable = at - (size_t)(int64_t)(int32_t)le_load32(v->base + at);
    if (flat_item(v, vtable, 2, 2) < 0) return WALK_FAULT;
    uint32_t size = le_load16(v->base + vtable);
    if (TW_UNLIKELY(size & 1)) return flat_fault(v, FAULT_VTABLE, vtable, size, 0);
    if (flat_range(v, vtable, size) < 0) return WALK_FAULT;
    if (v->strict && flat_table_strict(v, at, vtable, size) < 0) return WALK_FAULT;
    FlatFrame *frame = flat_push(v, FRAME_TABLE, at);
    if (frame == NULL) return WALK_FAULT;
    frame->object = object;
    frame->extra = vtable;
    frame->count = size;
    v->tables++;
    v->depth++;
    if (v->deepest < v->depth) v->deepest = v->depth;
    return WALK_DOWN;
}

/* Begins a vector whose elements lead on, or whose memory is kept. `index` is where it is. */
static inline int flat_begin(FlatVerifier *v, FlatFrameKind kind, const FlatField *field,
                             size_t first, size_t types, uint64_t count)
{
    if (flat_steps(v, first, count) < 0) return WALK_FAULT;
    FlatFrame *frame = flat_push(v, kind, first);
    if (frame == NULL) return WALK_FAULT;
    frame->object = NULL;
    frame->field = field;
    frame->extra = types;
    frame->count = count;
    return WALK_DOWN;
}

static inline int flat_strings(FlatVerifier *v, const FlatField *field, size_t first,
                               uint64_t count)
{
    size_t target;
    FlatMemoEntry key = flat_key(v, field->object, MEMO_STRINGS, first);
    int seen = flat_seen(v, &key, first);
    if (seen) return seen < 0 ? WALK_FAULT : WALK_DONE;
    if (flat_steps(v, first, count) < 0) return WALK_FAULT;
    for (uint64_t i = 0; i < count; i++) {
        if (flat_element(v, first, i, &target) == 0 && flat_string(v, target) == 0) continue;
        FlatFrame *frame = flat_push(v, FRAME_TABLES, first); /* tells the path of the fault */
        if (frame == NULL) return WALK_FAULT;
        frame->object = NULL;
        frame->field = field;
        frame->index = i + 1;
        return WALK_FAULT;
    }
    v->frames[v->frame_count - 1].steps += count;
    if (count < FLAT_MEMO_LEAST) return WALK_DONE;
    return flat_remember(v, key, 0, first);
}

static inline int flat_tables_begin(FlatVerifier *v, const FlatField *field, size_t first,
                                    uint64_t count)
{
    if (count == 0) return WALK_DONE;
    FlatMemoEntry key = flat_key(v, field->object, MEMO_TABLES, first);
    int seen = flat_seen(v, &key, first);
    if (seen) return seen < 0 ? WALK_FAULT : WALK_DONE;
    return flat_begin(v, FRAME_TABLES, field, first, 0, count);
}

/* The value of a union of that type. `at` 0: there is none. */
static inline int flat_union(FlatVerifier *v, const FlatField *field, int64_t type, size_t at)
{
    const FlatEnumValue *member = flat_enum_find(field->enumeration, type);
    FlatFrame *frame = &v->frames[v->frame_count - 1];
    if (v->strict && (type != 0) != (at != 0))
        return flat_fault(v, FAULT_UNION_PAIR, at ? at : frame->at, (uint64_t)type, 0);
    if (member == NULL) {
        if (v->strict) return flat_fault(v, FAULT_UNION_TYPE, at, (uint64_t)type, 0);
        return WALK_DONE;
    }
    if (member->base == FLAT_STRING) return at ? flat_string(v, at) : WALK_DONE;
    if (member->base != FLAT_OBJECT) return WALK_DONE;
    if (!member->object->is_struct) return at ? flat_enter(v, member->object, at) : WALK_DONE;
    if (at == 0) return flat_fault(v, FAULT_UNION_PAIR, frame->at, (uint64_t)type, 0);
    return flat_item(v, at, member->object->size, member->object->align);
}

/* Where the field before one is, in a table; 0: absent. */
TW_INLINE size_t flat_before(const FlatVerifier *v, const FlatFrame *table, const FlatField *field)
{
    uint32_t offset = field->offset - 2;
    if (offset >= table->count) return 0;
    uint32_t where = le_load16(v->base + table->extra + offset);
    return where ? table->at + where : 0;
}

/* A union whose value is at `at`; 0: absent. The type is that of the field before it. That was
 * looked at, but is read anew, and the bytes may change meanwhile. */
static inline int flat_union_field(FlatVerifier *v, const FlatFrame *table,
                                   const FlatField *field, size_t at)
{
    const FlatField *types = field - 1;
    int64_t type = (int64_t)types->default_bits;
    size_t place = flat_before(v, table, field);
    if (place) {
        if (flat_range(v, place, types->size) < 0) return WALK_FAULT;
        type = flat_integer(types->base, v->base + place);
    }
    return flat_union(v, field, type, at);
}

static inline int flat_unions_begin(FlatVerifier *v, const FlatFrame *table,
                                    const FlatField *field, size_t first, uint64_t count)
{
    size_t at = flat_before(v, table, field), types;
    uint64_t type_count;
    if (at == 0) return flat_fault(v, FAULT_UNION_COUNT, first, 0, count);
    if (flat_target(v, at, field[-1].flags & FLAT_OFFSET64, &at) < 0 ||
        flat_vector(v, at, field[-1].base == FLAT_VECTOR64, field[-1].item_size, &types,
                    &type_count) < 0)
        return WALK_FAULT;
    if (type_count != count) return flat_fault(v, FAULT_UNION_COUNT, first, type_count, count);
    if (count == 0) return WALK_DONE;
    FlatMemoEntry key = flat_key(v, field->enumeration, MEMO_UNIONS, first);
    key.other = v->start + types;
    int seen = flat_seen(v, &key, first);
    if (seen) return seen < 0 ? WALK_FAULT : WALK_DONE;
    return flat_begin(v, FRAME_UNIONS, field, first, types, count);
}

/* Begins a buffer of `size` bytes at `first`. What it interrupts is kept in a frame. */
static inline int flat_nested(FlatVerifier *v, const FlatField *field, size_t first,
                              uint64_t size)
{
    size_t root;
    if (size < FLAT_LEAST) return flat_fault(v, FAULT_SHORT, first, FLAT_LEAST, size);
    FlatMemoEntry key = flat_key(v, field->object, MEMO_NESTED, first);
    int seen = flat_seen(v, &key, first);
    if (seen) return seen < 0 ? WALK_FAULT : WALK_DONE;
    FlatFrame *frame = flat_push(v, FRAME_NESTED, first);
    if (frame == NULL) return WALK_FAULT;
    frame->object = field->object;
    frame->field = field;
    frame->extra = v->size;
    frame->depth = v->depth;
    frame->buffer = v->buffer;
    v->base += first;
    v->start += first;
    v->size = (size_t)size;
    v->depth = 0;
    v->buffer = ++v->buffers;
    if (v->strict && v->named == field->object && memcmp(v->base + 4, v->name, 4) != 0)
        return flat_fault(v, FAULT_IDENTIFIER, 4, 0, 0);
    if (flat_target(v, 0, 0, &root) < 0) return WALK_FAULT;
    return flat_enter(v, field->object, root) < 0 ? WALK_FAULT : WALK_DOWN;
}

static inline void flat_nested_end(FlatVerifier *v, const FlatFrame *frame)
{
    v->base -= frame->at;
    v->start -= frame->at;
    v->size = frame->extra;
    v->depth = frame->depth;
    v->buffer = frame->buffer;
}

/* A vector of numbers or structs, which may be more than that. */
static inline int flat_plain(FlatVerifier *v, const FlatField *field, size_t first, uint64_t count)
{
    if (v->strict && count && flat_aligned(v, first, field->item_align) < 0) return WALK_FAULT;
    if (field->flags & FLAT_NESTED) return flat_nested(v, field, first, count);
    if (field->flags & FLAT_FLEXBUFFER) return flat_flex(v, first, count);
    return WALK_DONE;
}

/* What the field's offset leads to. The frame may have moved behind this. */
static inline int flat_follow(FlatVerifier *v, const FlatFrame *table, const FlatField *field,
                              size_t at)
{
    size_t first;
    uint64_t count;
    switch (field->role) {
    case FLAT_IS_STRING: return flat_string(v, at);
    case FLAT_IS_TABLE: return flat_enter(v, field->object, at);
    case FLAT_IS_UNION: return flat_union_field(v, table, field, at);
    default: break;
    }
    if (flat_vector(v, at, field->base == FLAT_VECTOR64, field->item_size, &first, &count) < 0)
        return WALK_FAULT;
    switch (field->role) {
    case FLAT_IS_STRINGS: return flat_strings(v, field, first, count);
    case FLAT_IS_TABLES: return flat_tables_begin(v, field, first, count);
    case FLAT_IS_UNIONS: return flat_unions_begin(v, table, field, first, count);
    default: return flat_plain(v, field, first, count);
    }
}

static inline int flat_absent(FlatVerifier *v, const FlatFrame *table, const FlatField *field)
{
    if (field->flags & FLAT_REQUIRED) return flat_fault(v, FAULT_REQUIRED, table->at, 0, 0);
    if (field->role == FLAT_IS_UNION) return flat_union_field(v, table, field, 0);
    if (field->role == FLAT_IS_UNIONS && flat_before(v, table, field))
        return flat_fault(v, FAULT_UNION_COUNT, table->at, 1, 0);
    return WALK_DONE;
}

/* A field at `where` of its table, or absent. */
TW_INLINE int flat_field(FlatVerifier *v, const FlatFrame *table, const FlatField *field,
                         uint32_t where)
{
    if (where == 0) return flat_absent(v, table, field);
    if (v->strict) {
        uint32_t inside = le_load16(v->base + table->extra + 2);
        if (where < 4 || where > inside || field->size > inside - where)
            return flat_fault(v, FAULT_OUTSIDE, table->at, where + field->size, inside);
    }
    size_t at = table->at + where, target;
    if (!flat_is_reference(field)) return flat_item(v, at, field->size, field->align);
    if (flat_target(v, at, field->flags & FLAT_OFFSET64, &target) < 0) return WALK_FAULT;
    return flat_follow(v, table, field, target);
}

/* Whether a field behind the vtable is a union whose type may be inside. */
TW_INLINE int flat_may_pair(const FlatFrame *table, const FlatField *field)
{
    if (field->role != FLAT_IS_UNION && field->role != FLAT_IS_UNIONS) return 0;
    return field->offset - 2 < table->count;
}

/* Goes on with the table of the last frame. */
static inline int flat_fields(FlatVerifier *v)
{
    FlatFrame *table = &v->frames[v->frame_count - 1];
    const FlatObject *object = table->object;
    const uint8_t *vtable = v->base + table->extra;
    uint64_t i = table->index;
    for (; i < object->field_count; i++) {
        const FlatField *field = &object->fields[i];
        uint32_t where = 0;
        if (field->offset < table->count) where = le_load16(vtable + field->offset);
        else if (field->offset >= object->required_end && !flat_may_pair(table, field)) break;
        if (field->flags & FLAT_DEPRECATED) continue;
        table->field = field;
        table->index = i + 1;
        int status = flat_field(v, table, field, where);
        if (status != WALK_DONE) return status;
    }
    return WALK_DONE;
}

/* Goes on with the vector of the last frame. */
static inline int flat_tables(FlatVerifier *v)
{
    FlatFrame *vector = &v->frames[v->frame_count - 1];
    size_t target;
    while (vector->index < vector->count) {
        uint64_t i = vector->index++;
        if (flat_element(v, vector->at, i, &target) < 0) return WALK_FAULT;
        int status = flat_enter(v, vector->field->object, target);
        if (status != WALK_DONE) return status;
    }
    return WALK_DONE;
}

static inline int flat_unions(FlatVerifier *v)
{
    FlatFrame *vector = &v->frames[v->frame_count - 1];
    const FlatField *types = vector->field - 1;
    size_t target;
    while (vector->index < vector->count) {
        uint64_t i = vector->index++;
        size_t at = vector->extra + (size_t)i * types->item_size;
        int64_t type = flat_integer(types->element, v->base + at);
        const FlatEnumValue *member = flat_enum_find(vector->field->enumeration, type);
        if (member == NULL && v->strict)
            return flat_fault(v, FAULT_UNION_TYPE, at, (uint64_t)type, 0);
        if (member == NULL || member->base == FLAT_NONE) continue; /* upstream looks no further */
        if (flat_element(v, vector->at, i, &target) < 0) return WALK_FAULT;
        int status = flat_union(v, vector->field, type, target);
        if (status != WALK_DONE) return status;
    }
    return WALK_DONE;
}

static inline FlatMemoEntry flat_frame_key(const FlatVerifier *v, const FlatFrame *frame)
{
    FlatMemoEntry key = {0, 0, 0, 0, 0};
    switch (frame->kind) {
    case FRAME_TABLE: return flat_key(v, frame->object, MEMO_TABLE, frame->at);
    case FRAME_TABLES: return flat_key(v, frame->field->object, MEMO_TABLES, frame->at);
    case FRAME_NESTED: return flat_key(v, frame->object, MEMO_NESTED, frame->at);
    case FRAME_UNIONS:
        key = flat_key(v, frame->field->enumeration, MEMO_UNIONS, frame->at);
        key.other = v->start + frame->extra;
        break;
    }
    return key;
}

/* Ends the last frame, and tells the one around it what was below. */
TW_INLINE int flat_pop(FlatVerifier *v)
{
    FlatFrame *frame = &v->frames[--v->frame_count];
    uint32_t height = frame->height;
    uint64_t steps = frame->steps + 1;
    if (frame->kind == FRAME_TABLE) {
        v->depth--;
        height++;
    } else if (frame->kind == FRAME_NESTED) {
        flat_nested_end(v, frame);
        height = 0;                        /* depth counts anew in there */
    } else {
        steps += frame->count;
    }
    if (steps >= FLAT_MEMO_LEAST &&
        flat_remember(v, flat_frame_key(v, frame), height, frame->at) < 0)
        return WALK_FAULT;
    if (v->frame_count == 0) return WALK_DONE;
    FlatFrame *around = frame - 1;
    around->steps += steps;
    if (around->height < height) around->height = height;
    return WALK_DONE;
}

static inline int flat_walk(FlatVerifier *v)
{
    while (v->frame_count) {               /* progress: frames advance, and end */
        int status = WALK_DONE;
        switch (v->frames[v->frame_count - 1].kind) {
        case FRAME_TABLE: status = flat_fields(v); break;
        case FRAME_TABLES: status = flat_tables(v); break;
        case FRAME_UNIONS: status = flat_unions(v); break;
        case FRAME_NESTED: break;
        }
        if (status == WALK_FAULT) return WALK_FAULT;
        if (status == WALK_DONE && flat_pop(v) < 0) return WALK_FAULT;
    }
    return WALK_DONE;
}

/* The root offset at `at`, and the table it leads to. `identifier` NULL: any. -1: a fault. */
static inline int flat_verify(FlatVerifier *v, const FlatObject *root, size_t at,
                              const uint8_t *identifier, size_t *table)
{
    if (v->size < FLAT_LEAST) return flat_fault(v, FAULT_SHORT, 0, FLAT_LEAST, v->size);
    if (identifier != NULL) {
        if (flat_range(v, at + 4, 4) < 0) return WALK_FAULT;
        if (memcmp(v->base + at + 4, identifier, 4) != 0)
            return flat_fault(v, FAULT_IDENTIFIER, at + 4, 0, 0);
    }
    if (flat_target(v, at, 0, table) < 0 || flat_enter(v, root, *table) < 0) return WALK_FAULT;
    return flat_walk(v);
}

#endif
