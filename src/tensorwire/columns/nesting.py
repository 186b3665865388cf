"""Lists around values: as Python's lists, or padded to a rectangle."""

from __future__ import annotations

from itertools import pairwise

from tensorwire._core.nested import nested_lists

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.columns.validity import Valid

    Array = np.ndarray[Any, Any]

__all__ = ["nested", "places", "rectangle"]


def nested(items: Any, offsets: Array, valid: Valid, absent: Any = None) -> list[Any]:
    """One slice of ``items`` per list: views, where it is an array. ``absent`` for invalid ones."""
    if isinstance(items, list):
        lists: list[Any] = nested_lists(items, offsets)
    else:
        lists = [items[start:stop] for start, stop in pairwise(offsets.tolist())]
    if valid is not None:
        for place in (~valid).nonzero()[0].tolist():
            lists[place] = absent
    return lists


def rectangle(offsets: tuple[Array, ...]) -> tuple[int, ...]:
    """The shape that holds all: the rows, and the longest list of each level."""
    import numpy as np

    longest = [int(np.diff(level).max(initial=0)) for level in offsets]
    return (len(offsets[0]) - 1, *longest)


def places(offsets: tuple[Array, ...], shape: tuple[int, ...]) -> Array:
    """Where each value goes in an array of this shape, taken as one row of elements."""
    import numpy as np

    place = np.arange(shape[0])
    for level, width in zip(offsets, shape[1:], strict=True):
        counts = np.diff(level)
        first = place * width - level[:-1]  # of each list, less the number of its first item
        place = np.repeat(first, counts) + np.arange(int(level[-1]))
    return place
