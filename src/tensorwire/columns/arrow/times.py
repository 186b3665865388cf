"""Timestamps and durations: seconds and nanoseconds as one int64 of some unit."""

from __future__ import annotations

from tensorwire.columns.arrow.formats import UNITS
from tensorwire.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.columns.data import StructData

__all__ = ["times"]

INT64_MOST = 2**63 - 1

# What the largest nanoseconds of a message, an int32, add to its seconds: at most 3.
SECONDS_SPARE = 3


def times(data: StructData, format: str) -> np.ndarray[Any, Any]:
    """The values of a timestamp or duration in the unit of ``format``; 0 where there is none.

    What the unit cannot hold is dropped: from timestamps downwards, from durations towards zero, as
    protobuf's own conversions do. Raises: ``LimitError`` for a value beyond the unit's range.
    """
    import numpy as np

    fields = {field.type.name: field for field in data.fields}
    seconds, nanos = fields["seconds"].values, fields["nanos"].values  # type: ignore[union-attr]
    if data.valid is not None:
        seconds, nanos = (np.where(data.valid, part, 0) for part in (seconds, nanos))
    per_second = UNITS[format[2]]
    _require_range(seconds, format, per_second)
    each = UNITS["n"] // per_second
    small = nanos.astype("<i8")
    small = small // each if format.startswith("ts") else _towards_zero(small, each)
    return np.asarray(seconds * per_second + small, "<i8")


def _towards_zero(nanos: Any, each: int) -> Any:
    """Signs of a valid duration agree, so that the sum is rounded as its nanoseconds are."""
    down = nanos // each
    return down + ((nanos < 0) & (down * each != nanos))


def _require_range(seconds: Any, format: str, per_second: int) -> None:
    most = INT64_MOST // per_second - SECONDS_SPARE
    beyond = (seconds > most) | (seconds < -most)
    if beyond.any():
        at = int(beyond.argmax())
        unit = {"s": "s", "m": "ms", "u": "us", "n": "ns"}[format[2]]
        raise LimitError(
            f"value {at}, {int(seconds[at])} seconds, does not fit into 64 bits of {unit} "
            f"(at most {most} seconds); timestamps='us' spans 292,000 years"
        )
