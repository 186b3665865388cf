"""What a ``.bfbs`` file of any `Declarations` holds, as plain values, with all attributes.

Independent of flatc, so that wrong ones can be made. Source: ``reflection/reflection.fbs``.
"""

from __future__ import annotations

from typing import Any

from tensorwire.flat import declarations as d

FLAGS = {"deprecated": d.DEPRECATED, "required": d.REQUIRED, "key": d.KEY,
         "optional": d.OPTIONAL, "offset64": d.OFFSET64}  # fmt: skip


def schema_value(schema: d.Declarations) -> dict[str, Any]:
    """The root; objects, enums and fields by name, as flatc has them."""
    objects = sorted(schema.objects, key=lambda one: one.name)
    enums = sorted(schema.enums, key=lambda one: one.name)
    places = {one.name: place for many in (objects, enums) for place, one in enumerate(many)}
    value: dict[str, Any] = {
        "objects": [object_value(one, places) for one in objects],
        "enums": [enum_value(one, places) for one in enums],
        "file_ident": schema.identifier.encode("latin-1").decode(),
        "file_ext": schema.extension,
    }
    if schema.root is not None:
        value["root_table"] = value["objects"][places[schema.root]]
    return value


def object_value(one: d.Object, places: dict[str, int]) -> dict[str, Any]:
    fields = [field_value(field, places) for field in one.fields]
    given = dict(one.attributes)
    return {
        "name": one.name,
        "fields": sorted(fields, key=lambda field: field["name"]),
        "is_struct": one.is_struct,
        "minalign": one.align or 1,
        "bytesize": one.size,
        "attributes": pairs(given),
    }


def field_value(field: d.Field, places: dict[str, int]) -> dict[str, Any]:
    given = dict(field.attributes)
    if field.force_align:
        given["force_align"] = str(field.force_align)
    if field.nested is not None:
        given["nested_flatbuffer"] = field.nested
    if field.flags & d.FLEXBUFFER:
        given["flexbuffer"] = "0"
    if field.type.base == d.VECTOR64:
        given["vector64"] = "0"
    value: dict[str, Any] = {
        "name": field.name,
        "type": type_value(field.type, places),
        "id": field.id,
        "offset": field.offset,
        **{name: bool(field.flags & flag) for name, flag in FLAGS.items()},
        "attributes": pairs(given),
    }
    default = field.default or 0
    if field.type.base in (d.FLOAT32, d.FLOAT64):
        value["default_real"] = float(default)
    else:
        value["default_integer"] = signed(int(default))
    return value


def type_value(kind: d.Type, places: dict[str, int]) -> dict[str, Any]:
    return {
        "base_type": kind.base,
        "element": kind.element,
        "index": -1 if kind.ref is None else places[kind.ref],
        "fixed_length": kind.length,
    }


def enum_value(one: d.Enum, places: dict[str, int]) -> dict[str, Any]:
    given = dict(one.attributes)
    if one.bit_flags:
        given["bit_flags"] = "0"
    values = [
        {
            "name": value.name,
            "value": signed(value.value),
            "union_type": type_value(value.type or d.Type(d.NONE), places),
        }
        for value in one.values
    ]
    return {
        "name": one.name,
        "values": values,
        "is_union": one.is_union,
        "underlying_type": type_value(d.Type(one.base), {}) | {"index": places[one.name]},
        "attributes": pairs(given),
    }


def pairs(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in sorted(given.items())]


def signed(number: int) -> int:
    """Of 64 bits."""
    return number - (1 << 64) if number >> 63 > 0 else number
