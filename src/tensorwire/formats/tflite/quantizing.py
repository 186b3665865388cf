"""QuantizationParameters as `Quantization`.

Source: schema.fbs, QuantizationParameters: ``real = scale * (code - zero_point)``, and the tables
of QuantizationDetails, of which the plain fields mean nothing if one is there.
"""

from __future__ import annotations

from tensorwire.dtypes import dtype
from tensorwire.errors import ModelError
from tensorwire.formats.tflite.tables import extent, numbers
from tensorwire.places import Refused, Span
from tensorwire.quantization import Quantization
from tensorwire.shapes import check_rank
from tensorwire.tensor import Tensor

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.formats.tflite.tensor_maker import TensorMaker

__all__ = ["AFFINE", "BLOCKWISE", "CUSTOM", "MULTI_AXIS", "quantization"]

# Source: schema.fbs, QuantizationDetails.
AFFINE, CUSTOM, BLOCKWISE, MULTI_AXIS = range(4)


def quantization(maker: TensorMaker, table: Any, graph: int, path: str) -> Quantization | None:
    """How the codes of the Tensor table at ``path`` stand for real numbers; None if not at all."""
    parameters = table.quantization
    path = f"{path}.quantization"
    details = parameters.details
    kind = int(parameters.details_type)
    if kind in (BLOCKWISE, MULTI_AXIS) and details is not None:
        return _by_tensors(maker, parameters, details, graph, f"{path}.details")
    if kind != AFFINE:
        return None
    scale = _vector(maker, parameters, "scale", "float32", path)
    if scale is None:
        return None
    zero_point = _vector(maker, parameters, "zero_point", "int64", path)
    axis = None if scale.shape == (1,) else parameters.quantized_dimension
    return Quantization(scale, zero_point, axis)


def _vector(maker: TensorMaker, table: Any, field: str, kind: str, path: str) -> Tensor | None:
    """A vector of numbers as a tensor on the file; None for one without elements."""
    found = extent(table, field)
    if found is None or found[0] == found[1]:
        return None
    start, stop = found
    element = dtype(kind)
    place = Span(maker.buffers.source, start, stop - start)
    shape = ((stop - start) // element.itemsize,)
    return Tensor(field, element, shape, place, path=f"{path}.{field}")


def _by_tensors(
    maker: TensorMaker, parameters: Any, details: Any, graph: int, path: str
) -> Quantization:
    """Scales and zero points are other tensors of the same subgraph, -1 standing for zeros."""
    scale = _tensor(maker, graph, details.scales, f"{path}.scales")
    zero_point = None
    if details.zero_points != -1:
        zero_point = _tensor(maker, graph, details.zero_points, f"{path}.zero_points")
    axis: int | tuple[int, ...] = parameters.quantized_dimension
    if int(parameters.details_type) == MULTI_AXIS:
        axes = numbers(details, "quantized_dimensions")
        check_rank(len(axes), maker.limits.rank, f"{path}.quantized_dimensions")
        axis = tuple(axes)
    return Quantization(scale, zero_point, axis, _block(maker, details, path))


def _block(maker: TensorMaker, details: Any, path: str) -> int | tuple[int, ...]:
    """The size of blocks, or their sizes along all dimensions, which one of the tables may have."""
    if not hasattr(details, "block_shape"):
        return int(details.block_size)
    sizes = numbers(details, "block_shape")
    check_rank(len(sizes), maker.limits.rank, f"{path}.block_shape")
    return tuple(sizes) or int(details.block_size)


def _tensor(maker: TensorMaker, graph: int, index: int, path: str) -> Tensor:
    """The constant of that index; in place of what is none, a tensor that cannot be read."""
    found = maker.other(graph, index)
    if found is not None:
        return found
    reason = f"tensor {index} of the subgraph is no constant"
    nothing = Refused(lambda: ModelError(reason, path=path), None)
    return Tensor(path.rpartition(".")[2], dtype("float32"), (), nothing, path=path)
