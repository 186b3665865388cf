"""Fields, oneofs and extensions as ``.proto`` text."""

from __future__ import annotations

from itertools import groupby

from tensorwire._core.plan import KINDS
from tensorwire.errors import UnsupportedError
from tensorwire.proto.description.fields import BYTES, GROUP, STRING
from tensorwire.proto.description.names import json_name_of
from tensorwire.proto.features import PROTO2, PROTO3
from tensorwire.proto.printer.options import bracketed, option_texts, quoted
from tensorwire.proto.printer.references import reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tensorwire.proto.description import FieldDescription, MessageDescription, OneofDescription
    from tensorwire.proto.printer.lines import Lines

KIND_NAMES = {number: name for name, number in KINDS.items()}


def is_group(field: FieldDescription) -> bool:
    """Whether the field declares its own message type, as groups do."""
    return field.type == GROUP and field.file.edition == PROTO2


def implicit_types(
    fields: Iterable[FieldDescription],
) -> dict[MessageDescription, FieldDescription]:
    """Message types that are declared by a field: entries of maps, and groups.

    Raises: ``UnsupportedError`` for a group of a type that is not its own, which no text declares.
    """
    found = {}
    for field in fields:
        target = field.message_type
        if target is None or not (field.is_map or is_group(field)):
            continue
        scope = field.extension_scope if field.is_extension else field.containing_type
        own = target.containing_type is scope and target.file is field.file
        if is_group(field) and not (own and target.name.lower() == field.name):
            raise UnsupportedError(f"{field.full_name}: a group of a type that is not its own")
        found[target] = field
    return found


def field_line(field: FieldDescription) -> str:
    """A field's declaration, without the semicolon or, of a group, without the body."""
    options = bracketed(_options(field))
    if field.is_map and field.message_type is not None:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        kind = f"map<{_kind(key, field)}, {_kind(value, field)}>"
        return f"{kind} {field.name} = {field.number}{options}"
    if is_group(field) and field.message_type is not None:
        return f"{_label(field)}group {field.message_type.name} = {field.number}{options}"
    return f"{_label(field)}{_kind(field, field)} {field.name} = {field.number}{options}"


def print_field(
    field: FieldDescription, lines: Lines, body: Callable[[MessageDescription], None]
) -> None:
    """A field, and the body of its group."""
    if is_group(field) and field.message_type is not None:
        with lines.block(field_line(field)):
            body(field.message_type)
    else:
        lines.add(field_line(field) + ";")


def print_oneof(
    oneof: OneofDescription, lines: Lines, body: Callable[[MessageDescription], None]
) -> None:
    """A oneof with its members."""
    with lines.block(f"oneof {oneof.name}"):
        for text in option_texts(oneof):
            lines.add(f"option {text};")
        for field in oneof.fields:
            print_field(field, lines, body)


def print_extensions(
    fields: Iterable[FieldDescription], lines: Lines, body: Callable[[MessageDescription], None]
) -> None:
    """Extensions, those of one type together."""
    for owner, group in groupby(fields, key=lambda field: field.containing_type):
        members = list(group)
        scope = _scope(members[0])
        lines.space()
        with lines.block(f"extend {reference(owner.full_name, scope, members[0].file)}"):
            for field in members:
                print_field(field, lines, body)


def is_synthetic(oneof: OneofDescription) -> bool:
    """Whether the compiler made it for an ``optional`` field of proto3."""
    return len(oneof.fields) == 1 and oneof.fields[0].is_proto3_optional


def _scope(field: FieldDescription) -> str:
    """Where the names in a field's declaration are looked up."""
    if not field.is_extension:
        return field.containing_type.full_name
    scope = field.extension_scope
    return field.file.package if scope is None else scope.full_name


def _kind(field: FieldDescription, written_at: FieldDescription) -> str:
    target = field.message_type or field.enum_type
    if target is None:
        return KIND_NAMES[field.type]
    return reference(target.full_name, _scope(written_at), field.file)


def _label(field: FieldDescription) -> str:
    if field.is_repeated:
        return "repeated "
    edition = field.file.edition
    if edition == PROTO2 and field.containing_oneof is None:
        return "required " if field.is_required else "optional "
    return "optional " if edition == PROTO3 and field.is_proto3_optional else ""


def _options(field: FieldDescription) -> list[str]:
    texts = []
    if field.has_default_value:
        texts.append(f"default = {_default(field)}")
    if field.json_name != json_name_of(field.name) and not field.is_extension:
        texts.append(f"json_name = {quoted(field.json_name)}")
    return texts + option_texts(field)


def _default(field: FieldDescription) -> str:
    text = field.default_text
    if field.type == BYTES:  # escaped already
        return f'"{text}"'
    return quoted(text) if field.type == STRING else text
