"""A whole file as ``.proto`` text."""

from __future__ import annotations

from tensorwire.proto.features import EDITIONS, PROTO3
from tensorwire.proto.printer.enums import print_enum
from tensorwire.proto.printer.fields import implicit_types, print_extensions
from tensorwire.proto.printer.lines import Lines
from tensorwire.proto.printer.messages import print_body, print_message
from tensorwire.proto.printer.options import option_texts, quoted
from tensorwire.proto.printer.references import reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tensorwire.proto.description import FileDescription, MethodDescription, ServiceDescription


def proto_text(file: FileDescription) -> str:
    """The text of a file. Comments are not kept.

    Raises: ``UnsupportedError`` for what only a hand-made descriptor can declare.
    """
    lines = Lines()
    _print_head(file, lines)
    for enum in file.enum_types:
        print_enum(enum, lines)
    extensions = list(file.extensions)
    implicit = implicit_types(extensions)
    for message in file.message_types:
        declared_by = implicit.get(message)
        if declared_by is None:
            print_message(message, lines)
        elif declared_by in extensions:
            count = extensions.index(declared_by) + 1
            print_extensions(extensions[:count], lines, lambda group: print_body(group, lines))
            del extensions[:count]
    print_extensions(extensions, lines, lambda group: print_body(group, lines))
    for service in file.services_by_name.values():
        _print_service(service, lines)
    return lines.text()


def _print_head(file: FileDescription, lines: Lines) -> None:
    if file.edition in EDITIONS:
        lines.add(f'edition = "{EDITIONS[file.edition]}";')
    else:
        lines.add(f'syntax = "{"proto3" if file.edition == PROTO3 else "proto2"}";')
    if file.package:
        lines.space()
        lines.add(f"package {file.package};")
    declaration = file.declaration
    public, weak = set(declaration.public_dependency), set(declaration.weak_dependency)
    lines.space()
    for i, name in enumerate(declaration.dependency):
        kind = "public " if i in public else "weak " if i in weak else ""
        lines.add(f"import {kind}{quoted(name)};")
    for name in declaration.option_dependency:
        lines.add(f"import option {quoted(name)};")
    lines.space()
    for text in option_texts(file):
        lines.add(f"option {text};")


def _print_service(service: ServiceDescription, lines: Lines) -> None:
    lines.space()
    with lines.block(f"service {service.name}"):
        for text in option_texts(service):
            lines.add(f"option {text};")
        for method in service.methods:
            _print_method(method, lines)


def _print_method(method: MethodDescription, lines: Lines) -> None:
    scope = method.containing_service.full_name
    taken = reference(method.input_type.full_name, scope, method.file)
    given = reference(method.output_type.full_name, scope, method.file)
    taken = f"stream {taken}" if method.client_streaming else taken
    given = f"stream {given}" if method.server_streaming else given
    head, texts = f"rpc {method.name}({taken}) returns ({given})", option_texts(method)
    if not texts:
        lines.add(f"{head};")
        return
    with lines.block(head):
        for text in texts:
            lines.add(f"option {text};")
