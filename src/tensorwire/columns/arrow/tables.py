"""Rows as one struct: a child per path, or the fields of the messages."""

from __future__ import annotations

from tensorwire.columns.arrow.arrays import array_of, list_array, values_array
from tensorwire.columns.arrow.fields import Array, Field
from tensorwire.columns.arrow.formats import LISTS, field_of, list_field
from tensorwire.columns.arrow.times import unit_of
from tensorwire.columns.flatten import flatten
from tensorwire.columns.paths import split, unknown_name
from tensorwire.columns.types import ListType, ScalarType, StructType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorwire.columns.arrow.options import ArrowOptions
    from tensorwire.columns.arrow.strings import Origin
    from tensorwire.columns.data import StructData
    from tensorwire.columns.types import AnyType

LIST_FORMATS = tuple(LISTS.values())

__all__ = ["path_array", "path_field", "table_array", "table_field"]


def table_field(schema: StructType, paths: Sequence[str], options: ArrowOptions) -> Field:
    """The struct of all columns, known before there is any data."""
    if options.layout == "nested":
        children = tuple(field_of(child, options) for child in schema.fields)
    else:
        children = tuple(path_field(schema, path, options) for path in paths)
    return Field("+s", "", 0, children=children)


def table_array(
    field: Field, data: StructData, paths: Sequence[str], origin: Origin, layout: str
) -> Array:
    """The rows. A null row is null in each child: a table's own rows cannot be null."""
    if layout == "nested":
        pairs = zip(field.children, data.fields, strict=True)
        children = tuple(array_of(child, below, origin, data.valid) for child, below in pairs)
    else:
        named = zip(field.children, paths, strict=True)
        children = tuple(path_array(child, data, path, origin) for child, path in named)
    return Array(data.length, 0, (None,), children)


def path_field(schema: StructType, path: str, options: ArrowOptions) -> Field:
    """The field of one flat column: a list per repeated level around what the path ends at.

    Raises: ``PathError`` for a path that the schema does not have.
    """
    node: AnyType = schema
    levels = 0
    for part in split(path):
        fields = node.fields if isinstance(node, StructType) else ()
        below = next((child for child in fields if child.name == part), None)
        if below is None:
            raise unknown_name(path, part, [child.name for child in fields])
        if isinstance(below, ListType):
            levels, below = levels + 1, below.item
        node = below
    field = field_of(node, options)
    for _ in range(levels):
        field = list_field("", field, options)
    return field._replace(name=path)


def path_array(field: Field, data: StructData, path: str, origin: Origin) -> Array:
    """One flat column. What lies in an absent message is absent, a list too."""
    lists = [field]
    while lists[-1].format in LIST_FORMATS:
        lists.append(lists[-1].children[0])
    leaf = lists.pop()
    flat = flatten(data, path, unit_of(leaf.format))
    scalar = flat.type.fields[0] if isinstance(flat.type, StructType) else flat.type
    named = scalar if isinstance(scalar, ScalarType) else None
    array = values_array(leaf, named, flat.values, flat.validity, origin)
    levels = zip(lists, flat.offsets, flat.list_validity, strict=True)
    for level, offsets, valid in reversed(list(levels)):
        array = list_array(level, offsets, valid, array)
    return array
