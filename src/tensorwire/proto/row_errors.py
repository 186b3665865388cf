"""The bad rows of a decode, described when somebody looks at them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from tensorwire.columns.errors import RowError
from tensorwire.errors import in_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tensorwire._core.project import Part
    from tensorwire.errors import DecodeError

__all__ = ["RowErrors", "row_failure"]


class RowErrors(Sequence[RowError]):
    """The errors of parts, by row. Describing one costs a pass over its record.

    Lifetime: keeps the input until it is made a list or tuple.
    """

    def __init__(self, parts: list[tuple[int, Part]]) -> None:
        #: (input row of the chunk's first row, part)
        self._parts = [(first, part) for first, part in parts if part.failed]
        #: bad rows up to and with each part
        self._ends = list(accumulate([part.failed for _, part in self._parts]))
        self._count = self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        place = index + self._count if index < 0 else index
        if not 0 <= place < self._count:
            raise IndexError(f"error {index} of {self._count}")
        at = bisect_right(self._ends, place)
        first, part = self._parts[at]
        row, error = part.fault(place - (self._ends[at] - part.failed))
        return RowError(first + row, error.offset, error.path, error.reason)

    def __repr__(self) -> str:
        return f"<{self._count} bad rows>"

    def __reduce__(self) -> tuple[type[tuple[Any, ...]], tuple[list[RowError]]]:
        return tuple, (list(self),)


def row_failure(first: int, part: Part, *, is_alone: bool) -> DecodeError:
    """The error to raise for a part's first bad row; ``row`` is its attribute."""
    row, error = part.fault(0)
    if is_alone:
        return error
    return in_row(error, first + row)
