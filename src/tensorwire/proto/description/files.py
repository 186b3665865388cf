"""Files: what one ``.proto`` declares at its top."""

from __future__ import annotations

from tensorwire.proto import features as rules
from tensorwire.proto.description.base import Description, by_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tensorwire.proto.description.enums import EnumDescription
    from tensorwire.proto.description.fields import FieldDescription
    from tensorwire.proto.description.messages import MessageDescription
    from tensorwire.proto.description.services import ServiceDescription
    from tensorwire.proto.pool import Pool


class FileDescription(Description):
    """A file. Its features are those of its edition, less what its options change."""

    __slots__ = (
        "dependencies",
        "edition",
        "enum_types",
        "enum_types_by_name",
        "extensions",
        "extensions_by_name",
        "message_types",
        "message_types_by_name",
        "package",
        "pool",
        "public_dependencies",
        "serialized_pb",
        "services_by_name",
    )

    DECLARATION, OPTIONS = "FileDescriptorProto", "FileOptions"

    def __init__(
        self, proto: Any, data: bytes, pool: Pool, dependencies: tuple[FileDescription, ...]
    ) -> None:
        self.edition = rules.edition_of(proto)
        features = rules.merged(rules.DEFAULTS[self.edition], proto)
        super().__init__(proto, proto.name, self, 0, features)
        self.package: str = proto.package
        self.serialized_pb = data
        self.pool = pool
        self.dependencies = dependencies
        self.public_dependencies = tuple([dependencies[i] for i in proto.public_dependency])
        self.message_types: tuple[MessageDescription, ...] = ()
        self.enum_types: tuple[EnumDescription, ...] = ()
        self.extensions: tuple[FieldDescription, ...] = ()
        self.services_by_name: Mapping[str, ServiceDescription] = {}

    def seal(self, services: tuple[ServiceDescription, ...]) -> None:
        """Makes the mappings."""
        self.message_types_by_name: Mapping[str, MessageDescription] = by_name(self.message_types)
        self.enum_types_by_name: Mapping[str, EnumDescription] = by_name(self.enum_types)
        self.extensions_by_name: Mapping[str, FieldDescription] = by_name(self.extensions)
        self.services_by_name = by_name(services)

    def messages(self) -> Iterator[MessageDescription]:
        """Every message type of the file, nested ones behind those that hold them."""
        pending = list(reversed(self.message_types))
        while pending:  # progress: nesting is finite
            one = pending.pop()
            yield one
            pending.extend(reversed(one.nested_types))

    def enums(self) -> Iterator[EnumDescription]:
        """Every enum type of the file."""
        yield from self.enum_types
        for message in self.messages():
            yield from message.enum_types

    def all_extensions(self) -> Iterator[FieldDescription]:
        """Every extension that the file declares, at its top or in a message."""
        yield from self.extensions
        for message in self.messages():
            yield from message.extensions
