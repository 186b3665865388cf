"""Other elements for a TensorProto."""

from __future__ import annotations

from tensorwire import proto
from tensorwire.elements import Elements
from tensorwire.errors import UnsupportedError
from tensorwire.formats.onnx.element_types import data_type
from tensorwire.formats.onnx.payload_fields import clear
from tensorwire.formats.onnx.places_in_model import (
    at,
    declared_name,
    is_part_of_sparse,
    surroundings,
)
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

__all__ = ["replace"]


def replace(root: Any, path: str, array: object) -> None:
    """Stores an array in the tensor at ``path``: raw data, or strings. It keeps its name.

    Where dtype or shape become others, so do the types that the graph around declares for it.
    Copies: as `Elements`. Raises: ``UnsupportedError`` for an array that ONNX has no type for, and
    for one of another shape where it is part of a sparse tensor, whose parts have to fit.
    """
    message = at(root, path)
    elements = Elements(array)
    number = data_type(elements.dtype)
    before = message.data_type, tuple(message.dims)
    after = number, elements.shape
    if is_part_of_sparse(path):
        _require_fit(path, before, after)
    _store(message, number, elements)
    if before != after and not is_part_of_sparse(path):
        name, around = declared_name(root, path), surroundings(root, path)
        if name is not None and around is not None:
            _declare(around, name, number, elements.shape)


def _require_fit(path: str, before: tuple[int, Any], after: tuple[int, Any]) -> None:
    """Indices are int64, and both parts are as many as they were."""
    if before[1] != after[1]:
        reason = f"a part of a sparse tensor keeps its shape {list(before[1])}"
    elif path.endswith(".indices") and before[0] != after[0]:
        reason = "the indices of a sparse tensor keep their type"
    else:
        return
    raise UnsupportedError(reason, path=path)


def _store(message: Any, number: int, elements: Elements) -> None:
    clear(message)
    message.data_type = number
    message.ClearField("dims")
    message.dims.extend(elements.shape)
    if isinstance(elements.data, list):
        message.string_data.extend(elements.data)
    else:
        proto.put(message, "raw_data", elements.data)


def _declare(around: Any, name: str, number: int, shape: tuple[int, ...]) -> None:
    """Of a graph its inputs, outputs and values, of a function its values."""
    for field in ("input", "output", "value_info"):
        for value in getattr(around, field):
            if not isinstance(value, (str, bytes)) and text(value.name) == name:
                _declare_value(value, number, shape)


def _declare_value(value: Any, number: int, shape: tuple[int, ...]) -> None:
    """A shape that is not declared stays so."""
    if not value.type.HasField("tensor_type"):
        return
    declared = value.type.tensor_type
    declared.elem_type = number
    if declared.HasField("shape"):
        del declared.shape.dim[:]
        for length in shape:
            declared.shape.dim.add(dim_value=length)
