"""Ragged values made dense, or put where others say."""

from __future__ import annotations

from math import prod

from tensorwire.proto.tf.features import Sparse
from tensorwire.proto.tf.fields import dtype_name
from tensorwire.proto.tf.requests import zero_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.limits import Limits

    Array = np.ndarray[Any, Any]

__all__ = ["padded", "padded_items", "placed"]


def padded_items(
    name: Any, feature: Any, values: Array, lengths: Array, limits: Limits
) -> Array:
    """``[rows, longest, *shape]`` of rows of whole items."""
    count = 1
    for size in feature.shape:
        count *= int(size)
    items = lengths // count if count else lengths
    wrong = (items * count != lengths).nonzero()[0]
    if len(wrong):
        row = int(wrong[0])
        raise _refused(
            row, f"feature {name!r} has {lengths[row]} values; a multiple of {count} is wanted"
        )
    return padded(name, feature, values, items, limits)


def padded(name: Any, feature: Any, values: Array, items: Array, limits: Limits) -> Array:
    """The same; ``items``: how many items each row has.

    Raises: ``LimitError`` where the padding is far more than the values.
    """
    import numpy as np

    longest = int(items.max(initial=0))
    shape = tuple([int(size) for size in feature.shape])
    size = prod((len(items), longest, *shape)) * values.itemsize
    what = f"feature {name!r}: {len(items)} rows of {longest} padded items"
    limits.require_columns(what, size, values.nbytes, len(items))
    whole = values.reshape((-1, *shape)) if len(values) else np.empty((0, *shape), values.dtype)
    if values.dtype.names:  # spans
        out = np.zeros((len(items), longest, *shape), values.dtype)
    else:
        out = np.full(
            (len(items), longest, *shape), zero_of(feature, dtype_name(feature.dtype)), values.dtype
        )
    out[np.arange(longest) < items[:, None]] = whole
    return out


def placed(
    name: Any, feature: Any, indices: list[tuple[Array, Array]], values: tuple[Array, Array]
) -> Sparse:
    """Values at the places of a `SparseFeature`."""
    import numpy as np

    found, lengths = values
    sizes = [feature.size] if isinstance(feature.size, int) else [int(one) for one in feature.size]
    if len(sizes) != len(indices):
        raise ValueError(f"feature {name!r}: {len(indices)} index keys and {len(sizes)} sizes")
    table = np.empty((len(found), 1 + len(sizes)), np.int64)
    table[:, 0] = np.repeat(np.arange(len(lengths)), lengths)
    for axis, ((places, counts), size) in enumerate(zip(indices, sizes, strict=True), 1):
        wrong = (counts != lengths).nonzero()[0]
        if len(wrong):
            row = int(wrong[0])
            raise _refused(
                row, f"feature {name!r} has {lengths[row]} values and {counts[row]} places"
            )
        outside = ((places < 0) | (places >= size)).nonzero()[0]
        if len(outside):
            row = int(table[outside[0], 0])
            raise _refused(
                row, f"feature {name!r} has a value at {places[outside[0]]}, beyond {size}"
            )
        table[:, axis] = places
    if not feature.already_sorted:
        order = np.lexsort(table.T[::-1])
        table, found = table[order], found[order]
    return Sparse(table, found, np.array([len(lengths), *sizes], np.int64))


def _refused(row: int, reason: str) -> Exception:
    from tensorwire.errors import DecodeError, in_row

    return in_row(DecodeError(reason, 0), row)
