"""From a FileDescriptorProto, read by our own decoder, to linked descriptions."""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.proto.description.enums import EnumDescription
from tensorwire.proto.description.fields import ENUM, GROUP, MESSAGE, FieldDescription
from tensorwire.proto.description.files import FileDescription
from tensorwire.proto.description.messages import MessageDescription, OneofDescription
from tensorwire.proto.description.services import ServiceDescription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tensorwire.proto.description.base import Description
    from tensorwire.proto.features import Features

# What the types are that have a name.
NAMED: dict[int, type[MessageDescription | EnumDescription]] = {
    MESSAGE: MessageDescription,
    GROUP: MessageDescription,
    ENUM: EnumDescription,
}


class Builder:
    """Describes one file, whose imports are described already.

    ``symbols``: what the file declares, by full name. ``known``: the same of all other files.
    """

    def __init__(self, file: FileDescription, known: Mapping[str, Description]) -> None:
        self.file = file
        self.known = known
        self.symbols: dict[str, Description] = {}
        # (field, its declaration, the scope that its names are looked up in)
        self.unlinked: list[tuple[FieldDescription, Any, str]] = []

    def build(self, proto: Any) -> FileDescription:
        """Declares everything, then links it. Raises ``SchemaError``."""
        file, scope = self.file, self.file.package
        file.message_types = self.messages(proto.message_type, scope, None, file.features)
        file.enum_types = self.enums(proto.enum_type, scope, None, file.features)
        file.extensions = self.extensions(proto.extension, scope, None, file.features)
        services = tuple(
            [
                self.declared(ServiceDescription(one, self.joined(scope, one.name), file, i))
                for i, one in enumerate(proto.service)
            ]
        )
        for field, declaration, where in self.unlinked:
            self.link(field, declaration, where)
        for service, declaration in zip(services, proto.service, strict=True):
            for method, one in zip(service.methods, declaration.method, strict=True):
                self.declared(method)
                method.input_type = self.message_named(one.input_type, service.full_name)
                method.output_type = self.message_named(one.output_type, service.full_name)
        for message in file.messages():
            message.seal()
        file.seal(services)
        return file

    def declared(self, description: Any) -> Any:
        """Notes a name, which must be new."""
        name = description.full_name
        if name in self.symbols or name in self.known:
            other = (self.symbols.get(name) or self.known[name]).file.name
            raise SchemaError(f"{name} is declared twice, in {other} and in {self.file.name}")
        self.symbols[name] = description
        return description

    @staticmethod
    def joined(scope: str, name: str) -> str:
        return f"{scope}.{name}" if scope else name

    def messages(
        self, protos: Any, scope: str, owner: MessageDescription | None, features: Features
    ) -> tuple[MessageDescription, ...]:
        found = []
        for i, proto in enumerate(protos):
            name = self.joined(scope, proto.name)
            one = self.declared(MessageDescription(proto, name, self.file, i, features, owner))
            self.fill(one, proto)
            found.append(one)
        return tuple(found)

    def fill(self, message: MessageDescription, proto: Any) -> None:
        """What a message type holds."""
        name, inherited = message.full_name, message.features
        message.oneofs = tuple(
            [
                self.declared(OneofDescription(one, message, i))
                for i, one in enumerate(proto.oneof_decl)
            ]
        )
        message.fields = tuple([self.field(one, message, i) for i, one in enumerate(proto.field)])
        for oneof in message.oneofs:
            oneof.fields = tuple([f for f in message.fields if f.containing_oneof is oneof])
        message.nested_types = self.messages(proto.nested_type, name, message, inherited)
        message.enum_types = self.enums(proto.enum_type, name, message, inherited)
        message.extensions = self.extensions(proto.extension, name, message, inherited)

    def field(self, proto: Any, owner: MessageDescription, index: int) -> FieldDescription:
        oneof = None
        if proto.HasField("oneof_index"):
            if not 0 <= proto.oneof_index < len(owner.oneofs):
                where, count = f"{owner.full_name}.{proto.name}", len(owner.oneofs)
                raise SchemaError(f"{where}: oneof {proto.oneof_index} of {count}")
            oneof = owner.oneofs[proto.oneof_index]
        name = f"{owner.full_name}.{proto.name}"
        parent = owner.features if oneof is None else oneof.features
        field = FieldDescription(proto, name, self.file, index, parent, oneof)
        field.containing_type = owner
        self.unlinked.append((field, proto, owner.full_name))
        return self.declared(field)  # type: ignore[no-any-return]

    def extensions(
        self, protos: Any, scope: str, owner: MessageDescription | None, features: Features
    ) -> tuple[FieldDescription, ...]:
        found = []
        for i, proto in enumerate(protos):
            name = self.joined(scope, proto.name)
            one = self.declared(FieldDescription(proto, name, self.file, i, features, None))
            one.is_extension = True
            one.extension_scope = owner
            self.unlinked.append((one, proto, scope))
            found.append(one)
        return tuple(found)

    def enums(
        self, protos: Any, scope: str, owner: MessageDescription | None, features: Features
    ) -> tuple[EnumDescription, ...]:
        found = []
        for i, proto in enumerate(protos):
            name = self.joined(scope, proto.name)
            one = self.declared(EnumDescription(proto, name, self.file, i, features, owner))
            if not one.values:
                raise SchemaError(f"{self.file.name}: enum {name} has no values")
            for value in one.values:
                self.declared(value)
            found.append(one)
        return tuple(found)

    def link(self, field: FieldDescription, proto: Any, scope: str) -> None:
        owner = field.containing_type if not field.is_extension else None
        if owner is None:
            owner = self.message_named(proto.extendee, scope)
        target = self.resolved(proto.type_name, scope) if proto.type_name else None
        if not field.type and target is not None:
            field.type = ENUM if isinstance(target, EnumDescription) else MESSAGE
        if field.type == 0 or (target is None and field.type in NAMED):
            raise SchemaError(f"{self.file.name}: {field.full_name} has no type")
        if target is not None and type(target) is not NAMED.get(field.type):
            raise SchemaError(f"{field.full_name}: {target.full_name} is no type for this field")
        try:
            field.link(owner, target)
        except (ValueError, KeyError, OverflowError) as error:
            raise SchemaError(
                f"{field.full_name}: default {proto.default_value!r} is no value of its type"
            ) from error

    def message_named(self, name: str, scope: str) -> MessageDescription:
        found = self.resolved(name, scope)
        if not isinstance(found, MessageDescription):
            raise SchemaError(f"{self.file.name}: {name} is no message type")
        return found

    def resolved(self, name: str, scope: str) -> MessageDescription | EnumDescription:
        """The type of that name: after a dot as it stands, else from the inside outwards."""
        if name.startswith("."):
            candidates = [name[1:]]
        else:
            parts = scope.split(".") if scope else []
            candidates = [".".join([*parts[:end], name]) for end in range(len(parts), -1, -1)]
        for candidate in candidates:
            found = self.symbols.get(candidate) or self.known.get(candidate)
            if isinstance(found, MessageDescription | EnumDescription):
                return found
        raise SchemaError(f"{self.file.name}: no type {name.lstrip('.')!r}, used in {scope!r}")
