"""Values of each record separated into rows, and rows into rows of rows, as the partitions of a
`RaggedFeature` say.

Each record is partitioned on its own: its numbers never reach into the values of another.
Source: tensorflow/python/ops/parsing_config.py of 2.21, ``_add_batched_ragged_partition``.
"""

from __future__ import annotations

from tensorwire.errors import DecodeError, LimitError, in_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import numpy as np

    Array = np.ndarray[Any, Any]
    #: key -> its numbers, and how many each record has
    NumbersOf = Callable[[Any], tuple[Array, Array]]

__all__ = ["partitioned"]

# Rows that row ids may make of a batch: a single number can name any.
ROWS_MAX = 1 << 26


def partitioned(
    name: Any, feature: Any, values: Array, counts: Array, numbers_of: NumbersOf
) -> tuple[Array, list[Array], Array]:
    """Values, splits from the outermost level to the innermost, and how many of the outermost rows
    each record has. ``counts``: how many values each has.

    Innermost rows of one length become a dimension of the values. Raises: ``DecodeError`` where
    numbers do not fit the values of their record, ``LimitError`` for too many rows.
    """
    import numpy as np

    splits: list[Array] = []
    for partition in reversed(feature.partitions):
        kind = type(partition).__name__
        if kind == "UniformRowLength":
            length = int(partition.length)
            _require(name, f"rows of {length}", counts, counts % length == 0)
            counts = counts // length
            if splits:
                splits.insert(0, np.arange(counts.sum() + 1, dtype=np.int64) * length)
            else:
                values = values.reshape((-1, length, *values.shape[1:]))
            continue
        given, sizes = numbers_of(partition.key)
        numbers = _Numbers(name, f"{kind} {partition.key!r}", given, sizes, counts)
        ends, counts = _ends(_LIMITS[kind](numbers))
        splits.insert(0, np.concatenate([np.zeros(1, np.int64), ends]))
    return values, splits, counts


class _Numbers:
    """Those of one partition: record ``i`` has ``sizes[i]`` of them, and ``counts[i]`` values.

    ``record``: of each number; ``held``: which records have any, ``first`` and ``last``: theirs.
    """

    def __init__(self, name: Any, of: str, given: Array, sizes: Array, counts: Array) -> None:
        import numpy as np

        self.name, self.of, self.given, self.sizes, self.counts = name, of, given, sizes, counts
        self.record = np.repeat(np.arange(len(sizes)), sizes)
        self.held = sizes > 0
        self.last = np.cumsum(sizes)[self.held] - 1
        self.first = self.last - sizes[self.held] + 1

    def like(self, given: Array, sizes: Array) -> _Numbers:
        """Others of the same partition."""
        return _Numbers(self.name, self.of, given, sizes, self.counts)

    def before(self) -> Array:
        """The number before each one, 0 before the first of a record."""
        import numpy as np

        shifted = np.zeros_like(self.given)
        shifted[1:] = self.given[:-1]
        shifted[self.first] = 0
        return shifted

    def require(self, good: Array) -> None:
        """Raises ``DecodeError`` for the first record that is not good."""
        _require(self.name, self.of, self.counts, good)

    def require_each(self, good: Array) -> None:
        """The same for the record of the first number that is not."""
        import numpy as np

        records = np.ones(len(self.sizes), dtype=bool)
        records[self.record[~good]] = False
        self.require(records)


def _require(name: Any, of: str, counts: Array, good: Array) -> None:
    if not good.all():
        row = int(good.argmin())
        reason = f"feature {name!r} has {int(counts[row])} values, which do not fit its {of}"
        raise in_row(DecodeError(reason, 0), row)


def _ends(limits: _Numbers) -> tuple[Array, Array]:
    """Where each row ends among all values, and how many rows each record has.

    In each record limits ascend from 0, and the last is the number of its values.
    """
    import numpy as np

    given, counts = limits.given, limits.counts
    limits.require_each((limits.before() <= given) & (given <= counts[limits.record]))
    last = np.zeros_like(counts)
    last[limits.held] = given[limits.last]
    limits.require(last == counts)
    begins = np.cumsum(counts) - counts
    return given + begins[limits.record], limits.sizes


# -- the limits of rows, from each kind of partition -----------------------------------------------


def _of_limits(limits: _Numbers) -> _Numbers:
    return limits


def _of_splits(splits: _Numbers) -> _Numbers:
    """Limits with a zero in front; a record without any has no rows."""
    import numpy as np

    _require_zero(splits)
    return splits.like(np.delete(splits.given, splits.first), splits.sizes - splits.held)


def _of_starts(starts: _Numbers) -> _Numbers:
    """A row ends where the next one begins."""
    import numpy as np

    _require_zero(starts)
    limits = np.zeros_like(starts.given)
    limits[:-1] = starts.given[1:]
    limits[starts.last] = starts.counts[starts.held]
    return starts.like(limits, starts.sizes)


def _of_lengths(lengths: _Numbers) -> _Numbers:
    import numpy as np

    given = lengths.given
    lengths.require_each((given >= 0) & (given <= lengths.counts[lengths.record]))
    total = np.cumsum(given)
    before = np.zeros_like(lengths.counts)
    before[lengths.held] = (total - given)[lengths.first]
    return lengths.like(total - before[lengths.record], lengths.sizes)


def _of_row_ids(ids: _Numbers) -> _Numbers:
    """The row of each value; they ascend, and the last tells how many rows there are."""
    import numpy as np

    ids.require(ids.sizes == ids.counts)
    ids.require_each(ids.before() <= ids.given)
    rows = np.zeros_like(ids.counts)
    rows[ids.held] = ids.given[ids.last]
    if rows.max(initial=0) > ROWS_MAX or int(rows.sum()) > ROWS_MAX:
        raise LimitError(f"feature {ids.name!r}: its {ids.of} names more than {ROWS_MAX} rows")
    rows += ids.held
    begins = np.cumsum(rows) - rows
    lengths = np.bincount(ids.given + begins[ids.record], minlength=int(rows.sum()))
    return _of_lengths(ids.like(lengths, rows))


def _require_zero(numbers: _Numbers) -> None:
    import numpy as np

    good = np.ones(len(numbers.sizes), dtype=bool)
    good[numbers.held] = numbers.given[numbers.first] == 0
    numbers.require(good)


_LIMITS: dict[str, Callable[[_Numbers], _Numbers]] = {
    "RowLimits": _of_limits,
    "RowSplits": _of_splits,
    "RowStarts": _of_starts,
    "RowLengths": _of_lengths,
    "ValueRowIds": _of_row_ids,
}
