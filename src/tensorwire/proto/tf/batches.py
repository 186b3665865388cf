"""Records in: one, an array of any shape, or a column of them."""

from __future__ import annotations

from tensorwire._core.rows import Rows
from tensorwire.proto.records import chunks_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Shape = tuple[int, ...]

__all__ = ["batch_of"]

BYTES = (bytes, bytearray, memoryview)


def batch_of(
    records: Any, change: Callable[[Any], bytes] | None = None
) -> tuple[tuple[Rows, ...], Shape]:
    """The records in order, and the shape that they came in.

    ``records``: one record (shape ``()``), an array of objects or a list, nested or not, of records,
    or a column of them: an Arrow array of binary values, or ``(buffer, offsets)``. ``change`` is
    called on each record first.
    Copies: nothing of ``bytes``; other buffers once. Raises: ``TypeError`` for what is neither.
    """
    import numpy as np

    if isinstance(records, (*BYTES, str)):
        return _rows([records], change), ()
    if isinstance(records, (list, tuple)) and not _is_pair(records):
        if not records or isinstance(records[0], (*BYTES, str)):
            return _rows(records, change), (len(records),)
        records = np.array(records, object)
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


def _is_pair(records: Any) -> bool:
    """Whether it is ``(buffer, offsets)`` rather than two records."""
    return (
        isinstance(records, tuple)
        and len(records) == 2
        and (isinstance(records[0], BYTES) or _is_bytes(records[0]))
        and not isinstance(records[1], (*BYTES, str))
    )


def _is_bytes(buffer: Any) -> bool:
    """Whether it is an array of bytes, not of records."""
    return str(getattr(buffer, "dtype", "")) in ("uint8", "int8")


def _rows(records: Any, change: Callable[[Any], bytes] | None) -> tuple[Rows, ...]:
    if change is not None:
        records = [change(one) for one in records]
    return (Rows.of_list([one.encode() if isinstance(one, str) else one for one in records]),)
