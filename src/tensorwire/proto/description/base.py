"""What all descriptions share: a name, a file, options, and the declaration they were read from."""

from __future__ import annotations

from types import MappingProxyType

from tensorwire.proto.access import raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from tensorwire.proto.description.files import FileDescription
    from tensorwire.proto.features import Features


class Description:
    """One declaration of a file. Frozen once its file was linked."""

    __slots__ = ("_options", "declaration", "features", "file", "full_name", "index", "name")

    # The types of google/protobuf/descriptor.proto that declare and configure such a thing.
    DECLARATION = ""
    OPTIONS = ""

    def __init__(
        self, proto: Any, full_name: str, file: FileDescription, index: int, features: Features
    ) -> None:
        self.declaration = proto
        self._options: Any = None
        self.name: str = proto.name
        self.full_name = full_name
        self.file = file
        self.index = index
        self.features = features

    @property
    def has_options(self) -> bool:
        """Whether any option was written."""
        return bool(self.declaration.HasField("options"))

    def GetOptions(self) -> Any:
        """The options as a message, an empty one where none was written, without the features."""
        if self._options is None:
            options = self.all_options()
            options.ClearField("features")
            self._options = options
        return self._options

    def all_options(self) -> Any:
        """The options as a message of its own, features among them."""
        data = raw(self.declaration.options) if self.has_options else b""
        return self.file.pool.option_class(self.OPTIONS).FromString(data)

    def CopyToProto(self, proto: Any) -> None:
        """Makes ``proto``, a message of the declaration's type, equal to the declaration.

        Raises: ``TypeError`` for a message of another type.
        """
        wanted = f"google.protobuf.{self.DECLARATION}"
        if proto.DESCRIPTOR.full_name != wanted:
            raise TypeError(f"a {wanted} is needed, not a {proto.DESCRIPTOR.full_name}")
        proto.Clear()
        proto.MergeFromString(raw(self.declaration))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.full_name}>"


def by_name(descriptions: Iterable[Any]) -> Mapping[str, Any]:
    """A read-only mapping from names."""
    return MappingProxyType({one.name: one for one in descriptions})
