"""The numbers of an enum as its names."""

from __future__ import annotations

from tensorwire.columns.arrow.strings import Origin
from tensorwire.columns.sources import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.columns.types import ScalarType

__all__ = ["name_spans"]

# Numbers between the least and the greatest up to which a table of all of them is made: it stays in
# the processor's cache.
TABLE_MOST = 1 << 16

INT64_MOST = (1 << 63) - 1

SPAN = [("start", "<i8"), ("length", "<i8")]


def name_spans(enum: ScalarType, numbers: Any, valid: Any) -> tuple[np.ndarray[Any, Any], Origin]:
    """One span per number, and the text of all names, that they lie on.

    A number without a name is written in digits, as protobuf's JSON has it, so that nothing is
    lost; where a value is absent the span is empty.
    """
    import numpy as np

    found, inverse = _distinct(numbers)
    labels = dict(enum.labels)
    names = [labels.get(number, str(number)).encode() for number in found.tolist()]
    table = np.zeros(len(names), SPAN)
    table["length"] = [len(name) for name in names]
    ends = np.cumsum(table["length"])
    table["start"] = ends - table["length"]
    spans = table[inverse]
    if valid is not None:
        spans[~valid] = 0
    text = b"".join(names)
    return spans, Origin(Sources((text,), np.array([0, len(text)], "<i8")))


def _distinct(numbers: Any) -> tuple[Any, Any]:
    """The distinct numbers, ascending, and the index of each number in them.

    Enums are dense, so that a table does instead of sorting, which takes ten times as long.
    """
    import numpy as np

    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    if high - low >= TABLE_MOST or high > INT64_MOST:
        found, inverse = np.unique(numbers, return_inverse=True)
        return found, inverse.reshape(-1)
    places = np.asarray(numbers, "<i8") - low
    seen = np.zeros(high - low + 1, bool)
    seen[places] = True
    return np.flatnonzero(seen) + low, (np.cumsum(seen) - 1)[places]
