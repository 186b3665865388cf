"""Byte strings, each of its own length, that are text by convention only."""

from __future__ import annotations

from tensorwire.layouts.plain import Layout
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from tensorwire.dtypes import DType

__all__ = ["STRINGS"]


class Strings(Layout):
    """An object array of `str`. The place locates a list of `bytes` instead of a span."""

    __slots__ = ()

    def obstacle(self, dtype: DType) -> str | None:
        return "strings are objects"

    def fault(self, values: list[bytes], dtype: DType, count: int) -> str | None:  # type: ignore[override]
        if len(values) == count:
            return None
        return f"{len(values)} strings stored, but the shape has {count} elements"

    def decode(self, values: list[bytes], dtype: DType, count: int) -> np.ndarray:  # type: ignore[override]
        import numpy as np

        array = np.empty(count, dtype=object)
        array[:] = [text(value) for value in values]
        return array

    def chunks(  # type: ignore[override]
        self, values: list[bytes], dtype: DType, count: int, step: int
    ) -> Iterator[np.ndarray]:
        for start in range(0, count, step):
            part = values[start : start + step]
            yield self.decode(part, dtype, len(part))


STRINGS = Strings()
