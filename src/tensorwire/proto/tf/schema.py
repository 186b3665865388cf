"""The types that TensorFlow brings along, and where the descriptors of others come from."""

from __future__ import annotations

import os
from functools import lru_cache

from tensorwire.proto.schema import Schema
from tensorwire.proto.upstream import message_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Source = str | bytes | os.PathLike[str] | Schema

__all__ = ["class_named", "schema"]

LOCAL = "local://"
BYTES = b"bytes://"

# Schemas kept for sources that come again with every call: compiling one costs milliseconds.
KEPT = 16


@lru_cache(maxsize=1)
def schema() -> Schema:
    """The `Schema` of ``tensorflow.Example``, ``SequenceExample`` and what is in them."""
    from tensorwire.proto.tf import example_table

    return Schema.from_table(example_table)


def class_named(message_type: str | type[Any], descriptor_source: Source) -> type[Any]:
    """The class of ``message_type``: a full name, or a message class, ours or upstream's.

    ``descriptor_source``: ``"local://"`` or ``""`` for the types that upstream's default pool has
    by now (those of every imported ``_pb2`` module) and those of `schema`; ``bytes://`` and the
    bytes of a FileDescriptorSet; the name of a file that holds one; or a `Schema`.
    Raises: ``ValueError`` where it has no such type, ``OSError`` for a file that cannot be read,
    ``SchemaError`` or ``DecodeError`` for a set that is wrong.
    """
    if not isinstance(message_type, str):
        return message_class(message_type)
    if isinstance(descriptor_source, Schema):
        found = descriptor_source
    elif descriptor_source in ("", b"", LOCAL, LOCAL.encode()):
        return _local(message_type)
    else:
        found = _schema_of(descriptor_source)
    if message_type not in found:
        raise _unknown(message_type, tuple(found))
    return found[message_type]


def _local(message_type: str) -> type[Any]:
    try:
        from google.protobuf.descriptor_pool import Default
    except ImportError:
        pass  # upstream is not installed: no module of its is imported either
    else:
        try:
            descriptor: Any = Default().FindMessageTypeByName(message_type)
            return message_class(descriptor)
        except KeyError:
            pass
    if message_type not in schema():
        raise _unknown(message_type, tuple(schema()))
    return schema()[message_type]


def _schema_of(source: str | bytes | os.PathLike[str]) -> Schema:
    if isinstance(source, str) and source.startswith(BYTES.decode()):
        return _schema_of_bytes(source[len(BYTES) :].encode())
    if isinstance(source, bytes) and source.startswith(BYTES):
        return _schema_of_bytes(source[len(BYTES) :])
    status = os.stat(source)
    return _schema_of_file(os.fsdecode(source), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=KEPT)
def _schema_of_bytes(data: bytes) -> Schema:
    return Schema.from_descriptor_set(data)


@lru_cache(maxsize=KEPT)
def _schema_of_file(name: str, mtime_ns: int, size: int) -> Schema:  # noqa: ARG001  a newer file
    return Schema.from_descriptor_set(name)


def _unknown(name: str, known: tuple[str, ...]) -> ValueError:
    from tensorwire.near import near_names

    near = near_names(name, known)
    hint = f"; near: {', '.join(map(repr, near))}" if near else ""
    return ValueError(f"no message type {name!r} in this descriptor source{hint}")
