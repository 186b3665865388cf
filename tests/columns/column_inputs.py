"""The same records in every form that columns are made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from column_cases import Case, lists_of
from column_oracle import plain

FILL = [b"\xff\xff", None, b"\x08\x01"]


def in_one_buffer(rows: list[bytes]) -> tuple[bytes, np.ndarray]:
    """The buffer, and where each row begins, with the end of the last."""
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return b"".join(rows), offsets


def pairs(rows: list[bytes]) -> Iterator[tuple[str, Any]]:
    """Forms that have no nulls."""
    data, offsets = in_one_buffer(rows)
    yield "int64 offsets", (data, offsets)
    yield "int32 offsets", (data, offsets.astype(np.int32))
    yield "offsets from within", (b"\xff\xff" + data + b"\xff", offsets + 2)
    yield "memory views", (memoryview(bytearray(data)), memoryview(offsets))
    yield "array of bytes", (np.frombuffer(bytearray(data), np.uint8), offsets)


def arrow(rows: list[bytes | None]) -> Iterator[tuple[str, Any]]:
    """Arrays of Arrow, of pyarrow's making."""
    import pyarrow as pa

    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        whole = pa.array(rows, kind)
        yield f"{kind}", whole
        yield f"{kind} sliced", pa.array([*FILL, *rows, *FILL], kind)[3:-3]
        cut = len(rows) // 3
        parts = [whole[:cut], pa.array([], kind), whole[cut:]]
        yield f"{kind} chunked", pa.chunked_array(parts, kind)
        yield f"{kind} sliced twice", pa.array([*FILL, *rows], kind)[1:][2:]
    yield "table", pa.table({"records": pa.array(rows, pa.binary())})


def forms(rows: list[bytes | None]) -> Iterator[tuple[str, Any]]:
    """``(name, records)`` of every form."""
    yield "tuple", tuple(rows)
    if None not in rows:
        yield from pairs(rows)  # type: ignore[arg-type]
    yield from arrow(rows)


def plain_lists(columns: Any) -> dict[str, Any]:
    return {path: plain(values) for path, values in lists_of(columns).items()}


def errors_of(columns: Any) -> list[Any]:
    return [(error.row, error.offset, error.path, error.reason) for error in columns.errors]


def check(case: Case) -> int:
    """Every form gives the columns of the list, and so does any number of threads."""
    first = case.decode()
    wanted, errors = plain_lists(first), errors_of(first)
    for threads in (1, 2, 3, 8):
        again = case.decode(threads=threads)
        assert plain_lists(again) == wanted and errors_of(again) == errors, f"{threads} threads"
    for name, records in forms(case.rows):
        parts = case.decode(records, threads=2)
        assert plain_lists(parts) == wanted and errors_of(parts) == errors, f"{name}, 2 threads"
        columns = case.decode(records)
        assert list(columns) == list(first), name
        assert errors_of(columns) == errors, (name, errors_of(columns), errors)
        assert plain_lists(columns) == wanted, name
    return len(wanted)
