"""Looking at a model costs no NumPy, and nothing else that is slow to import."""

import subprocess
import sys

import pytest

pytest.importorskip("onnx")

# Each costs 3 ms or more of the 80 that a whole `inspect` may take; NumPy alone about 200.
SLOW = {"numpy", "ml_dtypes", "google", "rich", "inspect", "dataclasses", "typing", "pathlib", "re"}

LOOK = """
import sys
before = set(sys.modules)
import tensorwire as tw
with tw.open(sys.argv[1]) as m:
    for tensor in m.tensors.values():
        tensor.name, tensor.dtype == "float32", tensor.shape, tensor.nbytes, tensor.aligned
        repr(tensor), tensor.available
    m.graph.nodes[0].op_type, [repr(value) for value in m.graph.inputs], m.info, m.metadata
    print(m.graph)
print("loaded:", *sorted(set(sys.modules) - before))
"""


def test_looking_at_a_model(tmp_path):
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    node = helper.make_node("Add", ["x", "w"], ["y"], alpha=0.5)
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in "xy"]
    held = [numpy_helper.from_array(np.zeros(3, np.float32), "w")]
    graph = helper.make_graph([node], "g", values[:1], values[1:], held)
    path = tmp_path / "m.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())

    command = [sys.executable, "-c", LOOK, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    loaded = run.stdout.partition("loaded:")[2].split()
    assert "tensorwire.model" in loaded and SLOW.isdisjoint(loaded)
