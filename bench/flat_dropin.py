"""(12) Reading a TFLite model by generated code: upstream's, with install(), with adopt().

    python bench/flat_dropin.py [--quick]

The model is that of ``flat_build.py``. The generated module is ai-edge-litert's, once for each
side: one uses a copy of upstream's package that nothing replaces anything in, one the package with
`install` in force, and one is adopted too.
"""

from __future__ import annotations

import importlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import flat_build
import flatbuffers
from ai_edge_litert import schema_py_generated
from clock import in_turns, statements_in_turns
from rows import Row, paired_row, table

from tensorwire import flat

COUNT, QUICK_COUNT = 2_000, 200
ROUNDS, QUICK_ROUNDS = 15, 5
LEAST = {"install": 4.0, "adopt": 10.0}
SIDES = ("upstream", "install", "adopt")

held = tempfile.TemporaryDirectory(prefix="tensorwire-bench-")

# Reads of one thing, each a statement.
READS = {
    "a number": "tensor.Buffer()",
    "a number that is absent": "tensor.ExternalBuffer()",
    "a string": "tensor.Name()",
    "a vector's length": "tensor.ShapeLength()",
    "an element of a vector": "tensor.Shape(1)",
    "a vector as an array": "tensor.ShapeAsNumpy()",
    "a table": "tensor.Quantization()",
    "an element of a vector of tables": "graph.Tensors(7)",
    "GetRootAs": "Model.GetRootAs(data, 0)",
    "an object of the object API": "TensorT.InitFromObj(tensor)",
}


@cache
def sides() -> dict[str, Any]:
    """The generated module for each side. REQUIRES, for reading: `in_force`."""
    folder = Path(held.name)
    shutil.copytree(Path(flatbuffers.__file__).parent, folder / "plainbuffers")
    text = Path(schema_py_generated.__file__).read_text(encoding="utf-8")
    sys.path.insert(0, str(folder))
    for side in SIDES:
        own = text.replace("flatbuffers", "plainbuffers") if side == "upstream" else text
        (folder / f"tflite_{side}.py").write_text(own, encoding="utf-8")
    importlib.invalidate_caches()
    return {side: importlib.import_module(f"tflite_{side}") for side in SIDES}


def in_force() -> Any:
    """Installs, and adopts the module of that side, for a ``with`` block."""
    return flat.adopt(sides()["adopt"])


def walk(tfl: Any, data: Any) -> int:
    """Reads everything of every tensor and operator that the model has."""
    model = tfl.Model.GetRootAs(data, 0)
    total = model.Version()
    for i in range(model.SubgraphsLength()):
        graph = model.Subgraphs(i)
        for j in range(graph.TensorsLength()):
            total += tensor_sum(graph.Tensors(j), model)
        for j in range(graph.OperatorsLength()):
            operator = graph.Operators(j)
            total += operator.OpcodeIndex() + operator.BuiltinOptionsType()
            for k in range(operator.InputsLength()):
                total += operator.Inputs(k)
            for k in range(operator.OutputsLength()):
                total += operator.Outputs(k)
    return total


def tensor_sum(tensor: Any, model: Any) -> int:
    total = tensor.Type() + len(tensor.Name()) + tensor.HasRank() + tensor.IsVariable()
    for k in range(tensor.ShapeLength()):
        total += tensor.Shape(k)
    quantization = tensor.Quantization()
    total += quantization.ZeroPoint(0) + int(4 * quantization.Scale(0))
    return total + model.Buffers(tensor.Buffer() - 1).DataLength()


def shapes(tfl: Any, data: Any) -> int:
    """The shapes of all tensors, each as an array."""
    graph = tfl.Model.GetRootAs(data, 0).Subgraphs(0)
    found = [graph.Tensors(j).ShapeAsNumpy() for j in range(graph.TensorsLength())]
    return sum(int(shape[0]) for shape in found)


def unpack(tfl: Any, data: Any) -> Any:
    """All as objects of the object API."""
    return tfl.ModelT.InitFromObj(tfl.Model.GetRootAs(data, 0))


def unpacked_sum(tfl: Any, data: Any) -> int:
    graph = unpack(tfl, data).subgraphs[0]
    return sum(int(tensor.shape.sum()) + len(tensor.name) for tensor in graph.tensors)


def whole_rows(quick: bool) -> Iterator[Row]:
    count, rounds = (QUICK_COUNT, QUICK_ROUNDS) if quick else (COUNT, ROUNDS)
    data = bytes(flat_build.build(flat_build.SIDES["upstream"], count))
    cases = {
        f"walk {count} tensors and operators": (walk, walk, data, LEAST),
        "  the same in a bytearray": (walk, walk, bytearray(data), LEAST),
        "  the same in a memoryview": (walk, walk, memoryview(data), {}),
        "all shapes as arrays": (shapes, shapes, data, {}),
        "unpack by the object API": (unpack, unpacked_sum, data, {}),
    }
    for case, (call, check, subject, least) in cases.items():
        sums = {side: check(tfl, subject) for side, tfl in sides().items()}
        assert len(set(sums.values())) == 1, sums
        calls = {
            side: lambda call=call, tfl=tfl, subject=subject: call(tfl, subject)
            for side, tfl in sides().items()
        }
        taken = in_turns(calls, rounds)
        for side in ("install", "adopt"):
            name, ours, theirs = f"{case}, {side}", taken[side], taken["upstream"]
            yield paired_row(name, "upstream", ours, theirs, least=least.get(side))


def read_rows(quick: bool) -> Iterator[Row]:
    data = bytes(flat_build.build(flat_build.SIDES["upstream"], 20))
    for case, text in READS.items():
        statements = {}
        for side, tfl in sides().items():
            graph = tfl.Model.GetRootAs(data, 0).Subgraphs(0)
            names = {"graph": graph, "tensor": graph.Tensors(3), "data": data, "Model": tfl.Model,
                     "TensorT": tfl.TensorT}  # fmt: skip
            statements[side] = text, names
        taken = statements_in_turns(statements, QUICK_ROUNDS if quick else ROUNDS)
        for side in ("install", "adopt"):
            yield paired_row(f"{case}, {side}", "upstream", taken[side], taken["upstream"])


def rows(quick: bool, _: str) -> Iterator[Row]:
    with in_force():
        yield from whole_rows(quick)
        yield from read_rows(quick)


if __name__ == "__main__":
    print("\n".join(table(list(rows("--quick" in sys.argv, "")))))
