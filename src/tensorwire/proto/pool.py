"""Pool: the files of one world of types, in which each type has one description and one class."""

from __future__ import annotations

import threading

from tensorwire._core.plan import MAX_FIELD_NUMBER, PlanSet
from tensorwire.errors import DecodeError, SchemaError
from tensorwire.proto import well_known
from tensorwire.proto.classes import make_class
from tensorwire.proto.compiler import compiled, field_spec, named_files
from tensorwire.proto.description import (
    EnumDescription,
    FieldDescription,
    FileDescription,
    MessageDescription,
    OneofDescription,
    ServiceDescription,
)
from tensorwire.proto.description.builder import Builder
from tensorwire.proto.description.services import MethodDescription
from tensorwire.proto.members import members_of
from tensorwire.proto.own import own_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from tensorwire.proto.description.base import Description

    D = TypeVar("D", bound=Description)


class Pool:
    """Files by name, and what they declare by full name; only ever added to.

    Its lookups have upstream's names, and raise ``KeyError`` for what is not there.
    Threads: files are added and compiled under one lock; lookups need none.
    """

    def __init__(self, error: type[DecodeError] = DecodeError) -> None:
        self._error = error
        self._lock = threading.RLock()
        self._files: dict[str, FileDescription] = {}
        self._symbols: dict[str, Description] = {}
        self._packages: set[str] = set()
        self._extensions: dict[MessageDescription, dict[int, FieldDescription]] = {}
        self._plans: dict[FileDescription, PlanSet] = {}
        # Compiled types whose plans do not know all their extensions yet.
        self._outgrown: list[MessageDescription] = []

    # -- adding ----------------------------------------------------------------------------

    def AddSerializedFile(self, data: bytes) -> FileDescription:
        """Describes the file of an encoded FileDescriptorProto, whose imports are there already.

        The same bytes again give the same file. Raises: ``SchemaError``, ``DecodeError``.
        """
        with self._lock:
            file = self._describe(data)
            self._extend(self._outgrown)
            return file

    def adopt(self, data: bytes, plans: PlanSet) -> None:
        """Describes a file whose plans are there already."""
        with self._lock:
            self._plans[self._describe(data)] = plans

    def _describe(self, data: bytes) -> FileDescription:
        """REQUIRES: the lock. Types that the file extends are left in ``_outgrown``."""
        proto = own_class("FileDescriptorProto").FromString(data)
        known = self._files.get(proto.name)
        if known is not None:
            if known.serialized_pb != data:
                raise SchemaError(f"two different files are named {proto.name}")
            return known
        missing = [name for name in proto.dependency if name not in self._files]
        if missing:
            raise SchemaError(f"{proto.name} imports {missing[0]}, which is not there")
        dependencies = tuple([self._files[name] for name in proto.dependency])
        file = FileDescription(proto, bytes(data), self, dependencies)
        builder = Builder(file, self._symbols)
        builder.build(proto)
        self._note_extensions(file)
        self._files[file.name] = file
        parts = file.package.split(".")
        self._packages.update([".".join(parts[:end]) for end in range(1, len(parts) + 1)])
        self._symbols.update(builder.symbols)
        return file

    def Add(self, file_proto: Any) -> FileDescription:
        """The same from a FileDescriptorProto, ours or upstream's."""
        return self.AddSerializedFile(file_proto.SerializeToString())

    def _note_extensions(self, file: FileDescription) -> None:
        """All of the file's, or none."""
        fresh: dict[tuple[MessageDescription, int], FieldDescription] = {}
        for extension in file.all_extensions():
            owner, number = extension.containing_type, extension.number
            known = self._extensions.get(owner, {}).get(number)
            other = fresh.setdefault((owner, number), known or extension)
            if other is not extension:
                raise SchemaError(
                    f"{extension.full_name} and {other.full_name} both extend {owner.full_name}"
                    f" with number {number}"
                )
        for (owner, number), extension in fresh.items():
            self._extensions.setdefault(owner, {})[number] = extension
            if owner.file in self._plans:
                self._outgrown.append(owner)

    # -- classes ---------------------------------------------------------------------------

    def class_of(self, message: MessageDescription) -> type[Any]:
        """The one class of a message type."""
        plans = self.plans_of(message.file)
        return plans.class_of(plans.index_of(message.full_name))

    def option_class(self, name: str) -> type[Any]:
        """The class of a type of options, with this pool's extensions if it has any."""
        found = self._symbols.get(f"google.protobuf.{name}")
        if isinstance(found, MessageDescription):
            return self.class_of(found)
        return own_class(name)

    def plans_of(self, file: FileDescription) -> PlanSet:
        """The plans of a file, made on first use with those of every file that it names."""
        found = self._plans.get(file)
        if found is not None:
            return found
        with self._lock:
            self._compile(file)
            self._extend(self._outgrown)
            return self._plans[file]

    def _compile(self, file: FileDescription) -> None:
        """Files that are named come first; there are no cycles among imports."""
        pending = [file]
        while pending:  # progress: each file is compiled once, after those it names
            one = pending.pop()
            named = named_files(one)
            missing = [other for other in named if other not in self._plans]
            if missing:
                pending += [one, *missing]
            elif one not in self._plans:
                imports = [self._plans[other] for other in named]
                self._plans[one] = compiled(one, self._make_class, self._error, imports)
                self._outgrown += [message for message in one.messages() if message.is_extendable]

    def _extend(self, messages: list[MessageDescription]) -> None:
        """Tells the plans of those types what is known to extend them."""
        while messages:  # progress: each newly compiled type enters once
            owner = messages.pop()
            plans = self._plans[owner.file]
            by_file: dict[FileDescription, list[FieldDescription]] = {}
            for extension in list(self.known_extensions(owner).values()):
                if extension.number <= MAX_FIELD_NUMBER:  # a message set's may be larger
                    by_file.setdefault(extension.file, []).append(extension)
            for file, extensions in by_file.items():
                self._compile(file)
                specs = tuple([field_spec(extension) for extension in extensions])
                plans.extend(plans.index_of(owner.full_name), specs, self._plans[file])

    def known_extensions(self, message: MessageDescription) -> dict[int, FieldDescription]:
        """The extensions of a type, by number."""
        return self._extensions.get(message, {})

    def _make_class(self, plans: PlanSet, index: int) -> type[Any]:
        message = self._find(plans.messages[index][0], MessageDescription, "message type")
        members = members_of(message, plans) | well_known.members_of(message.full_name)
        return make_class(plans, index, members, well_known.bases_of(message.full_name))

    def class_named(self, name: str) -> type[Any]:
        """The class of the message type with that full name."""
        return self.class_of(self.FindMessageTypeByName(name))

    # -- looking up ------------------------------------------------------------------------

    def files(self) -> tuple[FileDescription, ...]:
        """Every file, imports first."""
        return tuple(self._files.values())

    def declares(self, name: str) -> bool:
        """Whether anything has that full name, or a package begins with it."""
        return name in self._symbols or name in self._packages

    def _find(self, name: str, kind: type[D], what: str) -> D:
        found = self._symbols.get(name)
        if not isinstance(found, kind):
            raise KeyError(f"no {what} {name!r}")
        return found

    def FindFileByName(self, name: str) -> FileDescription:
        """The file of that name."""
        if name not in self._files:
            raise KeyError(f"no file {name!r}")
        return self._files[name]

    def FindFileContainingSymbol(self, symbol: str) -> FileDescription:
        """The file that declares a message, field, enum, extension, oneof, service or method."""
        if symbol not in self._symbols:
            raise KeyError(f"no symbol {symbol!r}")
        return self._symbols[symbol].file

    def FindMessageTypeByName(self, full_name: str) -> MessageDescription:
        """The message type of that name."""
        return self._find(full_name, MessageDescription, "message type")

    def FindEnumTypeByName(self, full_name: str) -> EnumDescription:
        """The enum of that name."""
        return self._find(full_name, EnumDescription, "enum")

    def FindOneofByName(self, full_name: str) -> OneofDescription:
        """The oneof of that name."""
        return self._find(full_name, OneofDescription, "oneof")

    def FindServiceByName(self, full_name: str) -> ServiceDescription:
        """The service of that name."""
        return self._find(full_name, ServiceDescription, "service")

    def FindMethodByName(self, full_name: str) -> MethodDescription:
        """The method of that name."""
        return self._find(full_name, MethodDescription, "method")

    def FindFieldByName(self, full_name: str) -> FieldDescription:
        """The field of that name; no extension."""
        found = self._find(full_name, FieldDescription, "field")
        if found.is_extension:
            raise KeyError(f"{full_name!r} is an extension")
        return found

    def FindExtensionByName(self, full_name: str) -> FieldDescription:
        """The extension of that name; in a message set, also that of a message's name."""
        found = self._symbols.get(full_name)
        if isinstance(found, FieldDescription) and found.is_extension:
            return found
        if isinstance(found, MessageDescription):
            for one in found.extensions:
                if one.containing_type.uses_message_set and one.message_type is found:
                    return one
        raise KeyError(f"no extension {full_name!r}")

    def FindExtensionByNumber(
        self, message_descriptor: MessageDescription, number: int
    ) -> FieldDescription:
        """The extension of a type with that number."""
        return self.known_extensions(message_descriptor)[number]

    def FindAllExtensions(self, message_descriptor: MessageDescription) -> list[FieldDescription]:
        """The extensions of a type."""
        return list(self.known_extensions(message_descriptor).values())
