"""Options of operators as Python values by name."""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.flat.classes import ATTRIBUTES
from tensorwire.flat.declarations import SCALARS, STRING, UTYPE, VECTOR
from tensorwire.flat.flexbuffers import from_flexbuffer
from tensorwire.formats.tflite.buffers import OFFSET_LEAST
from tensorwire.formats.tflite.tables import SCHEMA, extent, numbers

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tensorwire.flat.declarations import Field
    from tensorwire.formats.tflite.buffers import Buffers
    from tensorwire.limits import Limits

    Convert = Callable[[Any], object]

__all__ = ["custom_extent", "custom_options", "options", "weight"]

#: Options that are FlexBuffers inside, though the schema has them as plain bytes.
#: Source: schema.fbs, ``composite_attributes_format``; LiteRT ``flatbuffer_export.cc``.
FLEXBUFFERS = {"composite_attributes", "custom_attributes"}

_NAMES = {number: name for name, number in SCALARS.items() if name[-1].isdigit() or name == "bool"}

#: Class of an options table -> (name, what reads it) of each field; filled as they are met, two
#: threads that come at once store equal ones.
_CONVERTERS: dict[type, list[tuple[str, Convert]]] = {}
_LISTS: dict[type, list[tuple[str, bool]]] = {}


def options(table: Any) -> dict[str, object]:
    """Every field of an options table, absent ones with their defaults.

    Enums are names, or numbers where none is known; vectors are lists; bytes that are FlexBuffers
    are decoded.
    """
    converters = _CONVERTERS.get(type(table))
    if converters is None:
        converters = _CONVERTERS[type(table)] = _converters(type(table))
    return {name: convert(table) for name, convert in converters}


def weight(table: Any) -> int:
    """How many bytes of vectors and strings `options` would read of an options table."""
    total = 0
    for field, is_text in _lists(type(table)):
        if is_text:
            total += len(getattr(table, field) or "")
        else:
            start, stop = extent(table, field) or (0, 0)
            total += stop - start
    return total


def custom_options(operator: Any, buffers: Buffers, path: str, limits: Limits) -> object:
    """The options of a custom operator: decoded, or as bytes if they are no FlexBuffer.

    None where there are none. Raises: as `custom_extent`.
    """
    start, stop = custom_extent(operator, buffers, path)
    if start == stop:
        return None
    return _decoded(buffers.source.span(start, stop - start), limits, start)


def custom_extent(operator: Any, buffers: Buffers, path: str) -> tuple[int, int]:
    """``(start, stop)`` of the options in the file; large ones lie behind the FlatBuffer.

    Raises: ``DecodeError`` if they lie outside of the file.
    """
    found = extent(operator, "custom_options")
    if found is not None:
        return found
    offset = operator.large_custom_options_offset
    if offset < OFFSET_LEAST:
        return 0, 0
    size = operator.large_custom_options_size
    span: Any = buffers.behind(offset, size, f"{path}.large_custom_options_offset").locate()
    return span.offset, span.offset + span.nbytes


def _decoded(stored: memoryview, limits: Limits | None = None, origin: int = 0) -> object:
    """Nothing tells FlexBuffers from other bytes, but that they hold together."""
    try:
        return from_flexbuffer(stored, limits=limits, origin=origin)
    except ModelError:
        return bytes(stored)


def _converters(cls: type) -> list[tuple[str, Convert]]:
    return [(field.name, _converter(field)) for field in _declared(cls)]


def _lists(cls: type) -> list[tuple[str, bool]]:
    """The fields that are vectors of numbers, and those that are strings."""
    found = _LISTS.get(cls)
    if found is None:
        found = _LISTS[cls] = [
            (field.name, field.type.base == STRING)
            for field in _declared(cls)
            if field.type.base == STRING or field.type.element in _NAMES
        ]
    return found


def _declared(cls: type) -> list[Field]:
    """The fields that are not deprecated."""
    name = f"{cls.__module__}.{cls.__name__}"
    declared = next(each for each in SCHEMA.declarations.objects if each.name == name)
    return [field for field in declared.fields if field.name in getattr(cls, ATTRIBUTES)]


def _converter(field: Field) -> Convert:
    name, kind = field.name, field.type
    if kind.base != VECTOR:
        if kind.ref is not None and kind.base in _NAMES and kind.base != UTYPE:
            return lambda table: _enum_name(getattr(table, name))
        return lambda table: getattr(table, name)
    if kind.element not in _NAMES:
        return lambda table: list(getattr(table, name))
    scalar = _NAMES[kind.element]
    if kind.ref is not None:
        members: Any = SCHEMA[kind.ref].__members__
        known = {int(member): key for key, member in members.items()}
        return lambda table: [known.get(i, i) for i in numbers(table, name, scalar)]
    if name in FLEXBUFFERS:
        return lambda table: _attributes(numbers(table, name, scalar))
    return lambda table: list(numbers(table, name, scalar))


def _attributes(stored: memoryview) -> object:
    return _decoded(stored) if len(stored) else None


def _enum_name(value: Any) -> object:
    return getattr(value, "name", value)
