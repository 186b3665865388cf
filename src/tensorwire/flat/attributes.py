"""What the attributes of a field mean, wherever a schema comes from.

Source: google/flatbuffers ``docs/source/schema.md``, "Attributes".
"""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.flat.declarations import (
    DEPRECATED,
    FLEXBUFFER,
    KEY,
    OFFSET64,
    REQUIRED,
    STRING,
    VECTOR,
    VECTOR64,
    Type,
)

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tensorwire.flat.declarations import Field

    #: What a schema gives an attribute; without a value it is True or ``"0"``, as flatc has it.
    Value = str | int

FLAGS = {
    "deprecated": DEPRECATED,
    "required": REQUIRED,
    "key": KEY,
    "flexbuffer": FLEXBUFFER,
    "offset64": OFFSET64,
    "vector64": OFFSET64,
}

#: Those that a Field, Object or Enum has a place of its own for.
PLACED = frozenset({*FLAGS, "id", "force_align", "nested_flatbuffer", "bit_flags"})

#: The largest ``force_align``. flatc checks it on structs only, and allows 32 there.
MOST_ALIGN = 1 << 15


def describe(
    field: Field, attributes: Mapping[str, Value], full_name: Callable[[str], str]
) -> None:
    """Puts what ``attributes`` say into ``field``. ``full_name``: of a table that is named there.

    Raises: ``SchemaError`` for an alignment that is none.
    """
    for name, flag in FLAGS.items():
        if name in attributes:
            field.flags |= flag
    if field.flags & KEY and field.type.base == STRING:  # such a key is required, says flatc
        field.flags |= REQUIRED
    if "vector64" in attributes:
        field.type = Type(VECTOR64, field.type.ref, element=field.type.element)
    if "force_align" in attributes and field.type.base in (VECTOR, VECTOR64):
        field.force_align = alignment(field.name, attributes["force_align"])
    if "nested_flatbuffer" in attributes:
        field.nested = full_name(str(attributes["nested_flatbuffer"]))
    field.attributes = others(attributes)


def others(attributes: Mapping[str, Value]) -> dict[str, str]:
    """Those without a place of their own."""
    return {
        name: "0" if value is True else str(value)
        for name, value in attributes.items()
        if name not in PLACED
    }


def is_alignment(number: int, most: int = MOST_ALIGN) -> bool:
    """Whether it is a power of two from 1 to ``most``."""
    return 0 < number <= most and number & (number - 1) == 0


def alignment(name: str, value: Value, most: int = MOST_ALIGN) -> int:
    """The ``force_align`` of what is called ``name``.

    Raises: ``SchemaError`` unless it is a power of two up to ``most``.
    """
    text = str(value)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0
    if not is_alignment(number, most):
        raise SchemaError(
            f"{name}: force_align is {text[:60]!r}, must be a power of two up to {most}"
        )
    return number
