"""The fields of TensorProto that say which elements a tensor has."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

__all__ = ["PAYLOADS", "clear"]

#: Fields that hold elements. Source: onnx.proto, TensorProto.
PAYLOADS = (
    "float_data",
    "int32_data",
    "string_data",
    "int64_data",
    "double_data",
    "uint64_data",
    "raw_data",
)


def clear(message: Any) -> None:
    """Leaves a tensor without elements, inside its file or outside."""
    for field in (*PAYLOADS, "external_data", "data_location", "segment"):
        message.ClearField(field)
