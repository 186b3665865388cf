"""Columns back to encoded messages: one for each row."""

from __future__ import annotations

from tensorwire._core.batch_encode import BatchEncoder
from tensorwire.columns.arguments import path_list, positive
from tensorwire.columns.binary import BinaryColumn
from tensorwire.columns.columns import Columns
from tensorwire.columns.paths import split
from tensorwire.proto.arguments import is_class, processors
from tensorwire.proto.batch.leaves import is_arrow, leaf
from tensorwire.proto.batch.matching import Entry, Matcher, entries_of
from tensorwire.proto.batch.nodes import Node, Struct, node_of
from tensorwire.proto.batch.places import Place, fault_error
from tensorwire.proto.classes import type_of
from tensorwire.proto.upstream import message_class

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from tensorwire._core.batch_encode import Block
    from tensorwire._core.parse import MessageType

__all__ = ["encode_batch"]

# Rows that one thread writes at a time. Measured on records of 60 bytes: 1024 to 8192 are alike.
CHUNK_ROWS = 4096
# Bytes that they should not take much more than, rows that tell what a row takes, and how much
# more than that there is room for.
CHUNK_BYTES = 4 << 20
FIRST_ROWS = 64
# Larger chunks for several threads, which wait for each other at every one.
PARTS_PER_THREAD = 4
MARGIN = 1.25
# Bytes of the result at first; it grows by half.
RESULT_BYTES = 1 << 28

CALL = "encode_batch(columns, cls, paths)"


def encode_batch(
    columns: Any,
    cls: type[Any],
    paths: Iterable[str] | None = None,
    *,
    threads: int | None = None,
    partial: bool = False,
) -> BinaryColumn:
    """Each row of the columns as an encoded message of class ``cls``, ours or upstream's.

    ``columns``: `Columns`; a dict of paths and columns; a table, record batch or struct array of
    any library that knows Arrow, whose names may be paths. A column of a dict is a NumPy array, a
    list with None for what is absent (of lists for repeated fields, of dicts for maps),
    ``(values, offsets)``, a `Column` or an Arrow array. ``paths``: only these are written.

    The bytes are those of upstream's deterministic ``SerializeToString`` for the same messages,
    but that entries of maps stay in the order of the columns. A value is written if it is valid,
    under implicit presence if it is not the default either. A message in a message is written
    where its struct is valid; of flat columns, where any column below it has a valid value, or a
    list that is not None (in Arrow: that is not empty). A null row gives None; flat columns have
    no null rows. Several
    columns below the same repeated field must have the same offsets. Timestamps and durations may
    be given as datetime64 and timedelta64, wrappers as their values, enums by name. What is null
    in an entry of a map is written as its default. A column of nothing but nulls fits any field,
    whatever its type.

    ``threads``: None takes one for each core; the result is the same for any number.
    ``partial``: whether required fields may be missing.
    Copies: what columns hold, twice.
    Raises: ``EncodeError`` with row and path for a value that its field cannot hold, a string that
    is no UTF-8 where the field demands it, two members of a oneof, a null in a repeated field, or
    a missing required field; ``PathError`` for an unknown name; ``TypeError``, ``ValueError`` for
    columns that do not fit the class or each other.
    """
    kind = type_of(message_class(_checked_class(columns, cls)))
    wanted = None if paths is None else tuple([split(path) for path in path_list(paths, CALL)])
    entries, rows, valid = _entries(columns, kind)
    root = Place("", None, error=kind.plans.error.encode_error)
    fields = Matcher(partial).fields(kind, entries, rows, root, wanted)
    encoder = BatchEncoder(kind, fields, rows, valid, root, partial)
    workers = processors() if threads is None else positive("threads", threads)
    return _written(encoder, rows, valid, workers)


def _checked_class(columns: Any, cls: Any) -> Any:
    if isinstance(columns, type) or hasattr(columns, "DESCRIPTOR"):
        name = getattr(columns, "__name__", type(columns).__name__)
        call = f"call encode_batch(columns, {name})"
        raise TypeError(f"{call}: the columns come first, then the class")
    if not is_class(cls):
        raise TypeError(f"call {CALL}: a message class is needed, not {type(cls).__name__}")
    return cls


