"""A shipped table as the FileDescriptorProto that a compiler would have written.

Source of the numbers: google/protobuf/descriptor.proto.
"""

from __future__ import annotations

from tensorwire._core.plan import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType
    from typing import Any

    from tensorwire.proto.tables import FieldRow

LABELS = {"optional": 1, "required": 2, "repeated": 3}


def file_of_table(table: ModuleType) -> bytes:
    """The bytes. Nested types go into the types whose names theirs begin with."""
    names = {name for name, _ in table.MESSAGES}
    roots = [name for name, _ in table.MESSAGES if name.rpartition(".")[0] not in names]
    package = getattr(table, "PACKAGE", roots[0].rpartition(".")[0])
    parts = [_text(1, getattr(table, "NAME", f"{package}.proto")), _text(2, package)]
    parts += [_run(4, _message(table, name)) for name in roots]
    parts += [_run(5, _enum(*one)) for one in table.ENUMS if one[0].rpartition(".")[0] == package]
    if table.SYNTAX != "proto2":
        parts.append(_text(12, table.SYNTAX))
    return b"".join(parts)


def _message(table: ModuleType, full_name: str) -> bytes:
    rows = dict(table.MESSAGES)[full_name]
    oneofs = list(dict.fromkeys([row[7] for row in rows if row[7]]))
    parts = [_text(1, full_name.rpartition(".")[2])]
    parts += [_run(2, _field(table, row, oneofs)) for row in rows]
    for name, _ in table.MESSAGES:
        if name.rpartition(".")[0] == full_name:
            parts.append(_run(3, _message(table, name)))
    parts += [_run(4, _enum(*one)) for one in table.ENUMS if one[0].rpartition(".")[0] == full_name]
    ranges = getattr(table, "RANGES", {}).get(full_name, ())
    parts += [_run(5, _number(1, start) + _number(2, stop)) for start, stop in ranges]
    if full_name in getattr(table, "MAP_ENTRIES", ()):
        parts.append(_run(7, _number(7, True)))
    parts += [_run(8, _text(1, oneof)) for oneof in oneofs]
    return b"".join(parts)


def _field(table: ModuleType, row: FieldRow, oneofs: list[str]) -> bytes:
    number, name, label, kind, type_name, packed, default, oneof = row
    parts = [_text(1, name), _number(3, number), _number(4, LABELS[label])]
    parts.append(_number(5, KINDS[kind]))
    if type_name:
        parts.append(_text(6, f".{type_name}"))
    if default is not None:
        labels = {value: label for label, value in dict(table.ENUMS).get(type_name, ())}
        parts.append(_text(7, labels.get(default) or _default(default)))
    if label == "repeated" and (packed or table.SYNTAX == "proto3"):
        parts.append(_run(8, _number(2, packed)))
    if oneof:
        parts.append(_number(9, oneofs.index(oneof)))
    return b"".join(parts)


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return "".join([f"\\{byte:03o}" for byte in value])
    return str(value)


def _enum(full_name: str, values: Iterable[tuple[str, int]]) -> bytes:
    pairs = [_run(2, _text(1, name) + _number(2, number)) for name, number in values]
    return _text(1, full_name.rpartition(".")[2]) + b"".join(pairs)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    digits = bytearray()
    while value >= 0x80:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _run(field: int, payload: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(payload)) + payload


def _text(field: int, text: str) -> bytes:
    return _run(field, text.encode("utf-8"))
