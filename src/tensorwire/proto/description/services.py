"""Services and methods: described, not called."""

from __future__ import annotations

from tensorwire.proto.description.base import Description, by_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tensorwire.proto.description.files import FileDescription
    from tensorwire.proto.description.messages import MessageDescription


class ServiceDescription(Description):
    """A service."""

    __slots__ = ("methods", "methods_by_name")

    DECLARATION, OPTIONS = "ServiceDescriptorProto", "ServiceOptions"

    def __init__(self, proto: Any, full_name: str, file: FileDescription, index: int) -> None:
        super().__init__(proto, full_name, file, index, file.features)
        self.methods = tuple(
            [MethodDescription(method, self, i) for i, method in enumerate(proto.method)]
        )
        self.methods_by_name: Mapping[str, MethodDescription] = by_name(self.methods)

    def FindMethodByName(self, name: str) -> MethodDescription:
        """The method of that name. Raises ``KeyError``."""
        return self.methods_by_name[name]


class MethodDescription(Description):
    """A method of a service. Its types are known once the file is linked."""

    __slots__ = (
        "client_streaming",
        "containing_service",
        "input_type",
        "output_type",
        "server_streaming",
    )

    DECLARATION, OPTIONS = "MethodDescriptorProto", "MethodOptions"

    input_type: MessageDescription
    output_type: MessageDescription

    def __init__(self, proto: Any, service: ServiceDescription, index: int) -> None:
        full_name = f"{service.full_name}.{proto.name}"
        super().__init__(proto, full_name, service.file, index, service.features)
        self.containing_service = service
        self.client_streaming = bool(proto.client_streaming)
        self.server_streaming = bool(proto.server_streaming)
