"""Options of operators as Python values by name."""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.flat.classes import ATTRIBUTES
from tensorwire.flat.declarations import SCALARS, UTYPE, VECTOR
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

__all__ = ["custom_options", "options"]

#: Options that are FlexBuffers inside, though the schema has them as plain bytes.
#: Source: schema.fbs, ``composite_attributes_format``; LiteRT ``flatbuffer_export.cc``.
FLEXBUFFERS = {"composite_attributes", "custom_attributes"}

_NAMES = {number: name for name, number in SCALARS.items() if name[-1].isdigit() or name == "bool"}
_UINT8 = SCALARS["uint8"]

#: Class of an options table -> (name, what reads it) of each field; filled as they are met, two
#: threads that come at once store equal ones.
_CONVERTERS: dict[type, list[tuple[str, Convert]]] = {}


def options(table: Any) -> dict[str, object]:
    """Every field of an options table, absent ones with their defaults.

    Enums are names, or numbers where none is known; vectors are lists; bytes that are FlexBuffers
    are decoded.
    """
    converters = _CONVERTERS.get(type(table))
    if converters is None:
        converters = _CONVERTERS[type(table)] = _converters(type(table))
    return {name: convert(table) for name, convert in converters}


def custom_options(operator: Any, buffers: Buffers, path: str, limits: Limits) -> object:
    """The options of a custom operator: decoded, or as bytes if they are no FlexBuffer.

    None where there are none. Large ones lie behind the FlatBuffer.
    Raises: ``DecodeError`` if they lie outside of the file.
    """
    found = extent(operator, "custom_options")
    if found is not None:
        start, stop = found
    elif operator.large_custom_options_offset >= OFFSET_LEAST:
        size = operator.large_custom_options_size
        at = f"{path}.large_custom_options_offset"
        span: Any = buffers.behind(operator.large_custom_options_offset, size, at).locate()
        start, stop = span.offset, span.offset + span.nbytes
    else:
        return None
    stored = buffers.source.span(start, stop - start)
    return _decoded(stored, limits, start) if len(stored) else None


def _decoded(stored: memoryview, limits: Limits | None = None, origin: int = 0) -> object:
    """Nothing tells FlexBuffers from other bytes, but that they hold together."""
    try:
        return from_flexbuffer(stored, limits=limits, origin=origin)
    except ModelError:
        return bytes(stored)


def _converters(cls: type) -> list[tuple[str, Convert]]:
    fields = getattr(cls, ATTRIBUTES)
    name = f"{cls.__module__}.{cls.__name__}"
    declared = next(each for each in SCHEMA.declarations.objects if each.name == name)
    return [(f.name, _converter(f)) for f in declared.fields if f.name in fields]


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
        members = SCHEMA[kind.ref].__members__  # type: ignore[attr-defined]
        known = {int(member): key for key, member in members.items()}
        return lambda table: [known.get(i, i) for i in numbers(table, name, scalar)]
    if name in FLEXBUFFERS:
        return lambda table: _attributes(numbers(table, name, scalar))
    return lambda table: list(numbers(table, name, scalar))


def _attributes(stored: memoryview) -> object:
    return _decoded(stored) if len(stored) else None


def _enum_name(value: Any) -> object:
    return getattr(value, "name", value)
