"""Elements stored as Protobuf varints: one each, or one for every byte of packed elements."""

from __future__ import annotations

from tensorwire.layouts.plain import Layout
from tensorwire.layouts.subbyte import pack, unpack

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    import numpy as np

    from tensorwire.dtypes import DType
    from tensorwire.places import Span

__all__ = ["PACKED_VARINTS", "VARINTS"]


class Varints(Layout):
    """One varint per element, cut to the element's width: numbers, or bit patterns of floats.

    Source: onnx.proto, TensorProto ``int32_data``, ``int64_data``, ``uint64_data``.
    """

    __slots__ = ()

    def obstacle(self, dtype: DType) -> str | None:
        return "the elements are stored as varints"

    def stored_count(self, dtype: DType, count: int) -> int:
        """How many varints ``count`` elements take."""
        return count

    def fault(self, span: Span, dtype: DType, count: int) -> str | None:
        from tensorwire._core import bulk

        found, needed = bulk.varint_count(span.view()), self.stored_count(dtype, count)
        if found == needed:
            return None
        return f"{found} varints stored, but {count} elements of {dtype} take {needed}"

    def decode(self, span: Span, dtype: DType, count: int) -> np.ndarray:
        return _cut(span, dtype.itemsize, count).view(dtype.numpy)

    def packed(self, span: Span, dtype: DType, count: int) -> bytes:
        codes = _cut(span, dtype.itemsize, count)
        if dtype.bits % 8:
            return pack(codes, dtype)
        return codes.astype(codes.dtype.newbyteorder("<"), copy=False).tobytes()


class PackedVarints(Varints):
    """One varint per byte, the bytes as in `PACKED`: 7 elements of 4 bits are 4 varints."""

    __slots__ = ()

    def stored_count(self, dtype: DType, count: int) -> int:
        return dtype.stored_nbytes(count)

    def decode(self, span: Span, dtype: DType, count: int) -> np.ndarray:
        return unpack(_cut(span, 1, self.stored_count(dtype, count)), dtype, count)

    def packed(self, span: Span, dtype: DType, count: int) -> bytes:
        return _cut(span, 1, self.stored_count(dtype, count)).tobytes()


def _cut(span: Span, itemsize: int, count: int) -> np.ndarray:
    """``count`` varints as unsigned integers of ``itemsize`` bytes, higher bits dropped."""
    import numpy as np

    from tensorwire._core import bulk

    kind = "uint64" if itemsize == 8 else "uint32"
    values = np.empty(count, dtype=kind)
    bulk.varint_decode(span.view(), values.data, kind)
    return values.astype(f"u{itemsize}", copy=False)


VARINTS = Varints()
PACKED_VARINTS = PackedVarints()
