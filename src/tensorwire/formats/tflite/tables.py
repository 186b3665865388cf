"""The tables of TensorFlow Lite, from our own schema rows, and their vectors without NumPy."""

from __future__ import annotations

from tensorwire._core.flat_fields import field_present, nested_bytes
from tensorwire._core.flat_view import view_place
from tensorwire.flat.schema import Schema
from tensorwire.formats.tflite import schema as rows

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.limits import Limits

__all__ = ["SCHEMA", "Buffer", "SubGraph", "Tensor", "extent", "numbers", "parsed", "present"]

SCHEMA = Schema.from_rows(rows)

Buffer: Any = SCHEMA["tflite.Buffer"]
SubGraph: Any = SCHEMA["tflite.SubGraph"]
Tensor: Any = SCHEMA["tflite.Tensor"]

#: `memoryview` formats of the scalars of the schema.
_FORMATS = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i",
    "uint32": "I", "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip


def parsed(source: Source, limits: Limits) -> Any:
    """The Model that a whole source holds, verified; bytes behind the FlatBuffer are allowed."""
    return SCHEMA.root(source, limits=limits)


def extent(table: Any, field: str) -> tuple[int, int] | None:
    """``(start, stop)`` in the file of the elements of a vector of numbers; None if it is absent.

    Reads no element. `numpy` arrays, which attributes of tables are, would cost its import.
    """
    return nested_bytes(getattr(type(table), field), table)


def numbers(table: Any, field: str, kind: str = "int32") -> memoryview:
    """The elements of a vector of numbers; none where it is absent."""
    found = extent(table, field)
    source, *_ = view_place(table)
    start, stop = (0, 0) if found is None else found
    stored: Any = source.span(start, stop - start)
    view: memoryview = stored.cast(_FORMATS[kind])
    return view


def present(table: Any, field: str) -> bool:
    """Whether a field is there, rather than read as its default."""
    found: bool = field_present(getattr(type(table), field), table)
    return found
