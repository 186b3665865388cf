"""Validity: one bool per row of a table, or None where nothing is absent."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    #: Validity.
    Valid = np.ndarray[Any, Any] | None

__all__ = ["both"]


def both(outer: Valid, inner: Valid) -> Valid:
    """Where both are valid. Copies: nothing where one of them is None."""
    if outer is None:
        return inner
    if inner is None:
        return outer
    merged: np.ndarray[Any, Any] = outer & inner
    return merged
