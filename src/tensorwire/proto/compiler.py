"""From descriptions to plans: what the compiled core needs to know of a file's types."""

from __future__ import annotations

from tensorwire._core.plan import (
    CLOSED,
    MAP,
    MAP_ENTRY,
    MESSAGE_SET,
    PACKED,
    PRESENCE,
    RANGES,
    REPEATED,
    REQUIRED,
    UTF8,
    PlanSet,
)
from tensorwire.errors import DecodeError, SchemaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any

    from tensorwire.proto.description import (
        EnumDescription,
        FieldDescription,
        FileDescription,
        MessageDescription,
    )


def compiled(
    file: FileDescription,
    factory: Callable[[PlanSet, int], type[Any]],
    error: type[DecodeError],
    imports: Iterable[PlanSet],
) -> PlanSet:
    """The plans of a file's types. ``imports``: of the files that declare types it names."""
    messages = tuple([_message(one) for one in file.messages()])
    enums = tuple([_enum(one) for one in file.enums()])
    try:
        return PlanSet(messages, enums, factory, error, tuple(imports))
    except ValueError as problem:
        raise SchemaError(f"{file.name}: {problem}") from problem


def named_files(file: FileDescription) -> Collection[FileDescription]:
    """The other files that declare types which the file's fields and extensions name."""
    fields = [field for message in file.messages() for field in message.fields]
    targets = [one.message_type or one.enum_type for one in (*fields, *file.all_extensions())]
    files = dict.fromkeys([target.file for target in targets if target is not None])
    files.pop(file, None)
    return files.keys()


def field_spec(field: FieldDescription) -> tuple[Any, ...]:
    """A field, or an extension by its full name, as `PlanSet` takes it."""
    flags = PRESENCE if field.has_presence else 0
    if field.is_repeated:
        flags |= REPEATED | (PACKED if field.is_packed else 0) | (MAP if field.is_map else 0)
    elif field.is_required:
        flags |= REQUIRED
    if field.validates_utf8:
        flags |= UTF8
    if field.enum_type is not None and field.enum_type.is_closed:
        flags |= CLOSED
    target = field.message_type or field.enum_type
    type_name = target.full_name if target is not None else ""
    oneof = field.containing_oneof.name if field.containing_oneof is not None else ""
    name = field.full_name if field.is_extension else field.name
    default = None if field.is_repeated else field.default_value
    return field.number, name, field.type, flags, type_name, default, oneof


def _message(message: MessageDescription) -> tuple[str, tuple[tuple[Any, ...], ...], int]:
    flags = MAP_ENTRY if message.is_map_entry else 0
    flags |= RANGES if message.is_extendable else 0
    flags |= MESSAGE_SET if message.uses_message_set else 0
    return message.full_name, tuple([field_spec(field) for field in message.fields]), flags


def _enum(enum: EnumDescription) -> tuple[str, bool, tuple[tuple[str, int], ...]]:
    values = tuple([(value.name, value.number) for value in enum.values])
    return enum.full_name, enum.is_closed, values
