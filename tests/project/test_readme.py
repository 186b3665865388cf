"""The Python of the README runs, block after block, on the files it names."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def convolution() -> onnx.ModelProto:
    weight = np.arange(16 * 64, dtype="f4").reshape(1, 16, 8, 8)
    values = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, None, None, None])
        for name in "xy"
    ]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "conv1.weight"], ["y"], "conv1", strides=[1, 1])],
        "one convolution",
        values[:1],
        values[1:],
        [numpy_helper.from_array(weight, "conv1.weight")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    onnx.save(convolution(), tmp_path / "model.onnx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_code_runs(folder):
    pytest.importorskip("grpc_tools", reason="one block compiles a .proto file")
    text = README.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) >= 5
    names = {}
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 1
        exec(compile("\n" * line + block[1], str(README), "exec"), names)
    assert names["model"].graph.node[1].op_type == "Relu"
    assert {"event.bin", "out.onnx", "w.data", "one.onnx"} <= {p.name for p in folder.iterdir()}
