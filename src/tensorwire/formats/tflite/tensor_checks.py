"""What can be wrong with tensors: declared against stored, quantization, sparsity."""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.formats.tflite.quantizing import AFFINE, BLOCKWISE, MULTI_AXIS, quantization
from tensorwire.formats.tflite.tables import extent, numbers
from tensorwire.report import Finding

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tensorwire.formats.tflite.budget import Budget
    from tensorwire.formats.tflite.tensor_maker import TensorMaker
    from tensorwire.tensor import Tensor

__all__ = ["tensor_findings"]


def tensor_findings(
    maker: TensorMaker, graph: Any, index: int, budget: Budget
) -> Iterator[Finding]:
    """Those of every tensor of a subgraph."""
    buffers = maker.buffers.count
    for i, table in enumerate(graph.tensors):
        path = f"subgraphs[{index}].tensors[{i}]"
        budget.spend(1, path)
        if table.buffer >= buffers:
            yield Finding("index", f"buffer {table.buffer} of {buffers}", f"{path}.buffer")
            continue
        place = maker.place(index, i)
        if place is not None:
            try:
                made = maker.make(place, "", "", index, i)
                _spend(made, place, budget, path)
                made.check()
            except (ModelError, OSError) as error:
                yield Finding.of(error, path)
            if table.is_variable:
                yield Finding("variable", "a variable has data", path)
        yield from _signature_findings(table, path)
        if table.quantization is not None:
            yield from _quantization_findings(maker, table, index, path)


def _spend(tensor: Tensor, place: Any, budget: Budget, path: str) -> None:
    """Strings and sparse elements are looked at for each tensor, though tensors may share them."""
    if tensor.dtype.kind == "string" or tensor.sparsity is not None:
        budget.spend(place.locate().nbytes, path)


def _signature_findings(table: Any, path: str) -> Iterator[Finding]:
    """``shape_signature`` is the shape with -1 where dimensions are not known."""
    signature, shape = numbers(table, "shape_signature"), numbers(table, "shape")
    if not len(signature):
        return
    pairs = zip(signature, shape, strict=False)
    if len(signature) != len(shape) or any(mine not in (-1, other) for mine, other in pairs):
        reason = f"signature {list(signature[:64])} of shape {list(shape[:64])}"
        yield Finding("shape", reason, f"{path}.shape_signature", severity="warning")


def _quantization_findings(
    maker: TensorMaker, table: Any, graph: int, path: str
) -> Iterator[Finding]:
    parameters = table.quantization
    kind = int(parameters.details_type)
    if kind == AFFINE:
        yield from _affine_findings(table, f"{path}.quantization")
    elif kind in (BLOCKWISE, MULTI_AXIS) and parameters.details is not None:
        yield from _details_findings(maker, table, graph, path)


def _affine_findings(table: Any, path: str) -> Iterator[Finding]:
    """Source: LiteRT ``interpreter_builder.cc``, InterpreterBuilder::ParseQuantization."""
    parameters, shape = table.quantization, numbers(table, "shape")
    scales = _count(parameters, "scale", 4)
    if not scales:
        return
    zero_points = _count(parameters, "zero_point", 8)
    if zero_points != scales:
        reason = f"{scales} scales, but {zero_points} zero points"
        yield Finding("quantization", reason, path)
    axis = parameters.quantized_dimension
    if axis < 0 or (len(shape) and axis >= len(shape)):
        reason = f"dimension {axis} of {len(shape)}"
        yield Finding("quantization", reason, f"{path}.quantized_dimension")
    elif scales > 1 and len(shape) and scales != shape[axis]:
        reason = f"{scales} scales for a dimension of {shape[axis]}"
        yield Finding("quantization", reason, f"{path}.scale")


def _count(table: Any, field: str, width: int) -> int:
    found = extent(table, field)
    return 0 if found is None else (found[1] - found[0]) // width


def _details_findings(
    maker: TensorMaker, table: Any, graph: int, path: str
) -> Iterator[Finding]:
    """Scales and zero points are constants, in shapes that fit the tensor."""
    details = table.quantization.details
    at = f"{path}.quantization.details"
    fine = True
    for field, least in (("scales", 0), ("zero_points", -1)):
        index = getattr(details, field)
        if index != -1 or least == 0:
            found = maker.other(graph, index)
            fine = fine and found is not None
            if found is None:
                reason = f"tensor {index} of the subgraph is no constant"
                yield Finding("quantization", reason, f"{at}.{field}")
    if details.block_size < 0:
        yield Finding("quantization", f"blocks of {details.block_size}", f"{at}.block_size")
    elif fine:
        yield from _fit_findings(maker, table, graph, path)


def _fit_findings(maker: TensorMaker, table: Any, graph: int, path: str) -> Iterator[Finding]:
    """Whether scales and zero points spread over the tensor, without making all of them."""
    found = quantization(maker, table, graph, path)
    try:
        if found is not None:
            found.check(maker.shape(table, path))
    except (ModelError, OSError) as error:
        reason = getattr(error, "reason", str(error))
        yield Finding("quantization", reason, f"{path}.quantization")
