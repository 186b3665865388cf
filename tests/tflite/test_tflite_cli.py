"""The command line on a TensorFlow Lite model, and what looking at one imports."""

import json
import subprocess
import sys

import numpy as np
import pytest
from tflite_models import buffer, made, model, operator, packed, subgraph, tensor

flexbuffers = pytest.importorskip("flatbuffers.flexbuffers")

# Each costs 3 ms or more; NumPy about 200: see tests/test_light_imports.py.
SLOW = {"numpy", "ml_dtypes", "google", "rich", "inspect", "dataclasses", "typing", "pathlib", "re"}

LOOK = """
import sys
before = set(sys.modules)
import tensorwire as tw
with tw.open(sys.argv[1]) as m:
    for tensor in m.tensors.values():
        tensor.name, tensor.dtype == "float32", tensor.shape, tensor.nbytes, tensor.aligned
        repr(tensor), tensor.available, tensor.quantization
    m.graph.nodes[0].op_type, [repr(value) for value in m.graph.inputs], m.info, m.metadata
    print(m.graph)
print("loaded:", *sorted(set(sys.modules) - before))
"""


@pytest.fixture
def path(tmp_path):
    scales = made("QuantizationParameters", scale=[0.5], zeroPoint=[1])
    held = [tensor("x", (2,)), tensor("w", (2,), "INT8", 1, quantization=scales), tensor("y", (2,))]
    options = made("AddOptions", fusedActivationFunction=1)
    graph = subgraph(held, [operator("ADD", [0, 1], [2], options)], [0], [2])
    signature = made("SignatureDef", signatureKey="serve")
    found = tmp_path / "m.tflite"
    found.write_bytes(packed(model([graph], [buffer(b"\1\2")], signatureDefs=[signature])))
    return found


def run(*arguments):
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_looking_at_a_model_imports_nothing_slow(path):
    shown, _, loaded = run("-c", LOOK, str(path)).partition("loaded:")
    assert "%y = ADD[fused_activation_function='RELU', pot_scale_int16=True](%x, %w)" in shown
    assert "tensorwire.formats.tflite.graphs" in loaded and SLOW.isdisjoint(loaded.split())


@pytest.mark.parametrize(
    ("verb", "wanted"),
    [
        ("identify", "tflite"),
        ("inspect", "serve"),
        ("tensors", "int8"),
        ("graph", "%y = ADD"),
        ("validate", "ok"),
    ],
)
def test_verbs(path, verb, wanted):
    assert wanted in run("-m", "tensorwire", verb, str(path))
    found = json.loads(run("-m", "tensorwire", verb, "--json", str(path)))
    assert "tflite" in json.dumps(found)


def test_options_of_every_kind_as_json(tmp_path):
    options = {"n": None, "b": b"\1\xff", "f": [float("inf"), 0.5], "m": {"k": b"", "t": "a"}}
    held = [tensor("x", (1,)), tensor("y", (1,))]
    data = np.frombuffer(bytes(flexbuffers.Dumps(options)), "u1")
    graph = subgraph(held, [operator("Mine", [0], [1], customOptions=data)], [0], [1])
    path = tmp_path / "m.tflite"
    path.write_bytes(packed(model([graph])))
    found = json.loads(run("-m", "tensorwire", "graph", "--json", str(path)))
    node = found["graph"]["nodes"][0] if "graph" in found else found["nodes"][0]
    assert node["attributes"] == {
        "n": None, "b": {"bytes": "01ff"}, "f": [{"float": "inf"}, 0.5],
        "m": {"map": {"k": {"bytes": ""}, "t": "a"}},
    }  # fmt: skip


def test_statistics_of_a_tensor(path):
    assert "w" in run("-m", "tensorwire", "tensors", "--stats", str(path))
