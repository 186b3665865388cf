"""The two kinds of row of a schema table; ONNX has no required fields, groups or defaults."""

from __future__ import annotations

#: (number, name, label, type, type name, packed, default, oneof)
Field = tuple[int, str, str, str, str, bool, object, str]
Message = tuple[str, tuple[Field, ...]]
Enum = tuple[str, tuple[tuple[str, int], ...]]


def one(number: int, name: str, kind: str, type_name: str = "", oneof: str = "") -> Field:
    """An optional field."""
    return (number, name, "optional", kind, type_name, False, None, oneof)


def many(number: int, name: str, kind: str, type_name: str = "", packed: bool = False) -> Field:
    """A repeated field."""
    return (number, name, "repeated", kind, type_name, packed, None, "")
