"""TensorType: the element type of each number, and how elements lie in a buffer."""

from __future__ import annotations

from tensorwire.dtypes import DType, dtype, unknown
from tensorwire.layouts import PACKED, PLAIN, STRINGS, Layout

__all__ = ["element_type", "layout_of", "plain_type"]

#: Source: schema.fbs, TensorType. Resources and variants are handles that only exist at run time.
_TYPES: tuple[DType, ...] = (
    dtype("float32"),
    dtype("float16"),
    dtype("int32"),
    dtype("uint8"),
    dtype("int64"),
    dtype("string"),
    dtype("bool"),
    dtype("int16"),
    dtype("complex64"),
    dtype("int8"),
    dtype("float64"),
    dtype("complex128"),
    dtype("uint64"),
    unknown("resource"),
    unknown("variant"),
    dtype("uint32"),
    dtype("uint16"),
    dtype("int4"),
    dtype("bfloat16"),
    dtype("int2"),
    dtype("uint4"),
    dtype("float8_e4m3fn"),
    dtype("float8_e5m2"),
)


_PLAIN = {
    number: found
    for number, found in enumerate(_TYPES)
    if found.kind != "string" and found.bits and found.bits % 8 == 0
}


def element_type(number: int) -> DType:
    """The element type of a TensorType number; ``tflite:<number>`` stands in for an unknown one."""
    return _TYPES[number] if 0 <= number < len(_TYPES) else unknown(f"tflite:{number}")


def plain_type(number: int) -> DType | None:
    """The element type, of those that lie plainly in a buffer; None for all others."""
    return _PLAIN.get(number)


def layout_of(dtype: DType) -> Layout:
    """How elements lie in a buffer; those narrower than a byte have the first one lowest.

    Source: LiteRT ``tflite/kernels/internal/portable_tensor_utils.cc``, UnpackPackedIntToInt8.
    """
    if dtype.kind == "string":
        return STRINGS
    return PACKED if dtype.bits % 8 else PLAIN
