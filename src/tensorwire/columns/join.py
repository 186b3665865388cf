"""Batches of rows, one behind the other."""

from __future__ import annotations

from dataclasses import replace

from tensorwire.columns.columns import Columns
from tensorwire.columns.compact import SPANS
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.sources import Sources

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np

    from tensorwire.columns.data import AnyData
    from tensorwire.columns.validity import Valid

    Array = np.ndarray[Any, Any]
    Tree = tuple[StructData, Sources]

__all__ = ["concatenate", "join_trees"]


def concatenate(parts: Sequence[Columns], records: Sequence[int] | None = None) -> Columns:
    """The rows of all parts. Copies: all arrays; the sources are kept as they are.

    ``records``: how many records each part was made of, by which the rows of errors are counted
    on; by default as many as it has rows, which is too few where bad ones were dropped.
    Raises: ``ValueError`` for no parts, and for parts of different types, paths or options.
    """
    if not parts:
        raise ValueError("no columns to concatenate")
    first = parts[0]
    for part in parts:
        if (part.paths, part.arrow) != (first.paths, first.arrow):
            raise ValueError("columns of different paths or options cannot be concatenated")
    if len(parts) == 1:
        return first
    data, sources = join_trees([(part.data, part.sources) for part in parts])
    errors = []
    begin = 0
    counts = map(len, parts) if records is None else records
    for part, count in zip(parts, counts, strict=True):
        errors += [replace(error, row=error.row + begin) for error in part.errors]
        begin += count
    return Columns(data, first.paths, sources, errors, first.arrow)


def join_trees(parts: Sequence[Tree]) -> Tree:
    """One tree with the rows of all. Sources that parts share are there once.

    Raises: ``ValueError`` for no parts, or parts of different types.
    """
    if not parts:
        raise ValueError("no columns to concatenate")
    if len(parts) == 1:
        return parts[0]
    if any(data.type != parts[0][0].type for data, _ in parts):
        raise ValueError("columns of different types cannot be concatenated")
    sources, shifts = _joined_sources([sources for _, sources in parts])
    return _joined_struct([data for data, _ in parts], shifts), sources


def _joined_sources(parts: list[Sources]) -> tuple[Sources, list[int]]:
    """All sources as one, and by how much the addresses of each part grow."""
    import numpy as np

    placed: dict[int, int] = {}
    buffers: list[Any] = []
    starts: list[Array] = []
    end = 0
    for part in parts:
        if id(part) in placed:
            continue
        placed[id(part)] = end - int(part.starts[0])
        buffers += part.buffers
        starts.append(part.starts[:-1] + placed[id(part)])
        end += int(part.starts[-1] - part.starts[0])
    starts.append(np.array([end], dtype=np.int64))
    return Sources(buffers, np.concatenate(starts)), [placed[id(part)] for part in parts]


def _joined(nodes: list[Any], shifts: list[int]) -> AnyData:
    if isinstance(nodes[0], StructData):
        return _joined_struct(nodes, shifts)
    if isinstance(nodes[0], ListData):
        item = _joined([node.item for node in nodes], shifts)
        offsets = _joined_offsets([node.offsets for node in nodes])
        return ListData(nodes[0].type, offsets, item)  # type: ignore[arg-type]
    return _joined_scalar(nodes, shifts)


def _joined_struct(nodes: list[StructData], shifts: list[int]) -> StructData:
    columns = zip(*(node.fields for node in nodes), strict=True)
    fields = tuple(_joined(list(column), shifts) for column in columns)
    lengths = [node.length for node in nodes]
    valid = _joined_valid([node.valid for node in nodes], lengths)
    return StructData(nodes[0].type, sum(lengths), fields, valid)


def _joined_scalar(nodes: list[ScalarData], shifts: list[int]) -> ScalarData:
    import numpy as np

    kind = nodes[0].type.kind
    values = np.concatenate([node.values for node in nodes])
    lengths = [len(node.values) for node in nodes]
    if kind in SPANS:
        begin = 0
        for shift, length in zip(shifts, lengths, strict=True):
            values["start"][begin : begin + length] += shift
            begin += length
    valid = _joined_valid([node.valid for node in nodes], lengths)
    return ScalarData(nodes[0].type, values, valid)


def _joined_offsets(parts: list[Array]) -> Array:
    import numpy as np

    joined = [np.zeros(1, dtype=np.int64)]
    end = 0
    for offsets in parts:
        joined.append(offsets[1:] + end)
        end += int(offsets[-1])
    return np.concatenate(joined)


def _joined_valid(parts: list[Valid], lengths: list[int]) -> Valid:
    import numpy as np

    if all(valid is None for valid in parts):
        return None
    pairs = zip(parts, lengths, strict=True)
    return np.concatenate(
        [np.ones(length, dtype=bool) if valid is None else valid for valid, length in pairs]
    )
