"""Statistics of elements, gathered a chunk at a time."""

from __future__ import annotations

import math

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    import numpy as np

__all__ = ["Statistics", "merged"]

# NumPy's one-letter kinds of element types.
WHOLE, REAL, COMPLEX, OBJECT = "biu", "f", "c", "O"


class Statistics:
    """Counts of NaN, infinities and zeros; least, greatest and mean of the finite elements.

    Sums are of float64: exact for integers up to 2**53 in all, and good to about 15 digits beyond.
    """

    def __init__(self) -> None:
        self.elements = self.nan = self.inf = 0
        self.zeros: int | None = 0
        self.least: int | float | None = None
        self.greatest: int | float | None = None
        self.total = 0.0
        self.has_mean = True

    def add(self, chunk: np.ndarray) -> None:
        """Takes in the elements of a flat array that is not empty."""
        import numpy as np

        self.elements += chunk.size
        numbers = _native(chunk)
        if numbers.dtype.kind == OBJECT:  # strings
            self.zeros, self.has_mean = None, False
            return
        self.zeros = (self.zeros or 0) + chunk.size - int(np.count_nonzero(numbers))
        if numbers.dtype.kind == COMPLEX:
            self.has_mean = False
        if numbers.dtype.kind not in WHOLE:
            numbers = self._finite(numbers)
        if self.has_mean and numbers.size:
            self._add_finite(numbers)

    def document(self) -> dict[str, Any]:
        """Plain values, as `tensorwire.cli.tensors` describes them."""
        finite = self.elements - self.nan - self.inf
        mean = self.total / finite if self.has_mean and finite else None
        return _document(
            self.elements, self.least, self.greatest, mean, self.nan, self.inf, self.zeros
        )

    def _finite(self, numbers: np.ndarray) -> np.ndarray:
        """The finite ones; the others are counted."""
        import numpy as np

        finite = np.isfinite(numbers)
        if finite.all():
            return numbers
        nan = int(np.count_nonzero(np.isnan(numbers)))
        self.nan += nan
        self.inf += numbers.size - int(np.count_nonzero(finite)) - nan
        kept: np.ndarray = numbers[finite]
        return kept

    def _add_finite(self, numbers: np.ndarray) -> None:
        import numpy as np

        least, greatest = numbers.min().item(), numbers.max().item()
        self.least = least if self.least is None else min(self.least, least)
        self.greatest = greatest if self.greatest is None else max(self.greatest, greatest)
        with np.errstate(over="ignore"):
            self.total += float(numbers.sum(dtype=np.float64))


def merged(documents: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The statistics of all elements together; None of none."""
    parts = list(documents)
    if not parts:
        return None
    least = [each["min"] for each in parts if each["min"] is not None]
    greatest = [each["max"] for each in parts if each["max"] is not None]
    elements, nan, inf = (sum(each[key] for each in parts) for key in ("elements", "nan", "inf"))
    means = [(each["mean"], _finite_count(each)) for each in parts if each["mean"] is not None]
    finite = sum(count for _, count in means)
    mean = sum(mean * count for mean, count in means) / finite if finite else None
    zeros = [each["zeros"] for each in parts]
    return _document(
        elements,
        min(least, default=None),
        max(greatest, default=None),
        mean,
        nan,
        inf,
        None if None in zeros else sum(zeros),
    )


def _finite_count(document: dict[str, Any]) -> int:
    return int(document["elements"] - document["nan"] - document["inf"])


def _document(
    elements: int,
    least: float | None,
    greatest: float | None,
    mean: float | None,
    nan: int,
    inf: int,
    zeros: int | None,
) -> dict[str, Any]:
    """A mean that float64 cannot hold is None."""
    return {
        "elements": elements,
        "min": least,
        "max": greatest,
        "mean": mean if mean is not None and math.isfinite(mean) else None,
        "nan": nan,
        "inf": inf,
        "zeros": zeros,
        "zero_share": zeros / elements if zeros is not None and elements else None,
    }


def _native(chunk: np.ndarray) -> np.ndarray:
    """Elements that NumPy itself can count with; those of ml_dtypes all fit what they become."""
    if chunk.dtype.kind == "b":
        return chunk.view("uint8")  # true is 1
    if chunk.dtype.kind in WHOLE + REAL + COMPLEX + OBJECT and chunk.dtype.isbuiltin == 1:
        return chunk
    import numpy as np

    whole = "int" in chunk.dtype.name
    with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
        return chunk.astype("int8" if whole else "float32")
