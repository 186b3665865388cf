"""What records may come in: every kind of input as chunks of rows, without copying."""

from __future__ import annotations

from tensorwire._core.message import Message
from tensorwire._core.rows import Rows
from tensorwire._core.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["chunks_of", "is_pair"]

ACCEPTED = (
    "bytes of one message, a message, a list of bytes, an Arrow array of binary, "
    "or a pair (buffer, offsets)"
)

# Formats of bytes: NumPy's, Arrow's, those of `ctypes`.
BYTES = ("B", "b", "c")

# Formats of numbers of more than a byte, which are no record: Python's `struct`.
NUMBERS = tuple("hHiIlLqQnNefd")


def chunks_of(records: Any) -> list[Rows]:
    """The rows of any kind of input.

    Copies: nothing, but for messages that were changed (they are encoded), messages in several
    pieces, and records of a list that are neither ``bytes`` nor None.
    Raises: ``TypeError`` for anything else.
    """
    if isinstance(records, Rows):
        return [records]
    if isinstance(records, Message):
        return [_message(records)]
    if isinstance(records, bytes | bytearray | memoryview | Source):
        return [_one(records)]
    if is_pair(records):
        if memoryview(records[1]).ndim != 1:
            raise TypeError("offsets has one dimension")
        return [Rows.of_offsets(*records)]
    if hasattr(records, "__arrow_c_array__") or hasattr(records, "__arrow_c_stream__"):
        return _arrow(records)
    if isinstance(records, list | tuple):
        return list(records) if _are_chunks(records) else [Rows.of_list(records)]
    return [_others(records)]


def _are_chunks(records: Any) -> bool:
    return len(records) > 0 and isinstance(records[0], Rows)


def _message(message: Message) -> Rows:
    """One row: where the message lies, or what it is encoded to."""
    from tensorwire._core.payload import extent
    from tensorwire.proto.access import changed, raw

    where = None if changed(message) else extent(message)
    if where is not None:
        owner, start, stop = where
        return _span(owner, start, stop - start)
    cls: Any = message
    return _one(cls.SerializePartialToString() if changed(message) else raw(message))


def _one(buffer: Any) -> Rows:
    if isinstance(buffer, bytearray):
        buffer = bytes(buffer)
    return _span(buffer, 0, memoryview(buffer).nbytes)


def _span(buffer: Any, start: int, length: int) -> Rows:
    from array import array

    return Rows.of_spans(buffer, array("q", [start]), array("q", [length]))


def is_pair(records: Any) -> bool:
    """Whether it is ``(buffer, offsets)``, right or wrong, rather than two records."""
    if not isinstance(records, tuple) or len(records) != 2:
        return False
    try:
        view = memoryview(records[1])
    except (TypeError, ValueError):  # of NumPy, for what no buffer can hold
        return False
    return view.format[-1:] in NUMBERS


def _arrow(records: Any) -> list[Rows]:
    from tensorwire.columns.arrow.reading import binary_chunks

    rows = []
    for chunk in binary_chunks(records):
        if chunk.kind == "views":
            made = Rows.of_views(chunk.views, chunk.data, chunk.validity, chunk.bit_offset)
        else:
            made = Rows.of_offsets(chunk.data[0], chunk.offsets, chunk.validity, chunk.bit_offset)
        rows.append(made)
    return rows


def _others(records: Any) -> Rows:
    """Object arrays, Series without Arrow, generators, mapped files."""
    if isinstance(records, str | type):
        raise TypeError(f"records are {ACCEPTED}; not {type(records).__name__}")
    dtype = getattr(records, "dtype", None)
    if getattr(dtype, "kind", "") == "S":
        raise TypeError(f"NumPy's {dtype} drops trailing zero bytes: pass an array of dtype object")
    try:
        view = memoryview(records)
    except TypeError:
        view = None
    if view is not None and view.format[-1:] in BYTES and view.ndim == 1:
        return _one(records)
    if hasattr(records, "read") or hasattr(records, "__fspath__"):
        raise TypeError(f"records are {ACCEPTED}; files are read by scan(path, cls, paths)")
    try:
        return Rows.of_list(list(records))
    except TypeError as error:
        if "record" in str(error):
            raise
        raise TypeError(f"records are {ACCEPTED}; not {type(records).__name__}") from None
