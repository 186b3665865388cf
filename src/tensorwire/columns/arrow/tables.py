"""Rows as one struct: a child per path, or the fields of the messages."""

from __future__ import annotations

from tensorwire.columns.arrow.arrays import array_of, both, list_array
from tensorwire.columns.arrow.fields import Array, Field
from tensorwire.columns.arrow.formats import field_of, list_field
from tensorwire.columns.data import ListData, StructData
from tensorwire.columns.types import ListType, StructType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tensorwire.columns.arrow.options import ArrowOptions
    from tensorwire.columns.arrow.strings import Origin
    from tensorwire.columns.data import AnyData
    from tensorwire.columns.types import AnyType

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
    """The field of one flat column: a list per repeated level around what the path ends at."""
    node: AnyType = schema
    levels = 0
    for index in descent(schema, path):
        node = node.fields[index] if isinstance(node, StructType) else node
        if isinstance(node, ListType):
            levels, node = levels + 1, node.item
    field = field_of(node, options)
    for _ in range(levels):
        field = list_field("", field, options)
    return field._replace(name=path)


def path_array(field: Field, data: StructData, path: str, origin: Origin) -> Array:
    """One flat column. What lies in an absent message is absent, a list too."""
    node: AnyData = data
    outer = None
    lists: list[tuple[Field, Any, Any]] = []
    for index in descent(data.type, path):
        if isinstance(node, StructData):
            outer, node = both(outer, node.valid), node.fields[index]
        if isinstance(node, ListData):
            lists.append((field, node.offsets, outer))
            outer, node, field = None, node.item, field.children[0]
    array = array_of(field, node, origin, outer)
    for level, offsets, valid in reversed(lists):
        array = list_array(level, offsets, valid, array)
    return array


def descent(schema: StructType, path: str) -> list[int]:
    """The index of the child at each struct on the way down. A path ends where its text does.

    Raises: ``KeyError`` for a path that the schema does not have.
    """
    node: AnyType = schema
    rest, indices = path, []
    while rest:
        names = [child.name for child in node.fields] if isinstance(node, StructType) else []
        # Names of extensions hold dots, in brackets: compared whole.
        name = next((name for name in names if f"{rest}.".startswith(f"{name}.")), None)
        if name is None or not isinstance(node, StructType):
            raise KeyError(f"the columns have no path {path!r}")
        indices.append(names.index(name))
        child = node.fields[names.index(name)]
        node, rest = child.item if isinstance(child, ListType) else child, rest[len(name) + 1 :]
    return indices
