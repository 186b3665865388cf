"""Random FlatBuffers schemas with every feature, as `Declarations`; Hypothesis strategies of them.

``random_schema(rng)`` takes anything like `random.Random`, so the fuzzer and Hypothesis share it:
`schemas` and `cases` are strategies. Values are in `flat_values`, bytes in `flat_writer`, the text
of a schema in `flat_text`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tensorwire.flat import declarations as d

INTEGERS = (d.INT8, d.UINT8, d.INT16, d.UINT16, d.INT32, d.UINT32, d.INT64, d.UINT64)
FLOATS = (d.FLOAT32, d.FLOAT64)
NUMBERS = (d.BOOL, *INTEGERS, *FLOATS)
SIGNED = (d.INT8, d.INT16, d.INT32, d.INT64)


class Features(NamedTuple):
    """What a random schema may have; each is a chance, 0 for never."""

    structs: float = 1.0
    unions: float = 1.0
    union_vectors: float = 1.0
    nested: float = 1.0
    flexbuffers: float = 0.3
    offset64: float = 1.0
    required: float = 1.0
    deprecated: float = 1.0
    optional: float = 1.0
    keys: float = 1.0
    force_align: float = 1.0
    arrays: float = 1.0
    wide_unions: float = 1.0  # with types of more than a byte


EVERYTHING = Features()
#: What flatc's Python generator and runtime know.
PYTHON = Features(offset64=0, union_vectors=0, wide_unions=0)


def random_schema(rng: Any, features: Features = EVERYTHING) -> d.Declarations:
    """One random schema, its root a table."""
    return Maker(rng, features).make()


def schemas(features: Features = EVERYTHING) -> st.SearchStrategy[d.Declarations]:
    """Hypothesis strategy of random schemas."""
    return st.randoms(use_true_random=False).map(lambda rng: random_schema(rng, features))


def bounds(base: int) -> tuple[int, int]:
    """The least and greatest number of an integer type."""
    bits = 8 * d.WIDTHS[base]
    if base == d.BOOL:
        return 0, 1
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if base in SIGNED else (0, (1 << bits) - 1)


class Maker:
    """Makes one schema: enums, then structs, then unions over tables that follow."""

    def __init__(self, rng: Any, features: Features) -> None:
        self.rng = rng
        self.features = features
        self.space = rng.choice(("", "n.", "some.name."))
        self.enums: list[d.Enum] = []
        self.structs: list[d.Object] = []
        self.tables = [f"{self.space}T{i}" for i in range(rng.randint(1, 5))]
        self.unions: list[d.Enum] = []

    def chance(self, of: float) -> bool:
        return self.rng.random() < of

    def may(self, feature: str, of: float) -> bool:
        return self.chance(getattr(self.features, feature) * of)

    def make(self) -> d.Declarations:
        rng = self.rng
        self.enums = [self._enum(i) for i in range(rng.randint(0, 3))]
        for i in range(rng.randint(0, 4) if self.features.structs else 0):
            self.structs.append(self._struct(i))
        if self.features.unions:
            self.unions = [self._union(i) for i in range(rng.randint(0, 3))]
        tables = [self._table(i) for i in range(len(self.tables))]
        return d.Declarations(
            sorted([*self.structs, *tables], key=lambda of: of.name),
            sorted([*self.enums, *self.unions], key=lambda of: of.name),
            root=rng.choice(self.tables),
            identifier=rng.choice(("", "", "TEST", "\x7f ab")),
            extension=rng.choice(("", "tst")),
        )

    def _enum(self, number: int) -> d.Enum:
        rng = self.rng
        base = rng.choice(INTEGERS)
        low, high = bounds(base)
        bit_flags = self.chance(0.3)
        if bit_flags:
            bits = rng.sample(range(8 * d.WIDTHS[base] - (base in SIGNED)), 3)
            numbers = sorted(1 << bit for bit in bits)
        else:
            near = [n for n in range(-3, 9) if n >= low]
            numbers = sorted({0, *rng.sample(near, 3), *rng.sample([low, high, high // 2], 1)})
        values = [d.EnumValue(f"V{i}", number) for i, number in enumerate(numbers)]
        return d.Enum(f"{self.space}E{number}", base, values, bit_flags=bit_flags)

    def _union(self, number: int) -> d.Enum:
        rng, members = self.rng, [d.EnumValue("NONE", 0, d.Type(d.NONE))]
        value = 0
        for i in range(rng.randint(1, 4)):
            value += rng.choice((1, 1, 1, 2, 60))
            members.append(d.EnumValue(f"M{i}", value, self._member()))
        base = d.UTYPE
        if self.may("wide_unions", 0.15):
            base = rng.choice((d.INT16, d.UINT16, d.INT32, d.UINT32, d.INT64, d.UINT64))
            value = rng.choice((value, value + 300, bounds(base)[1]))
            members.append(d.EnumValue("LAST", min(value + 1, bounds(base)[1]), self._member()))
        name = f"{self.space}U{number}"
        return d.Enum(name, base, members, is_union=True)

    def _member(self) -> d.Type:
        which = self.rng.random()
        if which < 0.2:
            return d.Type(d.STRING)
        if which < 0.45 and self.structs:
            return d.Type(d.OBJECT, self.rng.choice(self.structs).name)
        return d.Type(d.OBJECT, self.rng.choice(self.tables))

    def _struct(self, number: int) -> d.Object:
        """Fields at their natural places: FlatBuffers internals, "Structs"."""
        fields, at, align = [], 0, 1
        for i in range(self.rng.randint(1, 5)):
            kind = self._inline()
            size, need = measure(kind, self.structs)
            at = -(-at // need) * need
            fields.append(d.Field(f"s{i}", kind, i, at))
            at, align = at + size, max(align, need)
        if self.may("force_align", 0.2):
            align = self.rng.choice([a for a in (1, 2, 4, 8, 16, 32) if a >= align])
        size = -(-at // align) * align
        if self.may("keys", 0.4):
            scalars = [f for f in fields if f.type.base in INTEGERS and not f.type.ref]
            for field in scalars[:1]:
                field.flags |= d.KEY
        name = f"{self.space}S{number}"
        return d.Object(name, fields, is_struct=True, align=align, size=size)

    def _inline(self) -> d.Type:
        """Of a struct's field."""
        if self.structs and self.chance(0.2):
            kind = d.Type(d.OBJECT, self.rng.choice(self.structs).name)
        else:
            kind = self._number()
        if self.may("arrays", 0.25):
            length = self.rng.choice((1, 2, 3, 7))
            return d.Type(d.ARRAY, kind.ref, element=kind.base, length=length)
        return kind

    def _number(self) -> d.Type:
        """A number or enum."""
        if self.enums and self.chance(0.25):
            enum = self.rng.choice(self.enums)
            return d.Type(enum.base, enum.name)
        return d.Type(self.rng.choice(NUMBERS))

    def _table(self, number: int) -> d.Object:
        fields: list[d.Field] = []
        for i in range(self.rng.choice((0, 1, 2, 4, 7, 12))):
            self._field(fields, f"f{i}", number)
        if self.may("keys", 0.6):
            self._key(fields)
        return d.Object(self.tables[number], fields)

    def _key(self, fields: list[d.Field]) -> None:
        """Makes one field the key: a number or a string, and then required, as flatc has it."""
        for field in fields:
            base = field.type.base
            if field.type.ref in {union.name for union in self.unions}:
                continue
            fit = base in INTEGERS or (base == d.STRING and not field.flags & d.OFFSET64)
            if fit and not field.flags & (d.DEPRECATED | d.OPTIONAL):
                field.flags |= d.KEY | (d.REQUIRED if base == d.STRING else 0)
                return

    def _field(self, fields: list[d.Field], name: str, table: int) -> None:
        """Adds one field; of a union two."""
        which = self.rng.random()
        if which < 0.35:
            field = self._scalar_field(name, len(fields))
        elif which < 0.45:
            field = self._field_of(name, d.Type(d.STRING), fields)
            if self.may("offset64", 0.15):
                field.flags |= d.OFFSET64
        elif which < 0.55 and self.structs:
            struct = self.rng.choice(self.structs).name
            field = self._field_of(name, d.Type(d.OBJECT, struct), fields)
        elif which < 0.65:
            field = self._field_of(name, d.Type(d.OBJECT, self.rng.choice(self.tables)), fields)
        elif which < 0.75 and self.unions:
            field = self._union_field(fields, name)
        else:
            field = self._vector_field(fields, name)
        self._flags(fields, field, table)
        fields.append(field)

    def _field_of(self, name: str, kind: d.Type, fields: list[d.Field], **options: Any) -> d.Field:
        number = len(fields)
        return d.Field(name, kind, number, 4 + 2 * number, **options)

    def _scalar_field(self, name: str, number: int) -> d.Field:
        kind = self._number()
        field = d.Field(name, kind, number, 4 + 2 * number, default=self._default(kind))
        if self.may("optional", 0.2):
            field.default, field.flags = None, d.OPTIONAL
        return field

    def _default(self, kind: d.Type) -> Any:
        rng, base = self.rng, kind.base
        enum = next((enum for enum in self.enums if enum.name == kind.ref), None)
        if enum is not None:
            numbers = [value.value for value in enum.values]
            return rng.choice(numbers + [sum(numbers), 0] * enum.bit_flags)
        if base == d.BOOL:
            return rng.choice((False, True))
        if base in FLOATS:
            return rng.choice((0.0, 0.0, 1.5, -2.25, math.inf, -math.inf, math.nan))
        low, high = bounds(base)
        return rng.choice((0, 0, 0, 42, low, high))

    def _union_field(self, fields: list[d.Field], name: str) -> d.Field:
        union = self.rng.choice(self.unions)
        fields.append(self._field_of(f"{name}_type", d.Type(union.base, union.name), fields))
        return self._field_of(name, d.Type(d.UNION, union.name), fields)

    def _vector_field(self, fields: list[d.Field], name: str) -> d.Field:
        which = self.rng.random()
        if which < 0.2 and self.unions and self.features.union_vectors:
            union = self.rng.choice(self.unions)
            types = d.Type(d.VECTOR, union.name, element=union.base)
            fields.append(self._field_of(f"{name}_type", types, fields))
            return self._field_of(name, d.Type(d.VECTOR, union.name, element=d.UNION), fields)
        if which < 0.35:
            return self._bytes_field(fields, name)
        element = self._element()
        field = self._field_of(name, d.Type(d.VECTOR, element.ref, element=element.base), fields)
        numbers = element.base in NUMBERS
        if (numbers and not element.ref) or element.ref in {s.name for s in self.structs}:
            if self.may("offset64", 0.2):
                field.flags |= d.OFFSET64
                field.type.base = self.rng.choice((d.VECTOR, d.VECTOR64))
            if self.may("force_align", 0.2):
                natural = measure(element, self.structs)[1]
                field.force_align = self.rng.choice([a for a in (2, 4, 8, 16, 32) if a >= natural])
        return field

    def _bytes_field(self, fields: list[d.Field], name: str) -> d.Field:
        """Bytes that are a buffer by themselves."""
        field = self._field_of(name, d.Type(d.VECTOR, element=d.UINT8), fields)
        if self.may("flexbuffers", 0.5):
            field.flags |= d.FLEXBUFFER
        elif self.features.nested:
            field.nested = self.rng.choice(self.tables)
            if self.may("offset64", 0.2):
                field.flags |= d.OFFSET64
                field.type.base = self.rng.choice((d.VECTOR, d.VECTOR64))
        return field

    def _element(self) -> d.Type:
        which = self.rng.random()
        if which < 0.2:
            return d.Type(d.STRING)
        if which < 0.4:
            return d.Type(d.OBJECT, self.rng.choice(self.tables))
        if which < 0.6 and self.structs:
            return d.Type(d.OBJECT, self.rng.choice(self.structs).name)
        return self._number()

    def _flags(self, fields: list[d.Field], field: d.Field, table: int) -> None:
        """Deprecates the field, or requires it, where values can still end."""
        union = field.type.base == d.UNION or field.type.element == d.UNION
        if self.may("deprecated", 0.06):
            for each in (field, *(fields[-1:] if union else ())):
                each.flags |= d.DEPRECATED
        elif self._can_end(field, table) and self.may("required", 0.15):
            field.flags |= d.REQUIRED
            if field.type.element == d.UNION:
                fields[-1].flags |= d.REQUIRED

    def _can_end(self, field: d.Field, table: int) -> bool:
        """Whether it is no number, and no value of it needs a table of this or a later kind."""
        if field.type.base in NUMBERS:
            return False
        if field.nested is not None:
            return self.tables.index(field.nested) < table
        if field.type.base == d.UNION:
            union = next(union for union in self.unions if union.name == field.type.ref)
            refs = {member.type.ref for member in union.values[1:]}
            return bool(refs - set(self.tables[table:]))
        return field.type.ref not in self.tables[table:] or field.type.base != d.OBJECT


def is_union_type(field: d.Field, enums: dict[str, d.Enum]) -> bool:
    """Whether it holds the type of the union that is the next field, or the types."""
    enum = enums.get(field.type.ref or "")
    of_union = d.UNION in (field.type.base, field.type.element)
    return enum is not None and enum.is_union and not of_union


def measure(kind: d.Type, structs: list[d.Object]) -> tuple[int, int]:
    """Bytes and alignment of what lies inside a struct, vector or table."""
    if kind.base == d.ARRAY:
        size, align = measure(d.Type(kind.element, kind.ref), structs)
        return size * kind.length, align
    if kind.base == d.OBJECT:
        struct = next(struct for struct in structs if struct.name == kind.ref)
        return struct.size, struct.align
    width = d.WIDTHS[kind.base]
    return width, width
