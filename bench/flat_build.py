"""(11) Building a TFLite model by generated code, on our FlatBuffers builder and on upstream's.

The model is made up: as many tensors as asked for, each with a name, a shape, a quantisation, a
buffer and an operator that writes it. The same generated functions are called on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as tfl
from clock import in_turns
from flatbuffers.builder import Builder as UpstreamBuilder
from rows import Row, paired_row

from tensorwire._core.flat_builder import Builder

COUNT, QUICK_COUNT = 2_000, 200
ROUNDS, QUICK_ROUNDS = 15, 5
LEAST = 10.0
ARRAY = 1 << 20
SIDES = {"ours": Builder, "upstream": UpstreamBuilder}


@cache
def names(count: int) -> list[str]:
    return [f"model/block_{i // 10}/conv2d_{i}/kernel;model/batch_norm_{i}" for i in range(count)]


def quantization(b: Any, i: int) -> int:
    tfl.QuantizationParametersStartScaleVector(b, 1)
    b.PrependFloat32(0.25)
    scale = b.EndVector()
    tfl.QuantizationParametersStartZeroPointVector(b, 1)
    b.PrependInt64(i)
    zero = b.EndVector()
    tfl.QuantizationParametersStart(b)
    tfl.QuantizationParametersAddScale(b, scale)
    tfl.QuantizationParametersAddZeroPoint(b, zero)
    tfl.QuantizationParametersAddQuantizedDimension(b, 3)
    return tfl.QuantizationParametersEnd(b)


def tensor(b: Any, i: int, name: str) -> int:
    named = b.CreateString(name)
    tfl.TensorStartShapeVector(b, 4)
    for size in (i, 3, 3, 1):
        b.PrependInt32(size)
    shape = b.EndVector()
    quantized = quantization(b, i)
    tfl.TensorStart(b)
    tfl.TensorAddShape(b, shape)
    tfl.TensorAddType(b, tfl.TensorType.INT8)
    tfl.TensorAddBuffer(b, i + 1)
    tfl.TensorAddName(b, named)
    tfl.TensorAddQuantization(b, quantized)
    tfl.TensorAddHasRank(b, True)
    return tfl.TensorEnd(b)


def operator(b: Any, i: int) -> int:
    tfl.OperatorStartInputsVector(b, 3)
    for number in (i + 2, i + 1, i):
        b.PrependInt32(number)
    inputs = b.EndVector()
    tfl.OperatorStartOutputsVector(b, 1)
    b.PrependInt32(i + 3)
    outputs = b.EndVector()
    tfl.OperatorStart(b)
    tfl.OperatorAddOpcodeIndex(b, i % 5)
    tfl.OperatorAddInputs(b, inputs)
    tfl.OperatorAddOutputs(b, outputs)
    return tfl.OperatorEnd(b)


def buffer(b: Any, data: bytes) -> int:
    held = b.CreateByteVector(data)
    tfl.BufferStart(b)
    tfl.BufferAddData(b, held)
    return tfl.BufferEnd(b)


def offsets(b: Any, values: list[int]) -> int:
    for offset in reversed(values):
        b.PrependUOffsetTRelative(offset)
    return b.EndVector()


def subgraph(b: Any, count: int) -> int:
    made = [tensor(b, i, name) for i, name in enumerate(names(count))]
    tfl.SubGraphStartTensorsVector(b, count)
    tensors = offsets(b, made)
    made = [operator(b, i) for i in range(count)]
    tfl.SubGraphStartOperatorsVector(b, count)
    operators = offsets(b, made)
    tfl.SubGraphStart(b)
    tfl.SubGraphAddTensors(b, tensors)
    tfl.SubGraphAddOperators(b, operators)
    return tfl.SubGraphEnd(b)


def build(builder: Any, count: int) -> bytearray:
    """The model's bytes."""
    b = builder(1024)
    data = bytes(64)
    made = [buffer(b, data) for _ in range(count)]
    tfl.ModelStartBuffersVector(b, count)
    buffers = offsets(b, made)
    graph = subgraph(b, count)
    tfl.ModelStartSubgraphsVector(b, 1)
    graphs = offsets(b, [graph])
    tfl.ModelStart(b)
    tfl.ModelAddVersion(b, 3)
    tfl.ModelAddSubgraphs(b, graphs)
    tfl.ModelAddBuffers(b, buffers)
    b.Finish(tfl.ModelEnd(b), b"TFL3")
    return b.Output()


def build_array(builder: Any, array: np.ndarray) -> bytearray:
    """One buffer of an array."""
    b = builder(0)
    b.Finish(b.CreateNumpyVector(array))
    return b.Output()


def rows(quick: bool, _: str) -> Iterator[Row]:
    count = QUICK_COUNT if quick else COUNT
    rounds = QUICK_ROUNDS if quick else ROUNDS
    array = np.arange(ARRAY, dtype=np.float32)
    cases = {
        f"a TFLite model of {count} tensors, by generated code": (build, count, LEAST),
        f"one array of {array.nbytes >> 20} MiB": (build_array, array, None),
    }
    for name, (make, subject, least) in cases.items():
        assert make(Builder, subject) == make(UpstreamBuilder, subject), name
        calls = {
            side: lambda make=make, builder=builder, subject=subject: make(builder, subject)
            for side, builder in SIDES.items()
        }
        taken = in_turns(calls, rounds)
        against = f"flatbuffers {flatbuffers.__version__}"
        yield paired_row(name, against, taken["ours"], taken["upstream"], least=least)


if __name__ == "__main__":
    import sys

    from rows import table

    print("\n".join(table(list(rows("--quick" in sys.argv, "")))))
