"""Fields and arrays, described plainly: `tensorwire._core.arrow_export` makes capsules of them."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["NULLABLE", "Array", "Field", "field_from"]

#: CDataInterface.html, "ArrowSchema.flags".
NULLABLE = 2


class Field(NamedTuple):
    """A name with its type, as the C data interface writes it."""

    format: str
    name: str
    flags: int = NULLABLE
    metadata: Mapping[str, str] | None = None
    children: tuple[Field, ...] = ()
    dictionary: Field | None = None


class Array(NamedTuple):
    """The values of a field: buffers as the columnar format orders them, None for a missing one."""

    length: int
    null_count: int
    buffers: tuple[Any, ...]
    children: tuple[Array, ...] = ()
    dictionary: Array | None = None


def field_from(description: tuple[Any, ...]) -> Field:
    """A field as `tensorwire._core.arrow_input.read_schema` describes it."""
    format, name, flags, metadata, children, dictionary = description
    below = tuple(field_from(child) for child in children)
    inner = None if dictionary is None else field_from(dictionary)
    return Field(format, name, flags, metadata, below, inner)
