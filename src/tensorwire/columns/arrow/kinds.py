"""The type in a tree of columns that holds what a field of Arrow's holds."""

from __future__ import annotations

from tensorwire.columns.arrow.reading import KINDS as BYTES
from tensorwire.columns.arrow.reading import type_name
from tensorwire.columns.types import ListType, ScalarType, StructType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tensorwire.columns.arrow.fields import Field
    from tensorwire.columns.types import AnyType

__all__ = ["WIDTHS", "kind_of", "type_of"]

#: NumPy's name of the numbers of each format.
WIDTHS = {
    "c": "<i1",
    "s": "<i2",
    "i": "<i4",
    "l": "<i8",
    "C": "<u1",
    "S": "<u2",
    "I": "<u4",
    "L": "<u8",
    "e": "<f2",
    "f": "<f4",
    "g": "<f8",
}

# Columns of nothing but nulls hold zeros of some type.
KINDS = {
    "n": "int32",
    "b": "bool",
    "c": "int8",
    "s": "int16",
    "i": "int32",
    "l": "int64",
    "C": "uint8",
    "S": "uint16",
    "I": "uint32",
    "L": "uint64",
    "e": "float32",
    "f": "float32",
    "g": "float64",
}


def type_of(field: Field, name: str) -> AnyType:
    """The type of a field under ``name``. Raises: ``TypeError`` naming the column."""
    format = field.format
    if field.dictionary is not None:
        return type_of(field.dictionary, name)
    if format in KINDS:
        return ScalarType(name, KINDS[format], nullable=True)
    if format in BYTES or format.startswith("w:"):
        kind = "string" if format in ("u", "U", "vu") else "bytes"
        return ScalarType(name, kind, nullable=True)
    if format[:2] in ("ts", "tD"):
        seconds, nanos = ScalarType("seconds", "int64"), ScalarType("nanos", "int32")
        special = "timestamp" if format[:2] == "ts" else "duration"
        return StructType(name, (seconds, nanos), special)
    if format == "+s":
        return StructType(name, tuple(type_of(child, child.name) for child in field.children))
    if format == "+m":
        return _map_of(field, name)
    if format in ("+l", "+L") or format.startswith("+w:"):
        # Only in flat columns are the items lists themselves.
        return ListType(name, type_of(field.children[0], name))  # type: ignore[arg-type]
    raise TypeError(f"column {name!r} is of {type_name(field)}, which has no place in columns")


def _map_of(field: Field, name: str) -> ListType:
    """The entries' own names do not matter: Schema.fbs, "Map", lets each library choose."""
    key, value = field.children[0].children
    entry = StructType(name, (type_of(key, "key"), type_of(value, "value")))
    return ListType(name, entry, is_map=True)


def kind_of(node_type: AnyType) -> str:
    """What a type is, in a word."""
    if isinstance(node_type, ScalarType):
        return node_type.kind
    return "structs" if isinstance(node_type, StructType) else "lists"
