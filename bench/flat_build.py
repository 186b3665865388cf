"""(13) Building a TFLite model: by generated code, from objects and dicts, beside upstream.

    python bench/flat_build.py [--quick]

The model is made up: as many tensors as asked for, each with a name, a shape, a quantisation, a
buffer and an operator that writes it. Both sides call the same generated functions, upstream's on
its own package, ours with `flat.install()` or `flat.adopt()` in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated
from clock import in_turns
from rows import Row, paired_row

from tensorwire._core import flat_builder

COUNT, QUICK_COUNT = 2_000, 200
ROUNDS, QUICK_ROUNDS = 15, 5
LEAST = 10.0
ARRAY = 1 << 20
SIDES = {"ours": flat_builder.Builder, "upstream": flatbuffers.builder.Builder}


@cache
def names(count: int) -> list[str]:
    return [f"model/block_{i // 10}/conv2d_{i}/kernel;model/batch_norm_{i}" for i in range(count)]


def quantization(tfl: Any, b: Any, i: int) -> int:
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


def tensor(tfl: Any, b: Any, i: int, name: str) -> int:
    named = b.CreateString(name)
    tfl.TensorStartShapeVector(b, 4)
    for size in (i, 3, 3, 1):
        b.PrependInt32(size)
    shape = b.EndVector()
    quantized = quantization(tfl, b, i)
    tfl.TensorStart(b)
    tfl.TensorAddShape(b, shape)
    tfl.TensorAddType(b, tfl.TensorType.INT8)
    tfl.TensorAddBuffer(b, i + 1)
    tfl.TensorAddName(b, named)
    tfl.TensorAddQuantization(b, quantized)
    tfl.TensorAddHasRank(b, True)
    return tfl.TensorEnd(b)


def operator(tfl: Any, b: Any, i: int) -> int:
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


def buffer(tfl: Any, b: Any, data: bytes) -> int:
    held = b.CreateByteVector(data)
    tfl.BufferStart(b)
    tfl.BufferAddData(b, held)
    return tfl.BufferEnd(b)


def offsets(b: Any, values: list[int]) -> int:
    for offset in reversed(values):
        b.PrependUOffsetTRelative(offset)
    return b.EndVector()


def subgraph(tfl: Any, b: Any, count: int) -> int:
    made = [tensor(tfl, b, i, name) for i, name in enumerate(names(count))]
    tfl.SubGraphStartTensorsVector(b, count)
    tensors = offsets(b, made)
    made = [operator(tfl, b, i) for i in range(count)]
    tfl.SubGraphStartOperatorsVector(b, count)
    operators = offsets(b, made)
    tfl.SubGraphStart(b)
    tfl.SubGraphAddTensors(b, tensors)
    tfl.SubGraphAddOperators(b, operators)
    return tfl.SubGraphEnd(b)


def build(builder: Any, count: int, tfl: Any = schema_py_generated) -> bytearray:
    """The model's bytes, by the functions of the generated module ``tfl``."""
    b = builder(1024)
    data = bytes(64)
    made = [buffer(tfl, b, data) for _ in range(count)]
    tfl.ModelStartBuffersVector(b, count)
    buffers = offsets(b, made)
    graph = subgraph(tfl, b, count)
    tfl.ModelStartSubgraphsVector(b, 1)
    graphs = offsets(b, [graph])
    tfl.ModelStart(b)
    tfl.ModelAddVersion(b, 3)
    tfl.ModelAddSubgraphs(b, graphs)
    tfl.ModelAddBuffers(b, buffers)
    b.Finish(tfl.ModelEnd(b), b"TFL3")
    return b.Output()


def pack(builder: Any, model: Any) -> bytearray:
    """An object's bytes."""
    b = builder(1024)
    b.Finish(model.Pack(b), b"TFL3")
    return b.Output()


