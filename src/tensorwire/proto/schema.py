"""Schema: the message types of one set of ``.proto`` files, and their classes."""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType

from tensorwire.near import AbsentName
from tensorwire.proto.tables import TableWorld

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType
    from typing import Any

    from tensorwire.proto.description import FieldDescription, FileDescription
    from tensorwire.proto.enum_type import EnumType
    from tensorwire.proto.worlds import PoolWorld

    Path = str | os.PathLike[str]


class Schema:
    """Message types by full name: ``schema["onnx.ModelProto"]`` is its class, made on first use.

    A schema never changes, and its classes read any bytes that its types describe. Made by one of
    the ``from_`` methods.
    """

    def __init__(self, world: TableWorld | PoolWorld) -> None:
        self._world = world

    @classmethod
    def from_table(cls, table: ModuleType) -> Schema:
        """The schema of a shipped table: a module with ``SYNTAX``, ``MESSAGES`` and ``ENUMS``."""
        return cls(TableWorld(table))

    @classmethod
    def from_descriptor_set(cls, source: bytes | bytearray | memoryview | Path) -> Schema:
        """The schema of an encoded FileDescriptorSet, or of one FileDescriptorProto.

        ``source``: the bytes, or the path of a file of them, as ``protoc -o`` writes it with
        ``--include_imports``. Raises: ``SchemaError`` where an import is missing or a type
        unknown, ``DecodeError``, ``UnsupportedError`` for an edition that came after us.
        """
        from tensorwire.proto.worlds import PoolWorld

        return cls(PoolWorld.from_descriptor_set(source))

    @classmethod
    def from_pb2(cls, source: Any) -> Schema:
        """The schema of an upstream module or message class, and of all that its file imports.

        Its classes are those that `message_class` gives.
        """
        from tensorwire.proto.upstream_pool import world_of

        return cls(world_of(source))

    @classmethod
    def from_proto(cls, path: Path, include: Path | Iterable[Path] = ()) -> Schema:
        """The schema of a ``.proto`` file, with what it imports.

        ``include``: folders to look for imports in, or one; first of all, that of the file, if it
        lies in none of them. Raises: ``SchemaError`` with file and line for what does not compile,
        ``ImportError`` without the extra ``tensorwire[schema]``.
        """
        from tensorwire.proto.protoc import compile_file
        from tensorwire.proto.worlds import PoolWorld

        return cls(PoolWorld.from_compiler(*compile_file(path, include)))

    @classmethod
    def from_proto_text(cls, text: str, include: Path | Iterable[Path] = ()) -> Schema:
        """The same for the text of a ``.proto`` file."""
        from tensorwire.proto.protoc import compile_text
        from tensorwire.proto.worlds import PoolWorld

        return cls(PoolWorld.from_compiler(*compile_text(text, include)))

    @property
    def files(self) -> tuple[FileDescription, ...]:
        """Descriptions of the files, and through them of everything they declare."""
        return self._world.files()

    @cached_property
    def enums(self) -> Mapping[str, EnumType]:
        """Every enum by full name."""
        from tensorwire.proto.enum_type import EnumType

        enums = [enum for file in self.files for enum in file.enums()]
        return MappingProxyType({enum.full_name: EnumType(enum) for enum in enums})

    @cached_property
    def extensions(self) -> Mapping[str, FieldDescription]:
        """Every extension by full name."""
        extensions = [one for file in self.files for one in file.all_extensions()]
        return MappingProxyType({one.full_name: one for one in extensions})

    def to_proto(self, name: str | None = None) -> str:
        """The text of a ``.proto`` file: of the one named, or of the schema's first.

        Compiling the text gives an equal schema. Raises: ``KeyError`` for an unknown name.
        """
        from tensorwire.proto.printer import proto_text

        files = {file.name: file for file in self.files}
        if name is None:
            name = next(iter(files), None)
        if name not in files:
            raise KeyError(f"no file {name!r}; there are {list(files)}")
        return proto_text(files[name])

    def __getitem__(self, name: str) -> type[Any]:
        """The class of the type with that full name. Raises: ``KeyError`` that lists near names."""
        try:
            return self._world.class_named(name)
        except KeyError:
            raise AbsentName("message type", name, tuple(self)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._world.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._world.names())

    def __len__(self) -> int:
        return len(self._world.names())

    def __repr__(self) -> str:
        return f"<Schema of {len(self)} message types>"
