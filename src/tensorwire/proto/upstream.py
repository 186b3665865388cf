"""Classes from upstream's, compiled from its descriptors."""

from __future__ import annotations

from tensorwire._core.message import Message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    M = TypeVar("M")


def message_class(source: type[M]) -> type[M]:
    """A class that behaves like the upstream class or descriptor given, at our speed.

    The same class for the same descriptor; nothing global changes. One of our own classes is
    returned as it is, and one of our descriptions gives its class. Its decode errors are both
    `tensorwire.DecodeError` and ``google.protobuf.message.DecodeError``. Raises: ``TypeError`` for
    what has no message descriptor.
    """
    if isinstance(source, type) and issubclass(source, Message) and source is not Message:
        return source
    descriptor: Any = getattr(source, "DESCRIPTOR", source)
    if not hasattr(descriptor, "fields_by_number"):
        raise TypeError(f"an upstream message class is needed, not {source!r}")
    from tensorwire.proto.pool import Pool

    pool = descriptor.file.pool
    if isinstance(pool, Pool):
        found: type[M] = pool.class_of(descriptor)
        return found
    from tensorwire.proto.upstream_pool import pool_of

    own = pool_of(descriptor)
    own.load(descriptor.file)
    return own.class_named(descriptor.full_name)


def learn_extension(descriptor: Any) -> None:
    """Makes an extension of an upstream pool known that was found after its class was made."""
    from tensorwire.proto.upstream_pool import pool_of

    pool_of(descriptor).load(descriptor.file)
