"""What to read of tf.train.Example, in TensorFlow's words, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np

__all__ = [
    "FixedLenFeature",
    "FixedLenSequenceFeature",
    "Ragged",
    "RaggedFeature",
    "Sparse",
    "SparseFeature",
    "VarLenFeature",
]


@dataclass(frozen=True, slots=True, eq=False)
class FixedLenFeature:
    """Exactly as many values as ``shape`` has, in every record; ``dtype``: int64, float32, string.

    Gives an array of shape ``[batch, *shape]``. A missing feature becomes ``default_value``, one
    value or all of the shape; without one it is an error.
    """

    shape: Sequence[int]
    dtype: Any
    default_value: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class FixedLenSequenceFeature:
    """Any number of items of ``shape``: an array of shape ``[batch, longest, *shape]``, padded with
    ``default_value``, or zeros, or ``b""``. In a sequence, each step is one item.

    A missing feature is empty if ``allow_missing``, else an error.
    """

    shape: Sequence[int]
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class VarLenFeature:
    """Any number of values: a `Sparse`."""

    dtype: Any


@dataclass(frozen=True, slots=True, eq=False)
class RaggedFeature:
    """Any number of values: a `Ragged`. ``value_key``: the key, if it is not that of the dict."""

    dtype: Any
    value_key: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SparseFeature:
    """Values of one feature at the places that others name: a `Sparse` of shape ``[batch, *size]``.

    ``index_key``: one key of an int64 feature, or several, one for each of the sizes. Places are
    sorted in each record, unless ``already_sorted``.
    """

    index_key: str | Sequence[str]
    value_key: str
    dtype: Any
    size: int | Sequence[int]
    already_sorted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sparse:
    """Values and where they stand, as ``tf.sparse.SparseTensor`` has them.

    ``indices``: int64, one row of ``len(dense_shape)`` for each value, ascending; ``dense_shape``:
    int64.
    """

    indices: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]
    dense_shape: np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Rows of any length, one behind the other: row ``i`` is ``values[offsets[i]:offsets[i + 1]]``.

    ``offsets``: int64, one more than there are rows, from 0 on. Of a sequence, rows are steps and
    ``outer`` says in the same way which steps a record has; else it is None.
    """

    values: np.ndarray[Any, Any]
    offsets: np.ndarray[Any, Any]
    outer: np.ndarray[Any, Any] | None = None

    def to_list(self) -> list[Any]:
        """Nested lists of Python values."""
        values, bounds = self.values.tolist(), self.offsets.tolist()
        rows = [values[i:j] for i, j in pairwise(bounds)]
        if self.outer is None:
            return rows
        steps = self.outer.tolist()
        return [rows[i:j] for i, j in pairwise(steps)]
