"""SparsityParameters as `Sparsity`."""

from __future__ import annotations

from functools import partial

from tensorwire.errors import ModelError
from tensorwire.formats.tflite.tables import numbers
from tensorwire.layouts.sparse import Level, Sparsity
from tensorwire.shapes import check_rank

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.limits import Limits

__all__ = ["sparsity"]

# Source: schema.fbs, DimensionType.
DENSE, SPARSE_CSR = 0, 1


def sparsity(table: Any, shape: tuple[int, ...], path: str, limits: Limits) -> Sparsity:
    """Which elements of a tensor of that shape are stored.

    Raises: ``LimitError`` for more levels than the limit ``rank`` allows twice. What else may be
    wrong is told when elements are asked for.
    """
    order = numbers(table, "traversal_order")
    blocks = numbers(table, "block_map")
    for field, found in (
        ("traversal_order", len(order)),
        ("block_map", len(blocks)),
        ("dim_metadata", len(table.dim_metadata)),
    ):
        check_rank(found, 2 * limits.rank, f"{path}.{field}")
    levels = [
        _level(dimension, f"{path}.dim_metadata[{i}]")
        for i, dimension in enumerate(table.dim_metadata)
    ]
    return Sparsity(shape, tuple(order), tuple(blocks), tuple(levels), path)


def _level(table: Any, path: str) -> Level:
    if table.format == DENSE:
        return Level(table.dense_size)
    return Level(0, partial(_compressed, table, path))


def _compressed(table: Any, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Segments and indices of a sparse dimension."""
    if table.format != SPARSE_CSR:
        raise ModelError(f"format {int(table.format)} does not exist", path=f"{path}.format")
    return _values(table, "array_segments", path), _values(table, "array_indices", path)


def _values(table: Any, field: str, path: str) -> np.ndarray:
    vector = getattr(table, field)
    if vector is None:
        raise ModelError("there are no numbers", path=f"{path}.{field}")
    found: np.ndarray = vector.values
    return found
