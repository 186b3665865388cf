"""Elements stored as Protobuf varints: one each, or one for every byte of packed elements."""

from __future__ import annotations

from tensorwire.layouts.plain import Layout
from tensorwire.layouts.subbyte import pack, unpack

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from tensorwire.dtypes import DType
    from tensorwire.places import Span

__all__ = ["PACKED_VARINTS", "VARINTS"]

# Source: protobuf.dev/programming-guides/encoding, "Base 128 Varints".
CONTINUED = 0x80  # set in every byte of a varint but its last


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

    def chunks(self, span: Span, dtype: DType, count: int, step: int) -> Iterator[np.ndarray]:
        """``step`` bytes of varints at a time: at most as many elements as asked for."""
        at = 0
        while at < span.nbytes:
            stop, found = _whole_varints(span, at, step)
            yield self.decode(span.part(at, stop - at), dtype, found)
            at = stop


class PackedVarints(Varints):
    """One varint per byte, the bytes as in `PACKED`: 7 elements of 4 bits are 4 varints."""

    __slots__ = ()

    def stored_count(self, dtype: DType, count: int) -> int:
        return dtype.stored_nbytes(count)

    def decode(self, span: Span, dtype: DType, count: int) -> np.ndarray:
        return unpack(_cut(span, 1, self.stored_count(dtype, count)), dtype, count)

    def packed(self, span: Span, dtype: DType, count: int) -> bytes:
        return _cut(span, 1, self.stored_count(dtype, count)).tobytes()

    def chunks(self, span: Span, dtype: DType, count: int, step: int) -> Iterator[np.ndarray]:
        at = done = 0
        while at < span.nbytes:
            stop, found = _whole_varints(span, at, step * dtype.bits // 8)
            number = min(found * 8 // dtype.bits, count - done)
            yield self.decode(span.part(at, stop - at), dtype, number)
            at, done = stop, done + number


def _whole_varints(span: Span, at: int, nbytes: int) -> tuple[int, int]:
    """(where about ``nbytes`` of whole varints from ``at`` on end, how many they are)."""
    from tensorwire._core import bulk

    stored = span.view()
    stop = min(at + nbytes, span.nbytes)
    while stored[stop - 1] >= CONTINUED:  # ends: the last byte of a run is the last of a varint
        stop += 1
    return stop, bulk.varint_count(stored[at:stop])


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
