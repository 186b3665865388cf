"""Our side of upstream's descriptor pools: one world of classes for each."""

from __future__ import annotations

import threading

from tensorwire.proto import well_known
from tensorwire.proto.class_names import names_of
from tensorwire.proto.classes import make_class
from tensorwire.proto.members import members_of
from tensorwire.proto.pool import Pool
from tensorwire.proto.upstream_errors import UpstreamDecodeError
from tensorwire.proto.worlds import PoolWorld, closure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tensorwire._core.plan import PlanSet
    from tensorwire.proto.description import (
        FieldDescription,
        FileDescription,
        MessageDescription,
    )

_lock = threading.Lock()
# Upstream's pools cannot be referred to weakly, and classes are to stay the same.
_pools: dict[Any, UpstreamPool] = {}


def pool_of(descriptor: Any) -> UpstreamPool:
    """Our side of the pool that an upstream descriptor lies in."""
    upstream = getattr(descriptor, "file", descriptor).pool
    with _lock:
        if upstream not in _pools:
            _pools[upstream] = UpstreamPool(upstream)
        return _pools[upstream]


class UpstreamPool(Pool):
    """The files of an upstream pool, as far as they were asked for."""

    def __init__(self, upstream: Any) -> None:
        super().__init__(UpstreamDecodeError)
        self._upstream = upstream

    def load(self, file: Any) -> FileDescription:
        """The description of an upstream file, read with all that it imports."""
        with self._lock:
            found = self._load(file)
            self._extend(self._outgrown)
            return found

    def _load(self, file: Any) -> FileDescription:
        pending = [file]
        while pending:  # progress: imports have no cycles, and each is read once
            one = pending.pop()
            missing = [other for other in one.dependencies if other.name not in self._files]
            if missing:
                pending += [one, *missing]
            elif one.name not in self._files:
                self._describe(one.serialized_pb)
        return self._files[file.name]

    def known_extensions(self, message: MessageDescription) -> dict[int, FieldDescription]:
        """The extensions of a type, by number: what upstream's pool knows of by now."""
        descriptor = self._upstream.FindMessageTypeByName(message.full_name)
        for extension in self._upstream.FindAllExtensions(descriptor):
            self._load(extension.file)
        return super().known_extensions(message)

    def _make_class(self, plans: PlanSet, index: int) -> type[Any]:
        """With upstream's own descriptors, and as an instance of what upstream's are."""
        from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
        from google.protobuf.message import Message as UpstreamMessage

        descriptor = self._upstream.FindMessageTypeByName(plans.messages[index][0])
        bases = (*well_known.bases_of(descriptor.full_name), UpstreamMessage)
        members = members_of(descriptor, plans, EnumTypeWrapper) | names_of(descriptor)
        members |= well_known.members_of(descriptor.full_name)
        return make_class(plans, index, members, bases)


def world_of(source: Any) -> PoolWorld:
    """The file of an upstream module, class or descriptor, and all that it imports.

    Raises: ``TypeError`` for what has no descriptor.
    """
    descriptor = getattr(source, "DESCRIPTOR", source)
    file = getattr(descriptor, "file", descriptor)
    if not hasattr(file, "serialized_pb"):
        raise TypeError(f"an upstream module or message class is needed, not {source!r}")
    if isinstance(file.pool, Pool):
        return PoolWorld(file.pool, closure(file))
    pool = pool_of(file)
    return PoolWorld(pool, closure(pool.load(file)))
