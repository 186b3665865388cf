"""Message types as ``.proto`` text."""

from __future__ import annotations

from tensorwire.proto.features import PROTO2, PROTO3
from tensorwire.proto.printer.enums import print_enum
from tensorwire.proto.printer.fields import (
    implicit_types,
    is_synthetic,
    print_extensions,
    print_field,
    print_oneof,
)
from tensorwire.proto.printer.options import bracketed, message_options, option_texts
from tensorwire.proto.printer.ranges import range_texts, reserved_names, visibility

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tensorwire.proto.description import FieldDescription, MessageDescription
    from tensorwire.proto.printer.lines import Lines

# One behind the last number of a field; of a member of a message set.
FIELD_STOP, SET_STOP = 1 << 29, (1 << 31) - 1


def print_message(message: MessageDescription, lines: Lines) -> None:
    """A message type with everything inside."""
    lines.space()
    with lines.block(f"{visibility(message)}message {message.name}"):
        print_body(message, lines)


def print_body(message: MessageDescription, lines: Lines) -> None:
    """What stands between the braces of a message or group.

    Nested types come before the fields, in the order in which they were declared, as far as they
    are not declared by the fields themselves.
    """
    for text in option_texts(message):
        lines.add(f"option {text};")
    if message.has_options:
        lines.space()
    for enum in message.enum_types:
        print_enum(enum, lines)
    fields, extensions = list(message.fields), list(message.extensions)
    implicit = implicit_types([*fields, *extensions])
    for nested in message.nested_types:
        declared_by = implicit.get(nested)
        if declared_by is None:
            print_message(nested, lines)
        elif declared_by.is_extension:
            _print_extensions(extensions, declared_by, lines)
        else:
            _print_fields(fields, declared_by, lines)
    _print_fields(fields, None, lines)
    _print_ranges(message, lines)
    _print_extensions(extensions, None, lines)


def _print_fields(
    fields: list[FieldDescription], last: FieldDescription | None, lines: Lines
) -> None:
    """Takes fields away, and prints them, until ``last`` is among those taken."""

    def body(message: MessageDescription) -> None:
        print_body(message, lines)

    while fields and (last is None or last in fields):  # progress: one or more are taken
        field = fields[0]
        oneof = field.containing_oneof
        lines.space_after_block()
        if oneof is None or is_synthetic(oneof):
            print_field(fields.pop(0), lines, body)
        else:
            lines.space()
            print_oneof(oneof, lines, body)
            fields[:] = [one for one in fields if one.containing_oneof is not oneof]


def _print_extensions(
    fields: list[FieldDescription], last: FieldDescription | None, lines: Lines
) -> None:
    count = len(fields) if last is None else (fields.index(last) + 1 if last in fields else 0)
    print_extensions(fields[:count], lines, lambda message: print_body(message, lines))
    del fields[:count]


def _print_ranges(message: MessageDescription, lines: Lines) -> None:
    declaration = message.declaration
    if declaration.extension_range or declaration.reserved_range or declaration.reserved_name:
        lines.space_after_block()
    stop = SET_STOP if message.uses_message_set else FIELD_STOP
    for one in declaration.extension_range:
        options = message.range_options(one)
        texts = [] if options is None else message_options(options)
        where = range_texts([(one.start, one.end)], stop)
        lines.add(f"extensions {where[0]}{bracketed(texts)};")
    reserved = range_texts([(one.start, one.end) for one in declaration.reserved_range], stop)
    if reserved:
        lines.add(f"reserved {', '.join(reserved)};")
    names = reserved_names(declaration, quote=message.file.edition in (PROTO2, PROTO3))
    if names:
        lines.add(f"reserved {names};")
