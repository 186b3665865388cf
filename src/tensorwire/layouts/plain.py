"""Little-endian numbers of whole bytes, side by side; also the interface of every layout."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from tensorwire.dtypes import DType
    from tensorwire.places import Span

__all__ = ["PLAIN", "Layout"]

# Elements of any width that begin at a multiple of 8 begin at a whole byte.
WHOLE_BYTES = 8


class Layout:
    """The plain layout; the others override what differs. ``span`` is what the place located."""

    __slots__ = ()

    def obstacle(self, dtype: DType) -> str | None:
        """Why no array can lie on the stored bytes; None if one can."""
        if sys.byteorder == "big" and dtype.itemsize > 1:
            return f"{dtype} elements are stored little-endian, this machine is big-endian"
        return None

    def fault(self, span: Span, dtype: DType, count: int) -> str | None:
        """Why ``span`` does not hold exactly ``count`` elements; None if it does."""
        needed = dtype.stored_nbytes(count)
        if span.nbytes == needed:
            return None
        return f"{span.nbytes} bytes stored, but {count} elements of {dtype} take {needed}"

    def view(self, span: Span, dtype: DType, shape: tuple[int, ...]) -> np.ndarray:
        """A read-only array of that shape on the bytes, whose source it keeps alive.

        REQUIRES: no obstacle, no fault.
        """
        import numpy as np

        if span.nbytes == 0:  # zero bytes may have no address to lie on
            return np.empty(shape, dtype=dtype.numpy)
        return np.ndarray(shape, dtype.numpy, span.source, span.offset)

    def decode(self, span: Span, dtype: DType, count: int) -> np.ndarray:
        """A new array of the elements. REQUIRES: no fault."""
        array = Layout.view(self, span, dtype, (count,)).copy()
        return array.byteswap() if sys.byteorder == "big" else array

    def packed(self, span: Span, dtype: DType, count: int) -> bytes:
        """The elements as bytes without gaps: little-endian, narrow ones packed low bits first.

        REQUIRES: no fault.
        """
        return bytes(span.view())

    def chunks(self, span: Span, dtype: DType, count: int, step: int) -> Iterator[np.ndarray]:
        """The elements in flat arrays of about ``step`` each, views where they can be.

        REQUIRES: no fault.
        """
        in_place = self.obstacle(dtype) is None
        step = max(step // WHOLE_BYTES, 1) * WHOLE_BYTES
        for start in range(0, count, step):
            number = min(step, count - start)
            part = span.part(start * dtype.bits // 8, dtype.stored_nbytes(number))
            if in_place:
                yield self.view(part, dtype, (number,))
            else:
                yield self.decode(part, dtype, number)


PLAIN = Layout()
