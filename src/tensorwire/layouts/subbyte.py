"""Numbers narrower than a byte: two of 4 bits or four of 2 bits a byte, four of 6 bits in three."""

from __future__ import annotations

from tensorwire.layouts.plain import Layout

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.dtypes import DType
    from tensorwire.places import Span

__all__ = ["PACKED", "pack", "unpack"]

# Elements packed at a time, each a byte per bit meanwhile; whole bytes for any width.
PACK_STEP = 1 << 20


class Packed(Layout):
    """Low bits first, the last byte padded. Source: onnx.proto, TensorProto ``raw_data``."""

    __slots__ = ()

    def obstacle(self, dtype: DType) -> str | None:
        return f"{dtype} elements are packed, {dtype.bits} bits each"

    def decode(self, span: Span, dtype: DType, count: int) -> np.ndarray:
        return unpack(span.view(), dtype, count)


def unpack(packed: Any, dtype: DType, count: int) -> np.ndarray:
    """``count`` elements, one to a byte, with the bits above them zero as ml_dtypes keeps them."""
    import numpy as np

    from tensorwire._core import bulk

    codes = np.empty(count, dtype=np.uint8)
    bulk.unpack_bits(packed, codes.data, dtype.bits, False)
    return codes.view(dtype.numpy)


def pack(codes: np.ndarray, dtype: DType) -> bytes:
    """The reverse of `unpack`, for codes of one byte each; bits above those of the dtype drop."""
    import numpy as np

    packed = np.empty(dtype.stored_nbytes(len(codes)), dtype=np.uint8)
    for start in range(0, len(codes), PACK_STEP):
        part = codes[start : start + PACK_STEP]
        bits = np.unpackbits(part[:, np.newaxis], axis=1, count=dtype.bits, bitorder="little")
        at = dtype.stored_nbytes(start)
        packed[at : at + dtype.stored_nbytes(len(part))] = np.packbits(bits, bitorder="little")
    return packed.tobytes()


PACKED = Packed()