def _entries(columns: Any, kind: MessageType) -> tuple[list[Entry], int, Any]:
    """The columns, how many rows they have, and which rows are there."""
    if isinstance(columns, Columns):
        return _rows(node_of(columns.data, columns.sources))
    if is_arrow(columns):
        from tensorwire.proto.batch.arrow import node_of_arrow

        return _rows(node_of_arrow(columns))
    if hasattr(columns, "items"):
        return _rows(_flat(columns, kind))
    if hasattr(columns, "data") and hasattr(columns, "sources"):
        return _rows(node_of(columns.data, columns.sources))
    raise TypeError(
        f"call {CALL}: columns are Columns, a dict of paths and arrays, or an Arrow table, "
        f"not {type(columns).__name__}"
    )


def _rows(node: Node) -> tuple[list[Entry], int, Any]:
    import numpy as np

    if not isinstance(node, Struct):
        raise TypeError("a table or an array of structs is needed, not a single column")
    valid = node.valid
    if valid is not None:
        valid = None if valid.all() else np.ascontiguousarray(valid, dtype=bool)
    return entries_of(node.fields), node.rows, valid


def _flat(columns: Mapping[str, Any], kind: MessageType) -> Struct:
    """The rows of columns by path."""
    fields = [(path, leaf(one, kind, split(path), path)) for path, one in columns.items()]
    if not fields:
        raise ValueError("there are no columns, so that there is no number of rows")
    first, node = fields[0]
    for path, other in fields:
        if other.rows != node.rows:
            raise ValueError(
                f"columns {first!r} and {path!r} have {node.rows} and {other.rows} rows"
            )
    return Struct(tuple(fields), node.rows)


def _written(encoder: BatchEncoder, rows: int, valid: Any, threads: int) -> BinaryColumn:
    """The rows in chunks. What most of the first rows take tells how large these may be."""
    import numpy as np

    sizes = np.empty(rows, dtype=np.int64)
    first = min(FIRST_ROWS, rows)
    sample = encoder.write(0, first, sizes)
    usual = int(np.median(sizes[:first]) * MARGIN) + 1 if rows else 1
    least = CHUNK_ROWS if threads == 1 else max(CHUNK_ROWS, rows // (threads * PARTS_PER_THREAD))
    step = max(1, min(least, CHUNK_BYTES // usual))

    def write(start: int) -> Block:
        return encoder.write(start, min(start + step, rows), sizes, usual * step)

    rest = range(first, rows, step)
    result = _Result(encoder, min(usual * rows, RESULT_BYTES))
    result.add(sample)
    if threads == 1 or len(rest) < 2:
        for start in rest:
            result.add(write(start))
        return result.column(sizes, valid)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(threads, len(rest))) as pool:
        for block in pool.map(write, rest):
            result.add(block)
    return result.column(sizes, valid)


class _Result:
    """Blocks behind one another, each let go of once it is copied."""

    def __init__(self, encoder: BatchEncoder, expected: int) -> None:
        import numpy as np

        self._places = encoder.places
        self._data = np.empty(expected, dtype=np.uint8)  # pages that nothing touches cost nothing
        self._size = 0

    def add(self, block: Block) -> None:
        """Raises the error of the first row that has one."""
        if block.fault is not None:
            raise fault_error(self._places, block.fault)
        size = self._size + block.size
        if size > len(self._data):
            import numpy as np

            grown = np.empty(size + size // 2, dtype=np.uint8)
            grown[: self._size] = self._data[: self._size]
            self._data = grown
        block.move_into(self._data, self._size)
        self._size = size

    def column(self, sizes: Any, valid: Any) -> BinaryColumn:
        import numpy as np

        offsets = np.zeros(len(sizes) + 1, dtype=np.int64)
        np.cumsum(sizes, out=offsets[1:])
        return BinaryColumn(self._data[: self._size], offsets, valid)
