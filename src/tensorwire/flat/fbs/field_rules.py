"""What fields may not be, by their types, defaults and attributes together.

Source: google/flatbuffers ``docs/source/schema.md``, and what flatc refuses.
"""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.flat.attributes import alignment
from tensorwire.flat.declarations import (
    ARRAY,
    INT16,
    INT32,
    INT64,
    OBJECT,
    STRING,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    VECTOR,
    VECTOR64,
    WIDTHS,
)
from tensorwire.flat.fbs.cursor import quoted
from tensorwire.flat.fbs.drafts import Kind

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.flat.fbs.drafts import FieldDraft, ObjectDraft
    from tensorwire.flat.fbs.unit import Unit

_HASHED = frozenset({INT16, UINT16, INT32, UINT32, INT64, UINT64})


def check_field(unit: Unit, owner: ObjectDraft, field: FieldDraft) -> None:
    """Raises ``SchemaError`` for what is not allowed; a ``vector64`` becomes one."""
    reason = (
        _wrong_hash(field)
        or _wrong_width(field)
        or (_wrong_in_struct(field) if owner.is_struct else _wrong_in_table(field))
        or _wrong_key(owner, field)
        or _wrong_null(field)
        or _wrong_value(field)
        or _wrong_native(field)
        or _wrong_bytes(field)
        or _wrong_align(field)
    )
    if reason:
        raise unit.wrong(f"field {quoted(field.name)}: {reason}", field.at)


def _wrong_hash(field: FieldDraft) -> str:
    name = field.attributes.get("hash")
    if name is None:
        return ""
    base = field.kind.element if field.kind.base == VECTOR else field.kind.base
    if base not in _HASHED:
        return "only integers of 16, 32 and 64 bits are hashed"
    bits = 8 * WIDTHS[base]
    known = (f"fnv1_{bits}", f"fnv1a_{bits}")
    return "" if name in known else f"no hash of {bits} bits is called {quoted(name)}"


def _wrong_width(field: FieldDraft) -> str:
    kind = field.kind
    if "vector64" in field.attributes:
        if kind.base != VECTOR:
            return "vector64 is for vectors"
        kind = field.kind = Kind(VECTOR64, kind.named, kind.element)
    elif "offset64" not in field.attributes:
        return ""
    elif not (kind.base == STRING or kind.base == VECTOR):
        return "offset64 is for strings and vectors"
    item = kind.item
    if kind.is_vector and not ((item.is_scalar and item.enum is None) or item.is_struct):
        return "vectors with offsets of 64 bits hold scalars or structs"
    return ""


def _wrong_in_struct(field: FieldDraft) -> str:
    if "required" in field.attributes or "optional" in field.attributes:
        return "fields of structs are always there, neither required nor optional"
    return "a field of a struct is deprecated" if "deprecated" in field.attributes else ""


def _wrong_in_table(field: FieldDraft) -> str:
    field.required = "required" in field.attributes or (
        "key" in field.attributes and field.kind.base == STRING
    )
    return "a scalar is never required" if field.required and field.kind.is_scalar else ""


def _wrong_key(owner: ObjectDraft, field: FieldDraft) -> str:
    if "key" not in field.attributes:
        return ""
    if any("key" in other.attributes for other in owner.fields):
        return "a second key"
    kind = field.kind
    item = kind.item if kind.base == ARRAY else kind
    if kind.base == STRING or item.is_scalar or item.is_struct:
        return ""
    return "a key is a string, a scalar, a struct, or a fixed array of the latter two"


def _wrong_null(field: FieldDraft) -> str:
    if field.default is not None:
        return ""
    if field.kind.enum is not None and "null" in field.kind.enum.values:
        return "the default null, and its enum has a value of this name"
    return "a key is never null" if "key" in field.attributes else ""


def _wrong_value(field: FieldDraft) -> str:
    """Enums without 0 need a default that is one of their values, unless they are bits."""
    enum = field.kind.enum
    if enum is None or enum.is_union or field.kind.is_vector or field.default is None:
        return ""
    if field.default in enum.numbers or "bit_flags" in enum.attributes:
        return ""
    return f"its default, {field.default}, is no value of enum {quoted(enum.name)}"


def _wrong_native(field: FieldDraft) -> str:
    """Attributes for C++."""
    given, kind = field.attributes, field.kind
    if "cpp_type" in given:
        if "hash" not in given:
            return "cpp_type without hash"
        given.setdefault("cpp_ptr_type", "naked")  # as flatc does
    if "shared" in given and kind.base != STRING:
        return "shared is for strings"
    if "native_custom_alloc" in given:
        return "native_custom_alloc is for tables and structs"
    if "native_inline" in given and not (
        kind.is_struct or (kind.is_vector and kind.element == OBJECT)
    ):
        return "native_inline is for structs, vectors of structs and vectors of tables"
    return ""


def _wrong_bytes(field: FieldDraft) -> str:
    kind, given = field.kind, field.attributes
    if "nested_flatbuffer" in given and not (kind.is_vector and kind.element == UINT8):
        return "nested_flatbuffer is for vectors of ubyte"
    if "flexbuffer" in given and not (kind.base == VECTOR and kind.element == UINT8):
        return "flexbuffer is for vectors of ubyte"
    return ""


def _wrong_align(field: FieldDraft) -> str:
    if "force_align" in field.attributes:
        try:
            alignment(field.name, field.attributes["force_align"])
        except SchemaError as error:
            return error.reason
    return ""
