"""The sample models, written by TensorFlow and ai-edge-quantizer, read as LiteRT reads them."""

import json

import pytest

np = pytest.importorskip("numpy")

import tensorwire as tw  # noqa: E402

NAMES = (
    "aeq_weight_only_wi8_afp32",
    "dynamic_int8",
    "float",
    "fp16",
    "int8",
    "signatures",
)


@pytest.fixture
def folder(samples):
    found = samples.parent / "tflite"
    if not found.is_dir():
        pytest.skip(f"no sample files in {found}")
    return found


@pytest.fixture(params=NAMES)
def sample(request, folder):
    """(open model, what its expected.json says, the arrays of its expected.npz, its path)"""
    path = folder / f"{request.param}.tflite"
    with tw.open(path) as model:
        expected = json.loads(path.with_suffix(".tflite.expected.json").read_text())
        yield model, expected, np.load(path.with_suffix(".tflite.expected.npz")), path


def test_tensors_in_order_with_type_shape_and_scope(sample):
    model, expected, _, _ = sample
    found = [(t.name, str(t.dtype), list(t.shape), t.scope) for t in model.tensors.values()]
    listed = [(t["name"], t["dtype"], t["shape"], t.get("scope", "")) for t in expected["tensors"]]
    assert found == listed and len(model) == expected["tensor_count"]


def test_elements(sample):
    model, expected, arrays, _ = sample
    assert [row["name"] for row in expected["tensors"]] == list(model)
    for name, tensor in model.tensors.items():
        stored = arrays[name]
        for found in (model[name], tensor.numpy(), tensor.numpy(copy=True)):
            assert found.dtype == stored.dtype and np.array_equal(found, stored)
        assert tensor.tobytes() == bytes(tensor.raw) == stored.tobytes()
        assert not model[name].flags.writeable


def test_quantization(sample):
    model, expected, _, path = sample
    rows = expected["tensors"]
    quantized = {row["name"]: row["quantization"] for row in rows if "quantization" in row}
    assert quantized.keys() == {name for name, t in model.tensors.items() if t.quantization}
    if not quantized:
        return
    real = np.load(path.with_suffix(".tflite.dequantized.npz"))
    for name, row in quantized.items():
        tensor = model.tensors[name]
        found = tensor.quantization
        assert found.axis == row["axis"] and found.scale.shape == (row["scales"],)
        assert found.block == 0 and found.zero_point.dtype == "int64"
        step = np.broadcast_to(found.scale.numpy().max(), tensor.shape)
        assert np.all(np.abs(tensor.dequantize() - real[name]) <= step / 2)
        assert np.array_equal(tensor.dequantize(), real[name])


def test_graph(sample):
    model, expected, _, _ = sample
    graph, listed = model.graph, expected["graph"]
    assert graph.name == listed["name"]
    assert [value.name for value in graph.inputs] == listed["inputs"]
    assert [value.name for value in graph.outputs] == listed["outputs"]
    for node, row in zip(graph.nodes, listed["nodes"], strict=True):
        assert (node.op_type, node.name) == (row["op_type"], row["name"])
        assert (node.inputs, node.outputs) == (row["inputs"], row["outputs"])
    for inner, row in zip(graph.functions, expected.get("subgraphs", []), strict=True):
        assert inner.name == row["name"]
        assert [node.op_type for node in inner.nodes] == row["op_types"]
        assert [value.name for value in inner.inputs] == row["inputs"]
        assert [value.name for value in inner.outputs] == row["outputs"]


def test_what_the_model_says_of_itself(sample):
    model, expected, _, path = sample
    assert model.format == expected["format"] and tw.identify(path) == "tflite"
    assert model.info["version"] == 3 and model.info["description"] == "MLIR Converted."
    assert model.info["min_runtime_version"] == model.metadata["min_runtime_version"]
    found = {key: row["subgraph"] for key, row in model.info["signatures"].items()}
    assert found == expected.get("signatures", {"serving_default": 0})
    assert model.files == [path]


def test_each_is_valid(folder):
    for name in NAMES:
        report = tw.validate(folder / f"{name}.tflite")
        assert report and report.format == "tflite" and not report.findings, str(report)


def test_saving_copies(sample, tmp_path):
    model, _, _, path = sample
    model.save(tmp_path / "copy.tflite")
    assert (tmp_path / "copy.tflite").read_bytes() == path.read_bytes()


def test_the_same_lines_as_for_every_format(folder):
    with tw.open(folder / "int8.tflite") as m:
        selected = m.tensors.select(["*weight*", "*kernel*", "*MatMul*"])
        assert selected
        for t in selected.values():
            real = t.dequantize() if t.quantization else t.numpy()
            assert real.shape == t.shape
        assert m.graph is None or m.graph.nodes[0].op_type in str(m.graph)
