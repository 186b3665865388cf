"""An ONNX model of any size: a deep perceptron, written piece by piece in little memory.

Source of the field numbers: onnx/onnx ``onnx.proto``, the message named beside each.
"""

from __future__ import annotations

import random
import sys
from array import array
from math import isqrt

from tensorwire.cli.demo.encoder import block, head, number

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Perceptron"]

FLOAT = 1  # TensorProto.DataType
IR_VERSION, OPSET = 8, 17  # of 2022: every onnx of today reads them
LAYERS = 48  # about as many as a language model of 7 billion parameters has, and then some
WIDTHS = range(8, 8192 + 1, 8)
NUMBERS = 1 << 18  # different random weights: 1 MiB, which all tensors are cut from


class Perceptron:
    """``layers`` times MatMul, Add, Relu, all ``width`` wide; about as big as it should be."""

    def __init__(self, nbytes: int) -> None:
        width = isqrt(nbytes // (4 * LAYERS)) // WIDTHS.step * WIDTHS.step
        self.width = min(max(width, WIDTHS.start), WIDTHS.stop - 1)
        self.layers = max(nbytes // (4 * self.width * (self.width + 1)), 1)
        source = random.Random(0)
        weights = array("f", (source.random() - 0.5 for _ in range(NUMBERS)))
        self._weights = weights
        self._bytes = memoryview(_little_endian(weights)).cast("B")
        self._tensors = list(self._describe())
        self._graph = [*self._nodes(), *self._ends()]

    @property
    def tensors(self) -> int:
        """How many there are."""
        return len(self._tensors)

    @property
    def last_elements(self) -> float:
        """The sum of the last element of each tensor: what a reader must find."""
        lasts = ((start + count - 1) % NUMBERS for _, start, count in self._tensors)
        return float(sum(self._weights[last] for last in lasts))

    @property
    def nbytes(self) -> int:
        """Of the file."""
        return sum(map(len, self._before())) + self._graph_nbytes()

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The bytes of the file, at most 1 MiB at a time."""
        yield from self._before()
        yield from self._graph
        for description, start, count in self._tensors:
            yield description
            yield from self._elements(start, 4 * count)

    def _before(self) -> list[bytes]:
        """ModelProto: ir_version 1, producer_name 2, opset_import 8 (version 2), graph 7."""
        model = number(1, IR_VERSION) + block(2, "tensorwire demo") + block(8, number(2, OPSET))
        return [model, head(7, self._graph_nbytes())]

    def _graph_nbytes(self) -> int:
        tensors = sum(len(description) + 4 * count for description, _, count in self._tensors)
        return sum(map(len, self._graph)) + tensors

    def _nodes(self) -> Iterator[bytes]:
        """GraphProto.node 1. NodeProto: input 1, output 2, name 3, op_type 4."""
        value = "x"
        for i in range(self.layers):
            steps = (("MatMul", f"layers.{i}.weight"), ("Add", f"layers.{i}.bias"), ("Relu", None))
            for operator, tensor in steps:
                last = i == self.layers - 1 and operator == "Relu"
                output = "y" if last else f"layers.{i}.{operator.lower()}"
                inputs = block(1, value) + (block(1, tensor) if tensor else b"")
                named = block(3, f"layer {i} {operator}") + block(4, operator)
                yield block(1, inputs + block(2, output) + named)
                value = output

    def _ends(self) -> Iterator[bytes]:
        """GraphProto: name 2, input 11, output 12. ValueInfoProto: name 1, type 2.

        TypeProto: tensor_type 1 (elem_type 1, shape 2 (dim 1 (dim_value 1, dim_param 2))).
        """
        dims = block(1, block(2, "batch")) + block(1, number(1, self.width))
        kind = block(1, number(1, FLOAT) + block(2, dims))
        yield block(2, "perceptron")
        yield block(11, block(1, "x") + block(2, kind))
        yield block(12, block(1, "y") + block(2, kind))

    def _describe(self) -> Iterator[tuple[bytes, int, int]]:
        """(everything of an initializer but its elements, its first weight, number of elements)."""
        start = 0
        for i in range(self.layers):
            for name, shape in (("weight", [self.width, self.width]), ("bias", [self.width])):
                count = self.width ** len(shape)
                yield _initializer(f"layers.{i}.{name}", shape, 4 * count), start, count
                start = (start + count + 1) % NUMBERS

    def _elements(self, start: int, nbytes: int) -> Iterator[memoryview]:
        at = 4 * start
        while nbytes:
            piece = self._bytes[at : at + nbytes]
            yield piece
            nbytes -= len(piece)
            at = 0


def _initializer(name: str, shape: list[int], nbytes: int) -> bytes:
    """GraphProto.initializer 5. TensorProto: dims 1, data_type 2, name 8, raw_data 9."""
    dims = b"".join(number(1, dim) for dim in shape)
    tensor = dims + number(2, FLOAT) + block(8, name) + head(9, nbytes)
    return head(5, len(tensor) + nbytes) + tensor


def _little_endian(weights: array[float]) -> array[float]:
    """As raw_data has them; the same object on most machines."""
    if sys.byteorder == "little":
        return weights
    swapped = array("f", weights)
    swapped.byteswap()
    return swapped
