"""Columns without their input: strings and bytes gathered into one block, arrays of their own."""

from __future__ import annotations

from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np

    from tensorwire.columns.data import AnyData
    from tensorwire.columns.validity import Valid
    from tensorwire.limits import Limits

    Array = np.ndarray[Any, Any]

__all__ = ["SPANS", "compact_tree"]

#: Kinds whose values are spans.
SPANS = ("string", "bytes")


def compact_tree(
    data: StructData, sources: Sources, limits: Limits = DEFAULT
) -> tuple[StructData, Sources]:
    """The tree with all strings and bytes in one new block, and no array that is a view.

    Raises: ``DecodeError`` for a span that lies outside of its buffer; ``LimitError`` where so many
    share their bytes that the block would be far larger than these.
    """
    spans = list(_spans_of(data))
    if spans:
        held = int(sources.starts[-1] - sources.starts[0])
        size = sum(int(one["length"].sum()) for one in spans)
        limits.require_columns("strings and bytes", size, held, data.length)
    gathered, packed = _gather(spans, sources)
    return _rebuilt_struct(data, iter(gathered)), packed


def _gather(spans: list[Array], sources: Sources) -> tuple[list[Array], Sources]:
    from tensorwire._core.spans import gather_spans

    if not spans:
        return [], Sources.of([])
    block, gathered = gather_spans(sources.buffers, sources.starts, spans)
    return gathered, Sources.of([block])


def _spans_of(node: AnyData) -> Iterator[Array]:
    """The arrays of spans below a node, in order."""
    if isinstance(node, StructData):
        for field in node.fields:
            yield from _spans_of(field)
    elif isinstance(node, ListData):
        yield from _spans_of(node.item)
    elif node.type.kind in SPANS:
        yield node.values


def _rebuilt(node: AnyData, gathered: Iterator[Array]) -> AnyData:
    if isinstance(node, StructData):
        return _rebuilt_struct(node, gathered)
    if isinstance(node, ListData):
        item = _rebuilt(node.item, gathered)
        return ListData(node.type, _owned(node.offsets), item)  # type: ignore[arg-type]
    values = next(gathered) if node.type.kind in SPANS else _owned(node.values)
    return ScalarData(node.type, values, _owned_valid(node.valid))


def _rebuilt_struct(node: StructData, gathered: Iterator[Array]) -> StructData:
    fields = tuple(_rebuilt(field, gathered) for field in node.fields)
    return StructData(node.type, node.length, fields, _owned_valid(node.valid))


def _owned(array: Array) -> Array:
    """The array, or a copy if it looks into memory of something else: that may be larger."""
    return array if array.flags.owndata else array.copy()


def _owned_valid(valid: Valid) -> Valid:
    return None if valid is None else _owned(valid)
