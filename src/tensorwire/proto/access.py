"""Functions on messages: parsing from a source, and their bytes without copying."""

from __future__ import annotations

import os

from tensorwire._core.edited import put as _put
from tensorwire._core.message import Message
from tensorwire._core.payload import extent, is_changed, pieces, span
from tensorwire._core.payload import gather as _gather
from tensorwire._core.source import Source
from tensorwire._core.unknown import unknown_fields as _unknown_fields
from tensorwire.errors import LayoutError
from tensorwire.limits import DEFAULT, Limits
from tensorwire.mapping import open_descriptor, source_of_descriptor
from tensorwire.proto.classes import type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from _typeshed import ReadableBuffer

    from tensorwire.proto.unknown import UnknownFieldSet

    M = TypeVar("M")


def parse(
    cls: type[M],
    source: Source | ReadableBuffer | str | os.PathLike[str],
    start: int = 0,
    stop: int | None = None,
    limits: Limits | None = None,
    *,
    borrow: bool = False,
) -> M:
    """A message of class ``cls`` read from ``[start, stop)`` of a buffer, or of the file of a path.

    Copies: nothing of ``bytes`` and of a file, which is mapped (small ones are read); any other
    buffer once, unless ``borrow``: the caller then leaves it as it is, for as long as the message
    and what was read from it live. They keep it alive.
    Raises: ``DecodeError`` with reason, offset from the start of the source, and field path;
    ``ValueError`` for a range outside of it; ``OSError`` as the system has it.
    """
    if isinstance(source, (str, os.PathLike)):
        source = _file(source)
    elif not isinstance(source, Source):
        source = Source(source, borrow=borrow)
    stop = source.size if stop is None else stop
    message: M = type_of(cls).parse(source, start, stop, (limits or DEFAULT).depth)
    return message


def _file(path: str | os.PathLike[str]) -> Source:
    """The bytes of a file. One without any is a message too, whose fields are all unset."""
    descriptor = open_descriptor(path)
    try:
        if os.fstat(descriptor).st_size == 0:
            return Source.read(path, descriptor=descriptor)
        return source_of_descriptor(descriptor, path)
    finally:
        os.close(descriptor)


def view(message: Any, name: str) -> memoryview:
    """The payload of a string or bytes field, of a message field, or of a packed run.

    Read-only; keeps the message's bytes alive. Copies: nothing.
    Raises: ``ValueError`` for an unknown field, ``LayoutError`` for one in several runs.
    """
    where = span(message, name)
    if where is None:
        raise LayoutError(f"{name} is split over several runs; use gather()")
    owner, start, stop = where
    return _window(owner, start, stop)


def put(message: Any, name: str, data: Any) -> None:
    """Sets a bytes field to the bytes of a buffer or array, without copying until it is encoded.

    Copies: nothing, unless the buffer is not contiguous. Lifetime: the message keeps the buffer;
    what is written into it later is what will be read and encoded. An empty one clears the field
    under implicit presence, as assignment does.
    Raises: ``ValueError`` if the field is no singular bytes field, ``TypeError`` for no buffer.
    """
    _put(message, name, _bytes_of(data))


def _bytes_of(data: Any) -> memoryview:
    """One dimension of bytes over what a buffer holds, in C order."""
    if hasattr(data, "__array_interface__"):  # types from ml_dtypes have no buffer of their own
        data = data.reshape(-1).view("u1") if data.flags.c_contiguous else data.tobytes()
    window = memoryview(data)
    if not window.c_contiguous or window.nbytes == 0:
        window = memoryview(window.tobytes())
    return window.cast("B").toreadonly()


def run(message: Any, name: str) -> tuple[Source | bytes | memoryview, int, int] | None:
    """``(source, offset, nbytes)`` of a field that lies in one run, None for one in several.

    ``source`` is the `Source` or ``bytes`` the message lies on; of a field that was changed, what
    holds its bytes now. An absent field is a run of 0 bytes.
    Raises: ``ValueError`` for an unknown field.
    """
    where = span(message, name)
    if where is None:
        return None
    owner, start, stop = where
    return owner, start, stop - start


def changed(message: Any) -> bool:
    """Whether anything was written to the message, or below it, since it was parsed."""
    return is_changed(message)


def gather(message: Any, name: str) -> bytes:
    """All payloads of a field, one behind the other: of numbers, always one valid packed run.

    Copies: the field's bytes, once.
    """
    return _gather(message, name)


def raw(message: Message) -> bytes:
    """The bytes that a message was read from.

    Copies: nothing if the message is a whole ``bytes`` object, else its bytes once.
    """
    where = extent(message)
    if where is None:
        return pieces(message)
    owner, start, stop = where
    if isinstance(owner, bytes) and stop - start == len(owner):
        return owner
    return bytes(_window(owner, start, stop))


def unknown_fields(message: Any) -> UnknownFieldSet:
    """The fields of a message that its type does not know, as upstream's ``UnknownFieldSet``.

    Copies: their payloads. What is inside submessages belongs to these.
    """
    from tensorwire.proto.unknown import unknown_field_set

    return unknown_field_set(_unknown_fields(message))


def _window(owner: bytes | memoryview | Source, start: int, stop: int) -> memoryview:
    if isinstance(owner, Source):
        return owner.span(start, stop - start)
    return memoryview(owner)[start:stop].toreadonly()
