"""A C program around the verifier's headers, without Python: for sanitizers and libFuzzer.

``python -m tests.flat.flat_harness SCHEMA.fbs > harness.c`` writes it, with the plans of a schema
as C tables, worked out here anew. With libFuzzer::

    clang -g -O1 -fsanitize=fuzzer,address,undefined -DLIBFUZZER -I_core harness.c -o harness

Else it reads seed files and a number, and tries that many changed seeds; then it lets each
allocation fail in turn.
"""

from __future__ import annotations

import sys

from tensorwire.flat import declarations as d

PROGRAM = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The n-th allocation fails; 0: none does. */
static long fail_at, allocations;
static int fails(void) { return ++allocations == fail_at; }
static void *try_malloc(size_t n) { return fails() ? NULL : malloc(n); }
static void *try_calloc(size_t n, size_t m) { return fails() ? NULL : calloc(n, m); }
static void *try_realloc(void *p, size_t n) { return fails() ? NULL : realloc(p, n); }
#define malloc try_malloc
#define calloc try_calloc
#define realloc try_realloc
#include "flat_walk.h"
#undef malloc
#undef calloc
#undef realloc

PLANS

/* The verdict on an exact copy: what leaves it is seen by the sanitizer. */
static int verdict(const uint8_t *data, size_t size, int strict, size_t prefix, uint32_t depth)
{
    uint8_t *copy = (uint8_t *)malloc(size ? size : 1);
    if (!copy) abort();
    memcpy(copy, data, size);
    Fault fault = {FAULT_NONE, 0, 0, 0};
    FlatVerifier v;
    memset(&v, 0, sizeof v);
    v.base = copy, v.size = size, v.fault = &fault;
    v.frames = v.first, v.frame_room = FLAT_FRAMES;
    v.memo.seed[0] = 0x9e3779b97f4a7c15u, v.memo.seed[1] = 0xc2b2ae3d27d4eb4fu;
    v.depth_limit = depth, v.strict = strict;
    v.tables_limit = 16 * size + 16;
    v.steps_limit = v.steps_left = 16 * (size / 4 + 16);
    size_t table = 0;
    int status = flat_verify(&v, &objects[ROOT], prefix, NULL, &table);
    if (status < 0 && (fault.reason == FAULT_NONE || fault.offset > size)) abort();
    if (status >= 0 && (table >= size || v.tables == 0 || v.deepest > depth)) abort();
    if (v.frame_count > v.frame_room) abort();
    flat_verifier_free(&v);
    free(copy);
    return status < 0 ? fault.reason : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    int lenient = verdict(data + 1, size - 1, 0, data[0] & 4, data[0] & 8 ? 3 : 64);
    int strict = verdict(data + 1, size - 1, 1, data[0] & 4, data[0] & 8 ? 3 : 64);
    if (lenient && !strict) abort();   /* strict is never more lenient */
    return 0;
}

#ifndef LIBFUZZER
static uint64_t state = 88172645463325252u;
static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static const uint32_t telling[] = {0, 1, 2, 3, 4, 8, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff,
                                   0x80000000u, 0xfffffffcu, 0xffffffffu};

static void change(uint8_t *data, size_t size)
{
    size_t at = next() % size, width = (size_t)1 << next() % 3;
    if (next() % 2) at -= at % 4;
    uint32_t value = 0;
    if (width > size - at) width = size - at;
    memcpy(&value, data + at, width);
    switch (next() % 4) {
    case 0: value = telling[next() % (sizeof telling / sizeof *telling)]; break;
    case 1: value += (uint32_t)(next() % 17) - 8; break;
    case 2: value = (uint32_t)(next() % (2 * size)); break;
    default: value ^= (uint32_t)1 << next() % 32; break;
    }
    memcpy(data + at, &value, width);
}

