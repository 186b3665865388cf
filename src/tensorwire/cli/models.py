"""Models as verbs look at them: opened by name, their tensors as documents whatever is wrong."""

from __future__ import annotations

import sys

from tensorwire import api
from tensorwire.errors import ModelError
from tensorwire.listing import shape_text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, BinaryIO

    from tensorwire.graph import Value
    from tensorwire.model import Model
    from tensorwire.tensor import Tensor
    from tensorwire.tensors import Tensors

__all__ = ["each_tensor", "opened", "readable", "tensor_document", "type_text", "value_document"]

STDIN = "-"


def opened(name: str) -> Model:
    """The model in the file of this name; ``-`` is standard input."""
    return api.open(readable(name))


def readable(name: str) -> str | BinaryIO:
    """What `tensorwire.open` takes for ``name``."""
    return sys.stdin.buffer if name == STDIN else name


def each_tensor(tensors: Tensors) -> Iterator[tuple[str, Tensor | ModelError]]:
    """Name and tensor, or why there is none: one that breaks a limit does not hide the others."""
    for name in tensors:
        yield name, _tensor(tensors, name)


def tensor_document(name: str, tensor: Tensor | ModelError) -> dict[str, Any]:
    """What a file says of a tensor; of one that is impossible, why it is (``error``)."""
    if isinstance(tensor, ModelError):
        unknown = dict.fromkeys(("dtype", "shape", "nbytes", "offset", "aligned", "file"))
        return {"name": name, "scope": "", **unknown, "available": False, "error": tensor.reason}
    nbytes, error = _nbytes(tensor)
    return {
        "name": name,
        "scope": tensor.scope,
        "dtype": str(tensor.dtype),
        "shape": list(tensor.shape),
        "nbytes": nbytes,
        "offset": tensor.offset,
        "aligned": tensor.aligned,
        "file": tensor.file,
        "available": tensor.available,
        "error": error,
    }


def value_document(value: Value) -> dict[str, Any]:
    """What flows along an edge: ``shape`` holds numbers, symbols and None."""
    return {
        "name": value.name,
        "kind": value.kind,
        "dtype": None if value.dtype is None else str(value.dtype),
        "shape": None if value.shape is None else list(value.shape),
    }


def type_text(described: Mapping[str, Any]) -> str:
    """``float32 [N, 3]`` of a document of a value or a tensor."""
    kind = described.get("kind", "tensor")
    shape = described["shape"]
    parts = ["" if kind == "tensor" else kind, described["dtype"] or ""]
    parts.append("" if shape is None else shape_text(shape))
    return " ".join(part for part in parts if part) or "?"


def _tensor(tensors: Tensors, name: str) -> Tensor | ModelError:
    try:
        return tensors[name]
    except ModelError as error:
        return error


def _nbytes(tensor: Tensor) -> tuple[int | None, str | None]:
    try:
        return tensor.nbytes, None
    except ModelError as error:
        return None, error.reason
