"""What must hold in a field that comes from a file."""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.flat.declarations import (
    ARRAY,
    FLEXBUFFER,
    KEY,
    OBJECT,
    OFFSET64,
    OPTIONAL,
    REQUIRED,
    STRING,
    UINT8,
    UNION,
    VECTOR,
    VECTOR64,
    WIDTHS,
)
from tensorwire.flat.integers import INTEGERS, range_of

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorwire.flat.declarations import Enum, Field, Object


def check_field(
    owner: Object, field: Field, objects: Mapping[str, Object], enums: Mapping[str, Enum]
) -> None:
    """Raises ``SchemaError`` for the first thing that does not hold."""
    reason = (
        _wrong_reference(field, objects, enums)
        or _wrong_flags(owner, field)
        or _wrong_key(field, objects)
        or _wrong_width(field, objects)
        or _wrong_bytes(field, objects)
        or _wrong_default(field)
    )
    if reason:
        raise SchemaError(f"{owner.name}.{field.name}: {reason}")


def _inner(field: Field) -> int:
    return field.type.element or field.type.base


def _wrong_reference(
    field: Field, objects: Mapping[str, Object], enums: Mapping[str, Enum]
) -> str:
    inner, ref = _inner(field), field.type.ref
    if inner == OBJECT:
        return "" if ref in objects else "its type is not there"
    if ref is None:
        return "" if WIDTHS[inner] or inner == STRING else "its type is not there"
    enum = enums.get(ref)
    if enum is None:
        return "its enum is not there"
    if enum.is_union:
        return "" if inner in (enum.base, UNION) else "a union is taken for an enum"
    return "" if enum.base == inner else f"of type {inner}, and its enum of type {enum.base}"


def _wrong_flags(owner: Object, field: Field) -> str:
    scalar = WIDTHS[field.type.base] > 0
    if field.flags & REQUIRED and scalar:
        return "a scalar is never required"
    if field.flags & OPTIONAL and owner.is_struct:
        return "fields of structs are never optional"
    if field.type.base == ARRAY and not owner.is_struct:
        return "a fixed array in a table"
    return ""


def _wrong_key(field: Field, objects: Mapping[str, Object]) -> str:
    if not field.flags & KEY:
        return ""
    if field.flags & OPTIONAL:
        return "a key is never null"
    inner = _inner(field) if field.type.base == ARRAY else field.type.base
    is_struct = inner == OBJECT and objects[field.type.ref or ""].is_struct
    return "" if inner == STRING or WIDTHS[inner] or is_struct else "no type that a key may have"


def _wrong_width(field: Field, objects: Mapping[str, Object]) -> str:
    if not field.flags & OFFSET64:
        return ""
    if field.type.base == STRING:
        return ""
    inner = field.type.element
    is_struct = inner == OBJECT and objects[field.type.ref or ""].is_struct
    scalar = WIDTHS[inner] > 0 and field.type.ref is None
    if field.type.base in (VECTOR, VECTOR64) and (scalar or is_struct):
        return ""
    return "no type that offsets of 64 bits lead to"


def _wrong_bytes(field: Field, objects: Mapping[str, Object]) -> str:
    if field.nested is None and not field.flags & FLEXBUFFER:
        return ""
    if field.type.base not in (VECTOR, VECTOR64) or field.type.element != UINT8:
        return "a buffer in what is no vector of ubyte"
    if field.nested is not None and objects[field.nested].is_struct:
        return "a buffer whose root is a struct"
    return ""


def _wrong_default(field: Field) -> str:
    if field.default is None or field.type.base not in INTEGERS:
        return ""
    least, most = range_of(field.type.base)
    return "" if least <= field.default <= most else f"default {field.default} does not fit"
