"""The kinds of row of a schema table."""

from __future__ import annotations

#: (number, name, label, type, type name, packed, default, oneof)
Field = tuple[int, str, str, str, str, bool, object, str]
Message = tuple[str, tuple[Field, ...]]
Enum = tuple[str, tuple[tuple[str, int], ...]]


def one(number: int, name: str, kind: str, type_name: str = "", default: object = None) -> Field:
    """An optional field."""
    return (number, name, "optional", kind, type_name, False, default, "")


def need(number: int, name: str, kind: str) -> Field:
    """A required field."""
    return (number, name, "required", kind, "", False, None, "")


def many(number: int, name: str, kind: str, type_name: str = "", packed: bool = False) -> Field:
    """A repeated field."""
    return (number, name, "repeated", kind, type_name, packed, None, "")
