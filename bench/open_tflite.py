"""(11) From the path of a .tflite file to every constant as a NumPy array: time, and memory.

As in (1), every figure is of a process of its own, with all imports done and one small model
opened before; files are in the page cache. LiteRT's object API is ``ModelT.InitFromPackedBuf`` of
the file's bytes, its generated readers are ``Model.GetRootAs`` and ``DataAsNumpy`` of the same, its
interpreter is ``Interpreter(model_path=...)`` and ``get_tensor``, which copies. Times are those of
the wall and, as others may want the processor too, of the processor.
"""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flatbuffers
import fresh
import memory
import numpy as np
from ai_edge_litert import interpreter
from ai_edge_litert import schema_py_generated as litert
from clock import CPU, once
from rows import Row

import tensorwire as tw

Arrays = dict[str, np.ndarray]
TENSORS = 500
ROWS = 256
SIZE = 131_000_000
SMALL = TENSORS * 4 * ROWS
AIM = 50.0
MEMORY_SHARE = 0.01
PROCESSES = 5
REPEATS = 7
INT8 = litert.TensorType.INT8


def ours(path: str) -> Arrays:
    with tw.open(path) as model:
        return dict(model.items())


def object_api(path: str) -> Arrays:
    model = litert.ModelT.InitFromPackedBuf(Path(path).read_bytes(), 0)
    return {
        tensor.name.decode(): model.buffers[tensor.buffer].data.view(np.int8).reshape(tensor.shape)
        for tensor in model.subgraphs[0].tensors
        if model.buffers[tensor.buffer].data is not None
    }


def readers(path: str) -> Arrays:
    model = litert.Model.GetRootAs(Path(path).read_bytes(), 0)
    graph, found = model.Subgraphs(0), {}
    for i in range(graph.TensorsLength()):
        tensor = graph.Tensors(i)
        data = model.Buffers(tensor.Buffer()).DataAsNumpy()
        if isinstance(data, np.ndarray):
            shape = tensor.ShapeAsNumpy()
            found[tensor.Name().decode()] = data.view(np.int8).reshape(shape)
    return found


def interpreted(path: str) -> Arrays:
    model = interpreter.Interpreter(model_path=path)
    constants = model.get_tensor_details()[:TENSORS]
    return {each["name"]: model.get_tensor(each["index"]) for each in constants}


SIDES: dict[str, Callable[[str], Arrays]] = {
    "ours": ours,
    "object API": object_api,
    "readers": readers,
    "Interpreter": interpreted,
}


def write(path: Path, nbytes: int) -> None:
    """A chain of layers, each with int8 weights of its own and a scale for each of their rows."""
    columns = nbytes // TENSORS // ROWS
    noise = np.random.default_rng(1).integers(0, 256, ROWS * columns + TENSORS, np.uint8)
    model, graph = litert.ModelT(), litert.SubGraphT()
    model.version, model.subgraphs, model.buffers = 3, [graph], [litert.BufferT()]
    code = litert.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = litert.BuiltinOperator.FULLY_CONNECTED
    model.operatorCodes = [code]
    graph.tensors, graph.operators = [], []
    graph.inputs, graph.outputs = [TENSORS], [2 * TENSORS]
    for i in range(TENSORS):
        buffer = litert.BufferT()
        buffer.data = noise[i : i + ROWS * columns]
        model.buffers.append(buffer)
        graph.tensors.append(_tensor(f"model/layer_{i}/dense/MatMul", [ROWS, columns], i + 1))
    for i in range(TENSORS + 1):
        graph.tensors.append(_tensor(f"activation_{i}", [1, ROWS], 0))
    for i in range(TENSORS):
        operator = litert.OperatorT()
        operator.inputs, operator.outputs = [TENSORS + i, i, -1], [TENSORS + i + 1]
        graph.operators.append(operator)
    builder = flatbuffers.Builder(nbytes + (1 << 20))
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(builder.Output())


def _tensor(name: str, shape: list[int], buffer: int) -> litert.TensorT:
    tensor, scales = litert.TensorT(), litert.QuantizationParametersT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, shape, INT8, buffer
    tensor.hasRank, tensor.quantization = True, scales
    scales.scale = np.full(shape[0], 0.01, np.float32)
    scales.zeroPoint = np.zeros(shape[0], np.int64)
    return tensor


def measured(side: str, small: str, large: str) -> dict[str, Any]:
    """Median times of opening ``large`` in this process, and what the first added to its memory."""
    open_all = SIDES[side]
    open_all(small)
    found, added = memory.added_by(lambda: open_all(large)) if memory.is_known() else (None, {})
    assert found is None or len(found) == TENSORS
    del found
    wall = [once(lambda: open_all(large)) for _ in range(REPEATS)]
    processor = [once(lambda: open_all(large), CPU) for _ in range(REPEATS)]
    times = {"wall": statistics.median(wall), "processor": statistics.median(processor)}
    return times | added


def digests(side: str, path: str) -> dict[str, str]:
    return {
        name: hashlib.blake2b(np.ascontiguousarray(array)).hexdigest()
        for name, array in SIDES[side](path).items()
    }


def rows(quick: bool, folder: str) -> Iterator[Row]:
    small, large = Path(folder, "small.tflite"), Path(folder, "large.tflite")
    write(small, SMALL)
    write(large, SIZE)
    wanted = fresh.call("open_tflite.digests", "object API", str(large))
    for side in SIDES:
        assert fresh.call("open_tflite.digests", side, str(large)) == wanted, f"{side}: other bytes"
    processes = 1 if quick else PROCESSES
    found = {side: _medians(side, str(small), str(large), processes) for side in SIDES}
    mine, title = found["ours"], f"{SIZE // 10**6} MB, {TENSORS} tensors"
    for side in [side for side in found if side != "ours"]:
        aim = AIM if side == "object API" else None
        for clock in ("wall", "processor"):
            yield Row(f"{title}, {clock}", side, mine[clock], found[side][clock], aim=aim)
    for side in [side for side in found if side != "ours" and "anonymous" in mine]:
        most = MEMORY_SHARE * SIZE if side == "object API" else None
        values = mine["anonymous"], found[side]["anonymous"]
        yield Row(f"{title}: allocated and held", side, *values, "B", most=most)


def _medians(side: str, small: str, large: str, processes: int) -> dict[str, float]:
    found = [fresh.call("open_tflite.measured", side, small, large) for _ in range(processes)]
    return {key: statistics.median(run[key] for run in found) for key in found[0]}
