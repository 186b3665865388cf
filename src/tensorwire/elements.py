"""Arrays as formats store them: an element type, a shape, and bytes or byte strings."""

from __future__ import annotations

from tensorwire.dtypes import of_numpy
from tensorwire.layouts.subbyte import pack

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.dtypes import DType

__all__ = ["Elements"]


class Elements:
    """What an array holds, ready to be stored.

    ``data``: the elements in C order, little-endian, narrow ones packed low bits first; of strings
    a list of `bytes`. Copies: nothing where an array lies in memory like that already: later
    changes of its elements then show here. Raises: ``UnsupportedError`` for a dtype that is neither
    a number nor text; ``TypeError`` for objects that are no text; what NumPy raises for no array.
    """

    __slots__ = ("data", "dtype", "shape")

    dtype: DType
    shape: tuple[int, ...]
    data: memoryview | list[bytes]

    def __init__(self, array: object) -> None:
        import numpy as np

        made: np.ndarray = np.asarray(array)
        self.dtype = of_numpy(made.dtype)
        self.shape = made.shape
        if self.dtype.kind == "string":
            self.data = [_string(value) for value in made.reshape(-1).tolist()]
            return
        plain = np.asarray(made, dtype=made.dtype.newbyteorder("<"), order="C")
        stored = plain.reshape(-1).view(np.uint8)
        if self.dtype.bits % 8:
            self.data = memoryview(pack(stored, self.dtype))
        else:
            self.data = stored.data.toreadonly()


def _string(value: Any) -> bytes:
    """Surrogate escapes, as text that is not UTF-8 is read, become the bytes they stand for."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    raise TypeError(f"elements of an array of objects must be str or bytes, not {type(value)}")
