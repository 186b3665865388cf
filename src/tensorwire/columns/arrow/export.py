"""Capsules of the PyCapsule interface, for columns and for what is to become columns.

A *table* is anything with ``data`` (`StructData`), ``paths``, ``sources`` and ``arrow`` (the
options), as `Columns` has them.
"""

from __future__ import annotations

from tensorwire._core.arrow_export import export_array, export_schema, export_stream
from tensorwire.columns.arrow.formats import requested
from tensorwire.columns.arrow.strings import Origin
from tensorwire.columns.arrow.tables import path_array, path_field, table_array, table_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, Protocol

    from tensorwire.columns.arrow.fields import Array, Field
    from tensorwire.columns.arrow.options import ArrowOptions
    from tensorwire.columns.data import StructData
    from tensorwire.columns.sources import Sources
    from tensorwire.columns.types import StructType

    class Table(Protocol):
        @property
        def data(self) -> StructData: ...
        @property
        def paths(self) -> Sequence[str]: ...
        @property
        def sources(self) -> Sources: ...
        @property
        def arrow(self) -> ArrowOptions: ...


__all__ = [
    "ArrowSchemaOf",
    "asked",
    "column_capsules",
    "column_schema",
    "stream_capsule",
    "table_capsules",
    "table_schema",
    "to_arrow",
]

INSTALL = "pip install pyarrow"


def table_schema(schema: StructType, paths: Sequence[str], options: ArrowOptions) -> Any:
    """``arrow_schema`` of a table, before there is any data."""
    return export_schema(table_field(schema, paths, options))


def table_capsules(table: Table, requested_schema: Any = None) -> tuple[Any, Any]:
    """``(arrow_schema, arrow_array)`` of a table, for ``__arrow_c_array__``.

    ``requested_schema``: a capsule; it is followed where it asks for the same values in another
    format (strings for views, other offsets, other units of time), and not followed elsewhere.
    Raises: ``LimitError`` where the values do not fit the format.
    """
    field = _table_field(table.data.type, table.paths, table.arrow, requested_schema)
    return export_schema(field), export_array(_table_array(field, table))


def column_schema(table: Table, path: str) -> Any:
    """``arrow_schema`` of the one column at ``path``, in the flat layout."""
    return export_schema(path_field(table.data.type, path, table.arrow))


def column_capsules(table: Table, path: str, requested_schema: Any = None) -> tuple[Any, Any]:
    """``(arrow_schema, arrow_array)`` of one column, otherwise like `table_capsules`."""
    field = asked(path_field(table.data.type, path, table.arrow), requested_schema)
    array = path_array(field, table.data, path, Origin(table.sources))
    return export_schema(field), export_array(array)


def stream_capsule(
    tables: Iterable[Table],
    schema: StructType,
    paths: Sequence[str],
    options: ArrowOptions,
    requested_schema: Any = None,
) -> Any:
    """``arrow_array_stream`` of tables of one schema, for ``__arrow_c_stream__``.

    Each table is asked for when the consumer wants its array, in the consumer's thread. What goes
    wrong then becomes the error of the stream, with the name of its class.
    """
    field = _table_field(schema, paths, options, requested_schema)
    return export_stream(field, _arrays(field, tables))


def _arrays(field: Field, tables: Iterable[Table]) -> Iterator[Array]:
    for table in tables:
        yield _table_array(field, table)


def _table_array(field: Field, table: Table) -> Array:
    origin = Origin(table.sources)
    return table_array(field, table.data, table.paths, origin, table.arrow.layout)


def _table_field(
    schema: StructType, paths: Sequence[str], options: ArrowOptions, requested_schema: Any
) -> Field:
    return asked(table_field(schema, paths, options), requested_schema)


def asked(field: Field, requested_schema: Any) -> Field:
    """The field as a consumer's capsule asks for it, where that can be followed."""
    if requested_schema is None:
        return field
    from tensorwire._core.arrow_input import read_schema
    from tensorwire.columns.arrow.fields import field_from

    return requested(field, field_from(read_schema(requested_schema)))


class ArrowSchemaOf:
    """A schema for any library that knows ``__arrow_c_schema__``: ``pa.schema(this)``.

    Pickles, compares and hashes by value.
    """

    __slots__ = ("_options", "_paths", "_schema")

    def __init__(self, schema: StructType, paths: Sequence[str], options: ArrowOptions) -> None:
        self._schema = schema
        self._paths = tuple(paths)
        self._options = options

    def __arrow_c_schema__(self) -> Any:
        return table_schema(self._schema, self._paths, self._options)

    def _parts(self) -> tuple[StructType, tuple[str, ...], ArrowOptions]:
        return self._schema, self._paths, self._options

    def __eq__(self, other: object) -> bool:
        return self._parts() == other._parts() if isinstance(other, ArrowSchemaOf) else False

    def __hash__(self) -> int:
        return hash(self._parts())

    def __reduce__(self) -> tuple[Any, ...]:
        return ArrowSchemaOf, self._parts()

    def __repr__(self) -> str:
        fields = table_field(*self._parts()).children
        return f"ArrowSchemaOf({', '.join(f'{field.name}: {field.format}' for field in fields)})"


def to_arrow(exporter: Any) -> Any:
    """A pyarrow RecordBatch of an object that gives a struct, a pyarrow Array of any other column.

    Raises: ``ImportError`` without pyarrow. Everything else here does without.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise ImportError(
            f"to_arrow() makes objects of pyarrow, which is not installed: {INSTALL}"
        ) from error
    if hasattr(exporter, "paths"):
        return pa.record_batch(exporter)
    return pa.array(exporter)
