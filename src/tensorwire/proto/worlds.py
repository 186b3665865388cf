"""Schemas that lie in a pool: which of its files they show."""

from __future__ import annotations

import os
from functools import cached_property

from tensorwire.errors import DecodeError, SchemaError
from tensorwire.proto.access import raw
from tensorwire.proto.own import own_class
from tensorwire.proto.pool import Pool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tensorwire.proto.description import FileDescription


class PoolWorld:
    """Some files of a pool, the most important first."""

    def __init__(self, pool: Pool, files: Iterable[FileDescription]) -> None:
        self.pool = pool
        self._files = tuple(files)

    @classmethod
    def from_descriptor_set(cls, source: Any) -> PoolWorld:
        """Every file of the set, in its order."""
        if isinstance(source, str | os.PathLike):
            with open(source, "rb") as file:
                source = file.read()
        protos = _file_protos(bytes(source))
        pool = Pool()
        add_all(pool, protos)
        return cls(pool, [pool.FindFileByName(proto.name) for proto in protos])

    @classmethod
    def from_compiler(cls, data: bytes, name: str) -> PoolWorld:
        """The file of that name first, then what it imports."""
        world = cls.from_descriptor_set(data)
        main = world.pool.FindFileByName(name)
        return cls(world.pool, closure(main))

    @cached_property
    def _classes(self) -> dict[str, Any]:
        return {one.full_name: one for file in self._files for one in file.messages()}

    def names(self) -> tuple[str, ...]:
        """The full names of the message types, without the entries of maps."""
        return tuple([name for name, one in self._classes.items() if not one.is_map_entry])

    def class_named(self, name: str) -> type[Any]:
        """The class of the type with that full name. Raises ``KeyError``."""
        return self.pool.class_of(self._classes[name])

    def files(self) -> tuple[FileDescription, ...]:
        """The files."""
        return self._files


def closure(file: FileDescription) -> list[FileDescription]:
    """A file and all that it imports, directly or not."""
    found = {file: None}
    pending = [file]
    while pending:  # progress: each file enters once
        for one in pending.pop(0).dependencies:
            if one not in found:
                found[one] = None
                pending.append(one)
    return list(found)


def add_all(pool: Pool, protos: list[Any]) -> None:
    """Adds files in any order, imports first. Raises ``SchemaError``."""
    by_name: dict[str, Any] = {}
    for proto in protos:
        if raw(by_name.setdefault(proto.name, proto)) != raw(proto):
            raise SchemaError(f"two different files are named {proto.name}")
    done: set[str] = set()
    for proto in protos:
        pending = [proto.name]
        opened: set[str] = set()
        while pending:  # progress: a file is opened once and then added
            name = pending[-1]
            missing = [one for one in by_name[name].dependency if one not in done]
            if missing and name not in opened:
                opened.add(name)
                for one in missing:
                    if one not in by_name:
                        raise SchemaError(
                            f"{name} imports {one}, which is not there (protoc's"
                            " --include_imports adds it)"
                        )
                    if one in opened:
                        raise SchemaError(f"{one} imports itself, through {name}")
                pending += missing
                continue
            pending.pop()
            if name not in done:
                done.add(name)
                pool.AddSerializedFile(raw(by_name[name]))


def _file_protos(data: bytes) -> list[Any]:
    """The files of a set; of a lone file, that one."""
    try:
        found = list(own_class("FileDescriptorSet").FromString(data).file)
    except DecodeError:
        found = []
    if data and not all([proto.name for proto in found] or [False]):
        return [own_class("FileDescriptorProto").FromString(data)]
    return found
