"""How messages are pickled: by a reference to their class, or with the schema that made it.

- A class that its module has (made under `install`) is pickled as upstream's is, and so loads where
  nothing is installed, as upstream's then.
- Another class from upstream's is named by upstream's class.
- The class of any other schema travels as the files that describe it.
"""

from __future__ import annotations

import sys
from weakref import WeakKeyDictionary, WeakValueDictionary

from tensorwire._core.message import Message
from tensorwire.proto import seams
from tensorwire.proto.classes import type_of
from tensorwire.proto.upstream import message_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# What `_files_of` returned last: one object, so that a pickle of many messages holds it once.
_files: WeakKeyDictionary[Any, tuple[bytes, ...]] = WeakKeyDictionary()

# Pools by the files they hold: what is loaded where it was pickled gets the class that it had.
_pools: WeakValueDictionary[tuple[bytes, ...], Any] = WeakValueDictionary()


def reduce(message: Any) -> tuple[Any, ...]:
    """What ``__reduce__`` of a message returns."""
    cls = type(message)
    encoded = Message.SerializePartialToString(message)  # a field may be called so
    if _imported(cls.__module__, cls.__qualname__) is cls:
        return cls, (), {"serialized": encoded}
    pool = cls.DESCRIPTOR.file.pool
    if not hasattr(pool, "files"):  # upstream's have no such list
        return restore, (seams.original("GetMessageClass")(cls.DESCRIPTOR), encoded)
    files = _files_of(pool)
    _pools[files] = pool
    return rebuild, (files, cls.DESCRIPTOR.full_name, encoded)


def restore(source: Any, encoded: bytes) -> Any:
    """The message of our class for upstream's class ``source``."""
    return type_of(message_class(source)).FromString(encoded)


def rebuild(files: tuple[bytes, ...], full_name: str, encoded: bytes) -> Any:
    """The message of a type that the encoded FileDescriptorProtos describe, imports first."""
    return type_of(class_of_files(files, full_name)).FromString(encoded)


def class_of_files(files: tuple[bytes, ...], full_name: str) -> Any:
    """The class of a type that the encoded FileDescriptorProtos describe, imports first."""
    pool = _pools.get(files)
    if pool is None:
        from tensorwire.proto.pool import Pool

        pool = Pool()
        for file in files:
            pool.AddSerializedFile(file)
        pool = _pools.setdefault(files, pool)
    return pool.class_named(full_name)


def closure_of(files: Iterable[Any]) -> tuple[bytes, ...]:
    """The encoded files given and all that they import, imports first. Takes upstream's too."""
    found: dict[str, bytes] = {}
    pending = list(files)
    while pending:  # progress: a file stays until its imports are there, which are no circle
        file = pending[-1]
        missing = [one for one in file.dependencies if one.name not in found]
        if missing and file.name not in found:
            pending += missing
            continue
        pending.pop()
        found.setdefault(file.name, file.serialized_pb)
    return tuple(found.values())


def _files_of(pool: Any) -> tuple[bytes, ...]:
    """The encoded files of a pool, imports first: all of them, so that its types stay one world."""
    files = tuple([file.serialized_pb for file in pool.files()])
    if _files.get(pool) != files:
        _files[pool] = files
    return _files[pool]


def _imported(module: str, qualname: str) -> Any:
    """What a module has under a name now, without importing it; else None."""
    found: Any = sys.modules.get(module)
    for name in qualname.split("."):
        found = getattr(found, name, None)
    return found
