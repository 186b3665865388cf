"""The bad rows of a decode, described when somebody looks at them."""

from __future__ import annotations

from collections.abc import Sequence

from tensorwire.columns.errors import RowError
from tensorwire.errors import in_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tensorwire._core.decoded import Decoded
    from tensorwire.errors import DecodeError, LimitError

__all__ = ["RowErrors", "row_failure"]


class RowErrors(Sequence[RowError]):
    """The errors of a decode, by row. Describing one costs a pass over its record.

    Lifetime: keeps the input until it is made a list or tuple.
    """

    def __init__(self, decoded: Decoded) -> None:
        self._decoded = decoded if decoded.failed else None

    def __len__(self) -> int:
        return self._decoded.failed if self._decoded is not None else 0

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if self._decoded is None or not 0 <= place < len(self):
            raise IndexError(f"error {index} of {len(self)}")
        row, error = self._decoded.fault(place)
        return RowError(row, error.offset or 0, error.path, error.reason)

    def __repr__(self) -> str:
        return f"<{len(self)} bad rows>"

    def __reduce__(self) -> tuple[type[tuple[Any, ...]], tuple[list[RowError]]]:
        return tuple, (list(self),)


def row_failure(decoded: Decoded, *, is_alone: bool) -> DecodeError | LimitError:
    """The error to raise for the bad row that ended a decode; ``row`` is its attribute."""
    row, error = decoded.fault(0)
    return error if is_alone else in_row(error, row)
