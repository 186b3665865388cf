"""Schemas from upstream's generated classes: compiled from their descriptors."""

from __future__ import annotations

from tensorwire._core.plan import CLOSED, KINDS, MAP, PACKED, PRESENCE, REPEATED, REQUIRED, UTF8
from tensorwire.proto.schema import Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeVar

    M = TypeVar("M")

NAMES_BY_KIND = {number: name for name, number in KINDS.items()}

_schemas: dict[Any, Schema] = {}


def message_class(source: type[M]) -> type[M]:
    """A class that reads like the upstream class or descriptor given, at our speed.

    The same class for the same descriptor; nothing global changes. Its decode errors are both
    `tensorwire.DecodeError` and ``google.protobuf.message.DecodeError``.
    Raises: ``TypeError`` for what has no message descriptor.
    """
    descriptor: Any = getattr(source, "DESCRIPTOR", source)
    if not hasattr(descriptor, "fields_by_number"):
        raise TypeError(f"an upstream message class is needed, not {source!r}")
    file = descriptor.file
    if file not in _schemas:
        _schemas.setdefault(file, _compile(file))
    return _schemas[file][descriptor.full_name]


def _compile(file: Any) -> Schema:
    from tensorwire.proto.upstream_errors import UpstreamDecodeError

    messages: dict[str, tuple[str, tuple[tuple[Any, ...], ...], bool]] = {}
    enums: dict[str, tuple[str, bool, tuple[tuple[str, int], ...]]] = {}
    for descriptor in _messages(file):
        map_entry = descriptor.GetOptions().map_entry
        utf8 = _validates_utf8(descriptor.file)
        fields = tuple([_field(field, utf8) for field in descriptor.fields])
        messages[descriptor.full_name] = (descriptor.full_name, fields, map_entry)
        for field in descriptor.fields:
            if field.enum_type is not None:
                enums[field.enum_type.full_name] = _enum(field.enum_type)
    return Schema(messages.values(), enums.values(), UpstreamDecodeError)


def _messages(file: Any) -> Iterator[Any]:
    """Every message type of a file and of all that it depends on."""
    files, pending = {file.name: file}, [file]
    while pending:
        for dependency in pending.pop().dependencies:
            if dependency.name not in files:
                files[dependency.name] = dependency
                pending.append(dependency)
    for one in files.values():
        stack = list(one.message_types_by_name.values())
        while stack:
            descriptor = stack.pop()
            yield descriptor
            stack.extend(descriptor.nested_types)


def _validates_utf8(file: Any) -> bool:
    """proto2 does not; proto3 does, and so do editions unless a feature says otherwise."""
    from google.protobuf import descriptor_pb2

    copy = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(copy)
    return copy.syntax not in ("", "proto2")


def _field(field: Any, utf8: bool) -> tuple[int, str, int, int, str, Any, str]:
    flags = 0
    repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == 3
    required = field.is_required if hasattr(field, "is_required") else field.label == 2
    message = field.message_type
    if repeated:
        flags |= REPEATED | (PACKED if field.is_packed else 0)
        if message is not None and message.GetOptions().map_entry:
            flags |= MAP
    flags |= REQUIRED if required else 0
    flags |= PRESENCE if field.has_presence else 0
    flags |= UTF8 if utf8 and NAMES_BY_KIND[field.type] == "string" else 0
    flags |= CLOSED if field.enum_type is not None and field.enum_type.is_closed else 0
    child = message or field.enum_type
    oneof = field.containing_oneof.name if field.containing_oneof is not None else ""
    default = None if repeated or message is not None else field.default_value
    type_name = child.full_name if child else ""
    return field.number, field.name, field.type, flags, type_name, default, oneof


def _enum(enum: Any) -> tuple[str, bool, tuple[tuple[str, int], ...]]:
    values = tuple([(value.name, value.number) for value in enum.values])
    return enum.full_name, enum.is_closed, values