def unpacked(tfl: Any, count: int, *, listed: bool = False) -> Any:
    """The model as an object; with lists and bytes for arrays, as programs make them."""
    model = tfl.ModelT.InitFromPackedBuf(bytes(build(SIDES["ours"], count)), 0)
    if listed:
        for one in model.subgraphs[0].tensors:
            one.shape = one.shape.tolist()
        for one in model.buffers:
            one.data = bytes(one.data)
    return model


def blob(tfl: Any, data: Any) -> Any:
    """A buffer of the object API that holds ``data``."""
    made = tfl.BufferT()
    made.data = data
    return made


def as_dict(count: int) -> dict[str, Any]:
    """The model for `Schema.build`."""
    tensors = [
        {
            "shape": [1, 3, 3, i],
            "type": "INT8",
            "buffer": i + 1,
            "name": name,
            "quantization": {"scale": [0.25], "zero_point": [i], "quantized_dimension": 3},
            "has_rank": True,
        }
        for i, name in enumerate(names(count))
    ]
    operators = [
        {"opcode_index": i % 5, "inputs": [i, i + 1, i + 2], "outputs": [i + 3]}
        for i in range(count)
    ]
    buffers = [{"data": bytes(64)} for _ in range(count)]
    graphs = [{"tensors": tensors, "operators": operators}]
    return {"version": 3, "subgraphs": graphs, "buffers": buffers}


def build_array(builder: Any, array: np.ndarray) -> bytearray:
    """One buffer of an array."""
    b = builder(0)
    b.Finish(b.CreateNumpyVector(array))
    return b.Output()


def cases(count: int) -> Iterator[tuple[str, Any, Any, float | None]]:
    """(question, what ours does, what upstream does, the ratio that must be reached)"""
    from flat_dropin import sides

    from tensorwire import flat
    from tensorwire.formats.tflite import schema

    modules = sides()
    ours, theirs = SIDES["ours"], SIDES["upstream"]
    plain, installed, adopted = (modules[side] for side in ("upstream", "install", "adopt"))
    name = f"a model of {count} tensors"
    slow = partial(build, theirs, count, plain)
    yield f"{name}, generated code, install", partial(build, ours, count, installed), slow, LEAST
    yield f"{name}, generated code, adopt", partial(build, ours, count, adopted), slow, LEAST
    for kind, listed in (("arrays", False), ("lists", True)):
        slow = partial(pack, theirs, unpacked(plain, count, listed=listed))
        quick = partial(pack, ours, unpacked(adopted, count, listed=listed))
        yield f"{name}, Pack of an object of {kind}, adopt", quick, slow, LEAST
    built = flat.Schema.from_rows(schema)
    value = as_dict(count)
    slow = partial(build, theirs, count, plain)
    quick = partial(built.build, value)
    yield f"{name}, schema.build() of dicts; generated code", quick, slow, None
    for kind, data in (("bytes", bytes(1 << 20)), ("list", [7] * (1 << 20))):
        quick = partial(pack, ours, blob(adopted, data))
        slow = partial(pack, theirs, blob(plain, data))
        yield f"a buffer of 1 MiB of {kind}, Pack, adopt", quick, slow, None
    array = np.arange(ARRAY, dtype=np.float32)
    quick, slow = partial(build_array, ours, array), partial(build_array, theirs, array)
    yield f"one array of {array.nbytes >> 20} MiB", quick, slow, None


def rows(quick: bool, _: str) -> Iterator[Row]:
    count = QUICK_COUNT if quick else COUNT
    rounds = QUICK_ROUNDS if quick else ROUNDS
    for name, ours, theirs, least in cases(count):
        if "schema" not in name:           # which is free to lay out its buffer otherwise
            assert ours() == theirs(), name
        taken = in_turns({"ours": ours, "upstream": theirs}, rounds)
        against = f"flatbuffers {flatbuffers.__version__}"
        yield paired_row(name, against, taken["ours"], taken["upstream"], least=least)


if __name__ == "__main__":
    import sys

    from rows import table

    print("\n".join(table(list(rows("--quick" in sys.argv, "")))))
