"""Views as plain Python, field by field through attributes; expected values in the same form."""

from __future__ import annotations

from typing import Any

import numpy as np
from flat_values import Unknown

from tensorwire import flat
from tensorwire._core.flat_vector import FlatVector
from tensorwire._core.flat_view import FlatView


def plain(value: Any) -> Any:
    """A view, or what one of its fields gives. Every field is read."""
    if isinstance(value, FlatView):
        return {name: plain(getattr(value, name)) for name in flat.fields(value)}
    if isinstance(value, FlatVector):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return [array_item(one) for one in value]
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def array_item(item: Any) -> Any:
    """A NumPy scalar; of a structured array a dict."""
    if isinstance(item, np.void):
        return {name: array_item(item[name]) for name in item.dtype.names}
    if isinstance(item, np.ndarray):
        return [array_item(one) for one in item]
    return item.item()


def expected(value: Any) -> Any:
    """What `flat_values.complete` or `flat_reader.read` gives, as views give it."""
    if isinstance(value, dict):
        return {name: expected(one) for name, one in value.items()}
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, Unknown):
        return None
    return [expected(one) for one in value] if isinstance(value, list) else value
