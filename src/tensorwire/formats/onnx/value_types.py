"""ValueInfoProto and TypeProto as `Value`."""

from __future__ import annotations

from tensorwire.formats.onnx.element_types import element_type
from tensorwire.graph import Value
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

__all__ = ["type_value", "value"]


def value(message: Any) -> Value:
    """The value that a ValueInfoProto declares."""
    if not message.HasField("type"):
        return Value(text(message.name), doc_string=text(message.doc_string))
    made = type_value(message.type, text(message.name))
    made.doc_string = text(message.doc_string)
    return made


def type_value(declared: Any, name: str = "") -> Value:
    """A TypeProto as the `Value` of that type."""
    which = declared.WhichOneof("value")
    if which in ("tensor_type", "sparse_tensor_type"):
        tensor = getattr(declared, which)
        dtype = element_type(tensor.elem_type) if tensor.elem_type else None
        shape = _shape(tensor.shape) if tensor.HasField("shape") else None
        return Value(name, dtype, shape, "tensor" if which == "tensor_type" else "sparse_tensor")
    return Value(name, kind=_type_text(declared))


def _type_text(declared: Any) -> str:
    """``sequence(float32 [N])``: a type in full."""
    which = declared.WhichOneof("value")
    if which is None:
        return "undefined"
    inner = getattr(declared, which)
    if which == "sequence_type":
        return f"sequence({_type_text(inner.elem_type)})"
    if which == "optional_type":
        return f"optional({_type_text(inner.elem_type)})"
    if which == "map_type":
        return f"map({element_type(inner.key_type)}, {_type_text(inner.value_type)})"
    if which == "opaque_type":
        return f"opaque({text(inner.domain)}:{text(inner.name)})"
    return _tensor_text(declared)


def _tensor_text(declared: Any) -> str:
    from tensorwire.listing import value_text

    return value_text(type_value(declared)).removeprefix(": ")


def _shape(shape: Any) -> tuple[int | str | None, ...]:
    return tuple(_dim(dim) for dim in shape.dim)


def _dim(dim: Any) -> int | str | None:
    """A number, a symbol, or None; an empty symbol says nothing."""
    if dim.HasField("dim_value"):
        return int(dim.dim_value)
    return text(dim.dim_param) or None
