"""TensorProto.DataType: the element type of each number, and where typed elements are stored."""

from __future__ import annotations

from tensorwire.dtypes import DType, dtype, unknown
from tensorwire.errors import UnsupportedError
from tensorwire.layouts import PACKED, PACKED_VARINTS, PLAIN, STRINGS, VARINTS, Layout

__all__ = ["data_type", "element_type", "raw_layout", "typed_field"]

#: number -> (dtype, field of TensorProto, layout of that field's payload).
#: Source: onnx.proto, TensorProto.DataType and the comments of ``float_data`` to ``uint64_data``.
_TYPES: dict[int, tuple[DType, str, Layout]] = {
    number: (dtype(name), field, layout)
    for number, name, field, layout in (
        (1, "float32", "float_data", PLAIN),
        (2, "uint8", "int32_data", VARINTS),
        (3, "int8", "int32_data", VARINTS),
        (4, "uint16", "int32_data", VARINTS),
        (5, "int16", "int32_data", VARINTS),
        (6, "int32", "int32_data", VARINTS),
        (7, "int64", "int64_data", VARINTS),
        (8, "string", "string_data", STRINGS),
        (9, "bool", "int32_data", VARINTS),
        (10, "float16", "int32_data", VARINTS),
        (11, "float64", "double_data", PLAIN),
        (12, "uint32", "uint64_data", VARINTS),
        (13, "uint64", "uint64_data", VARINTS),
        (14, "complex64", "float_data", PLAIN),
        (15, "complex128", "double_data", PLAIN),
        (16, "bfloat16", "int32_data", VARINTS),
        (17, "float8_e4m3fn", "int32_data", VARINTS),
        (18, "float8_e4m3fnuz", "int32_data", VARINTS),
        (19, "float8_e5m2", "int32_data", VARINTS),
        (20, "float8_e5m2fnuz", "int32_data", VARINTS),
        (21, "uint4", "int32_data", PACKED_VARINTS),
        (22, "int4", "int32_data", PACKED_VARINTS),
        (23, "float4_e2m1fn", "int32_data", PACKED_VARINTS),
        (24, "float8_e8m0fnu", "int32_data", VARINTS),
        (25, "uint2", "int32_data", PACKED_VARINTS),
        (26, "int2", "int32_data", PACKED_VARINTS),
        # 6 bits: an entry is an element, not a packed byte as for 4 and 2 bits.
        (27, "float6_e2m3fn", "int32_data", VARINTS),
        (28, "float6_e3m2fn", "int32_data", VARINTS),
    )
}


_NUMBERS = {row[0].name: number for number, row in _TYPES.items()}


def data_type(dtype: DType) -> int:
    """The DataType number. Raises: ``UnsupportedError`` for a type that ONNX does not have."""
    if dtype.name not in _NUMBERS:
        raise UnsupportedError(f"ONNX has no data type for elements of {dtype}")
    return _NUMBERS[dtype.name]


def element_type(number: int) -> DType:
    """The element type of a DataType number; ``onnx:<number>`` stands in for an unknown one."""
    row = _TYPES.get(number)
    return unknown(f"onnx:{number}") if row is None else row[0]


def typed_field(number: int) -> tuple[str, Layout] | None:
    """(field, layout) of elements that are not raw; None for a type we do not know."""
    row = _TYPES.get(number)
    return None if row is None else row[1:]


def raw_layout(dtype: DType) -> Layout:
    """How elements lie in ``raw_data`` and in external files."""
    return PACKED if dtype.bits % 8 else PLAIN
