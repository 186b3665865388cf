"""The ``.fbs`` text of any `Declarations`, for compilers of schemas: ours, and flatc.

What flatc cannot say is not said: structs come before their users, and ids are given where
``ids`` asks for them, the fields then in another order.
"""

from __future__ import annotations

import math
from typing import Any

from flat_schemas import is_union_type

from tensorwire.flat import declarations as d

NAMES = {
    d.BOOL: "bool", d.INT8: "byte", d.UINT8: "ubyte", d.INT16: "short", d.UINT16: "ushort",
    d.INT32: "int", d.UINT32: "uint", d.INT64: "long", d.UINT64: "ulong", d.FLOAT32: "float",
    d.FLOAT64: "double", d.STRING: "string",
}  # fmt: skip


def schema_text(schema: d.Declarations, rng: Any = None) -> str:
    """The schema's text. ``rng``: fields of some tables are shuffled, with ids."""
    text = Text(schema)
    for enum in schema.enums:
        if not enum.is_union:
            text.enum(enum)
    for obj in in_order(schema):
        text.struct(obj)
    for enum in schema.enums:
        if enum.is_union:
            text.union(enum)
    for obj in schema.objects:
        if not obj.is_struct:
            text.table(obj, rng)
    text.ending()
    return "\n".join(text.lines) + "\n"


def in_order(schema: d.Declarations) -> list[d.Object]:
    """Structs, each behind those inside it."""
    structs = {obj.name: obj for obj in schema.objects if obj.is_struct}
    found: list[d.Object] = []

    def add(obj: d.Object) -> None:
        for field in obj.fields:
            if field.type.ref in structs:
                add(structs[field.type.ref])
        if obj not in found:
            found.append(obj)

    for obj in structs.values():
        add(obj)
    return found


class Text:
    """Lines of a schema."""

    def __init__(self, schema: d.Declarations) -> None:
        self.schema = schema
        self.enums = {enum.name: enum for enum in schema.enums}
        self.lines: list[str] = []
        self.space = ""

    def head(self, name: str) -> str:
        """The name without its namespace, which is entered first."""
        space, _, bare = name.rpartition(".")
        if space != self.space:
            self.lines.append(f"namespace {space};")
            self.space = space
        return bare

    def block(self, head: str, lines: list[str]) -> None:
        self.lines += [f"{head} {{", *(f"  {line}" for line in lines), "}"]

    def enum(self, enum: d.Enum) -> None:
        bare = self.head(enum.name)
        flags = " (bit_flags)" if enum.bit_flags else ""
        numbers = [(v.name, v.value.bit_length() - 1 if flags else v.value) for v in enum.values]
        lines = [f"{name} = {number}," for name, number in numbers]
        self.block(f"enum {bare} : {NAMES[enum.base]}{flags}", lines)

    def union(self, union: d.Enum) -> None:
        bare = self.head(union.name)
        lines = [f"{v.name}: {self.kind(v.type)} = {v.value}," for v in union.values[1:]]
        base = "" if union.base == d.UTYPE else f" : {NAMES[union.base]}"
        self.block(f"union {bare}{base}", lines)

    def kind(self, kind: d.Type) -> str:
        if kind.base in (d.VECTOR, d.VECTOR64, d.ARRAY):
            length = f":{kind.length}" if kind.base == d.ARRAY else ""
            return f"[{self.kind(d.Type(kind.element, kind.ref))}{length}]"
        return kind.ref or NAMES[kind.base]

    def struct(self, obj: d.Object) -> None:
        bare = self.head(obj.name)
        lines = [f"{f.name}: {self.kind(f.type)}{self.attributes(f, ())};" for f in obj.fields]
        self.block(f"struct {bare} (force_align: {obj.align})", lines)

    def table(self, obj: d.Object, rng: Any) -> None:
        bare = self.head(obj.name)
        lines = []
        with_ids = rng is not None and rng.random() < 0.5
        for field in obj.fields:
            if is_union_type(field, self.enums):
                continue
            more = (f"id: {field.id}",) if with_ids else ()
            default = self.default(field)
            attributes = self.attributes(field, more)
            lines.append(f"{field.name}: {self.kind(field.type)}{default}{attributes};")
        if with_ids:
            rng.shuffle(lines)
        self.block(f"table {bare}", lines)

    def attributes(self, field: d.Field, more: tuple[str, ...]) -> str:
        named = [
            name
            for name, flag in (("deprecated", d.DEPRECATED), ("required", d.REQUIRED),
                               ("key", d.KEY), ("flexbuffer", d.FLEXBUFFER))
            if field.flags & flag
        ]  # fmt: skip
        if field.flags & d.OFFSET64:
            named.append("vector64" if field.type.base == d.VECTOR64 else "offset64")
        if field.force_align:
            named.append(f"force_align: {field.force_align}")
        if field.nested is not None:
            named.append(f'nested_flatbuffer: "{field.nested}"')
        named += more
        return f" ({', '.join(named)})" if named else ""

    def default(self, field: d.Field) -> str:
        if not d.WIDTHS[field.type.base]:
            return ""
        value = field.default
        if value is None:
            return " = null"
        if isinstance(value, bool):
            return f" = {str(value).lower()}"
        if isinstance(value, float) and not math.isfinite(value):
            return f" = {'nan' if math.isnan(value) else '-inf' if value < 0 else 'inf'}"
        return f" = {value}"

    def ending(self) -> None:
        if self.schema.root is not None:
            self.lines.append(f"root_type {self.schema.root};")
        if self.schema.identifier:
            quoted = "".join(c if c.isalnum() or c == " " else f"\\x{ord(c):02x}"
                             for c in self.schema.identifier)  # fmt: skip
            self.lines.append(f'file_identifier "{quoted}";')
        if self.schema.extension:
            self.lines.append(f'file_extension "{self.schema.extension}";')
