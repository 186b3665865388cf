"""What to read of tf.train.Example, in TensorFlow's words, and what comes of it."""

from __future__ import annotations

from collections import namedtuple
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


# Named tuples, as TensorFlow has them; `typing` is slow to import.
RowSplits = namedtuple("RowSplits", ["key"])  # noqa: PYI024
RowLengths = namedtuple("RowLengths", ["key"])  # noqa: PYI024
RowStarts = namedtuple("RowStarts", ["key"])  # noqa: PYI024
RowLimits = namedtuple("RowLimits", ["key"])  # noqa: PYI024
ValueRowIds = namedtuple("ValueRowIds", ["key"])  # noqa: PYI024
UniformRowLength = namedtuple("UniformRowLength", ["length"])  # noqa: PYI024


@dataclass(frozen=True, slots=True, eq=False)
class RaggedFeature:
    """Any number of values: a `Ragged`. ``value_key``: the key, if it is not that of the dict.

    ``partitions``, outermost first, separate each record's values into rows, and those into rows of
    rows: by int64 features of the same record, such as ``RaggedFeature.RowSplits("splits")``, or by
    ``RaggedFeature.UniformRowLength(3)``, which as the innermost gives values another dimension.
    They are always validated, in each record on its own. ``row_splits_dtype`` and ``validate`` are
    there for TensorFlow's calls: offsets are int64 whatever they say.
    """

    dtype: Any
    value_key: str | None = None
    partitions: Sequence[Any] = ()
    row_splits_dtype: Any = "int64"
    validate: bool = True

    RowSplits = RowSplits
    RowLengths = RowLengths
    RowStarts = RowStarts
    RowLimits = RowLimits
    ValueRowIds = ValueRowIds
    UniformRowLength = UniformRowLength


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
    """Rows of any length, one behind the other, as ``tf.RaggedTensor`` has them.

    ``splits``: for each level of rows, outermost first, an int64 array of one more than there are
    rows, from 0 on: row ``i`` holds what goes from ``splits[i]`` to ``splits[i + 1]`` of the next
    level, of the last level in ``values``. The outermost rows are the records; of a sequence, the
    next ones are its steps.
    """

    values: np.ndarray[Any, Any]
    splits: tuple[np.ndarray[Any, Any], ...]

    @property
    def offsets(self) -> np.ndarray[Any, Any]:
        """The last of the splits: row ``i`` is ``values[offsets[i]:offsets[i + 1]]``."""
        return self.splits[-1]

    def to_list(self) -> list[Any]:
        """Nested lists of Python values."""
        rows: list[Any] = self.values.tolist()
        for level in reversed(self.splits):
            rows = [rows[i:j] for i, j in pairwise(level.tolist())]
        return rows