int main(int argc, char **argv)
{
    long tries = argc > 1 ? atol(argv[1]) : 0, accepted = 0;
    for (int i = 2; i < argc; i++) {
        static uint8_t seed[1 << 20], data[1 << 20];
        FILE *file = fopen(argv[i], "rb");
        if (!file) return 2;
        size_t size = fread(seed + 1, 1, sizeof seed - 1, file) + 1;
        fclose(file);
        for (long n = 0; n < tries / (argc - 2); n++) {
            memcpy(data, seed, size);
            data[0] = (uint8_t)(n % 16 == 0 ? next() : 0);
            for (uint64_t k = next() % 4; k; k--) change(data, size);
            LLVMFuzzerTestOneInput(data, next() % 8 ? size : next() % size + 1);
            accepted += verdict(data + 1, size - 1, 0, 0, 64) == 0;
        }
        for (fail_at = 1; fail_at < 100; fail_at++) {
            allocations = 0;
            verdict(seed + 1, size - 1, 1, 0, 1000000);
            if (allocations < fail_at) break;
        }
        fail_at = 0;
    }
    printf("%ld tries, %ld accepted\n", tries, accepted);
    return 0;
}
#endif
"""
SCALAR, STRUCT, ARRAY, STRING, TABLE, UNION = range(1, 7)
NUMBERS, STRUCTS, STRINGS, TABLES, UNIONS = range(7, 12)


class Plans:
    """C tables of a schema."""

    def __init__(self, schema: d.Declarations) -> None:
        self.schema = schema
        self.places = {obj.name: i for i, obj in enumerate(schema.objects)}
        self.enums = {enum.name: i for i, enum in enumerate(schema.enums)}

    def text(self) -> str:
        objects, enums = self.schema.objects, self.schema.enums
        lines = [f"#define ROOT {self.places[self.schema.root]}",
                 f"static const FlatObject objects[{len(objects)}];"]  # fmt: skip
        for i, enum in enumerate(enums):
            values = ", ".join(self.value(value) for value in enum.values)
            lines.append(f"static const FlatEnumValue values{i}[] = {{{values}}};")
        rows = [f"{{{{PLAN_FLAT, {i}, 0, 0}}, values{i}, {len(enum.values)}, {enum.base},"
                f" {int(enum.is_union)}}}" for i, enum in enumerate(enums)]  # fmt: skip
        lines.append(f"static const FlatEnum enums[] = {{{', '.join(rows) or '{0}'}}};")
        for i, obj in enumerate(objects):
            fields = ",\n  ".join(self.field(j, field, obj) for j, field in enumerate(obj.fields))
            lines.append(f"static const FlatField fields{i}[] = {{{fields or '{0}'}}};")
        rows = [self.obj(i, obj) for i, obj in enumerate(objects)]
        lines.append(f"static const FlatObject objects[] = {{{', '.join(rows)}}};")
        return "\n".join(lines)

    def value(self, value: d.EnumValue) -> str:
        kind = value.type
        place = f"&objects[{self.places[kind.ref]}]" if kind and kind.base == d.OBJECT else "0"
        number = value.value - (1 << 64 if value.value >> 63 == 1 else 0)
        return f"{{INT64_C({number}), {place}, {kind.base if kind else 0}}}"

    def obj(self, number: int, obj: d.Object) -> str:
        required = [f.offset + 1 for f in obj.fields
                    if f.flags & d.REQUIRED and not f.flags & d.DEPRECATED]  # fmt: skip
        return (f"{{{{PLAN_FLAT, {number}, 0, 0}}, fields{number}, 0, {len(obj.fields)},"
                f" {obj.size}, {obj.align or 4}, {max(required, default=0)},"
                f" {int(obj.is_struct)}}}")  # fmt: skip

    def extent(self, kind: d.Type) -> tuple[int, int]:
        """Size and alignment of what lies inline; 4 of an offset."""
        if kind.base == d.OBJECT and self.schema.objects[self.places[kind.ref]].is_struct:
            struct = self.schema.objects[self.places[kind.ref]]
            return struct.size, struct.align
        width = d.WIDTHS[kind.base] or 4
        return width, width

    def role(self, kind: d.Type) -> int:
        inner = kind.element if kind.base in (d.VECTOR, d.VECTOR64, d.ARRAY) else kind.base
        is_struct = inner == d.OBJECT and self.schema.objects[self.places[kind.ref]].is_struct
        if kind.base == d.ARRAY:
            return ARRAY
        if kind.base in (d.VECTOR, d.VECTOR64):
            known = {d.STRING: STRINGS, d.UNION: UNIONS, d.OBJECT: STRUCTS if is_struct else TABLES}
            return known.get(inner, NUMBERS)
        known = {d.STRING: STRING, d.UNION: UNION, d.OBJECT: STRUCT if is_struct else TABLE}
        return known.get(inner, SCALAR)

    def field(self, index: int, field: d.Field, obj: d.Object) -> str:
        kind, role = field.type, self.role(field.type)
        item = self.extent(d.Type(kind.element, kind.ref)) if kind.element else (0, 0)
        size, align = self.extent(kind)
        if role == ARRAY:
            size, align = item[0] * kind.length, item[1]
        elif role >= STRING:
            size = align = 8 if field.flags & d.OFFSET64 else 4
        place = field.nested or (kind.ref if kind.ref in self.places else None)
        enum = f"&enums[{self.enums[kind.ref]}]" if kind.ref in self.enums else "0"
        return (f"{{{f'&objects[{self.places[place]}]' if place else '0'}, {enum}, 0,"
                f" {field.offset}, {size}, {align}, {item[0]}, {item[1]}, 0, {kind.length},"
                f" {field.id}, {index}, {kind.base}, {kind.element},"
                f" {field.flags | (64 if field.nested else 0)}, {role}}}")  # fmt: skip


def source(schema: d.Declarations) -> str:
    """The program for a schema's root type."""
    return PROGRAM.replace("PLANS", Plans(schema).text())


if __name__ == "__main__":
    from tensorwire import flat

    print(source(flat.Schema.from_fbs(sys.argv[1]).declarations))
