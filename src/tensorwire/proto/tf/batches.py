"""Records in: one, an array of any shape, or a column of them."""

from __future__ import annotations

from tensorwire._core.rows import Rows
from tensorwire.errors import DecodeError
from tensorwire.proto.records import chunks_of, is_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Shape = tuple[int, ...]

__all__ = ["batch_of", "framed"]

BYTES = (bytes, bytearray, memoryview)


def batch_of(
    records: Any, change: Callable[[Any], bytes] | None = None
) -> tuple[tuple[Rows, ...], Shape]:
    """The records in order, and the shape that they came in.

    ``records``: one record (shape ``()``), an array of objects or a list of records, nested or not,
    or a column of them: an Arrow array of binary values, or ``(buffer, offsets)``. ``change`` is
    called on each record first.
    Copies: nothing of ``bytes``; other buffers once. Raises: ``TypeError`` for what is neither.
    """
    import numpy as np

    if isinstance(records, (*BYTES, str)):
        return _rows([records], change), ()
    if isinstance(records, (list, tuple)) and not is_pair(records):
        if not records or not _is_nested(records[0]):
            return _rows(records, change), (len(records),)
        if not isinstance(records[0], Rows):
            records = np.array(records, object)
    if getattr(getattr(records, "dtype", None), "name", "") == "string":
        records = np.asarray(records)  # a tensor of TensorFlow
    if isinstance(records, np.ndarray) and records.dtype.kind in "OSU":
        if records.dtype.kind == "S":
            raise TypeError(
                "an array of dtype S cuts zero bytes off the end of records; use dtype object"
            )
        return _rows(records.ravel().tolist(), change), records.shape
    rows = tuple(chunks_of(records))
    if change is not None:
        raise TypeError("records to be changed first come one by one, as a list or an array")
    return rows, (sum(len(chunk) for chunk in rows),)


def framed(buffer: Any, framing: str, *, crc: bool) -> Rows:
    """The records of a buffer that holds one behind the other, as ``framing`` tells."""
    from tensorwire.proto.framing import frame_rows

    return Rows.of_spans(buffer, *frame_rows(buffer, framing, crc=crc))


def _is_nested(one: Any) -> bool:
    """Whether it is a batch rather than a record: a list, an array, a tensor."""
    return isinstance(one, (list, tuple, Rows)) or hasattr(one, "__array__")


def _rows(records: Any, change: Callable[[Any], bytes] | None) -> tuple[Rows, ...]:
    if change is not None:
        records = [_changed(row, one, change) for row, one in enumerate(records)]
    try:
        return (Rows.of_list(records),)
    except TypeError:
        if not any(isinstance(one, str) for one in records):
            raise
    return (Rows.of_list([one.encode() if isinstance(one, str) else one for one in records]),)


def _changed(row: int, record: Any, change: Callable[[Any], bytes]) -> bytes:
    try:
        return change(record)
    except DecodeError as error:
        error.row = row
        raise
