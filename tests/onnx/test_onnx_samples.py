"""The sample models, written by onnx, torch and skl2onnx, read as upstream reads them."""

import json

import pytest

np = pytest.importorskip("numpy")

import tensorwire as tw  # noqa: E402

NAMES = (
    "ext_many/model",
    "inline",
    "ir3_inputs",
    "nested_if",
    "skl_mlp",
    "sparse_coo",
    "torch_dynamo",
    "types_basic",
)


@pytest.fixture(params=NAMES)
def sample(request, samples):
    """(open model, what its expected.json says, the arrays of its expected.npz)"""
    path = samples / f"{request.param}.onnx"
    with tw.open(path) as model:
        expected = json.loads(path.with_suffix(".onnx.expected.json").read_text())
        yield model, expected, np.load(path.with_suffix(".onnx.expected.npz"))


def test_tensors_in_order_with_type_shape_and_scope(sample):
    model, expected, _ = sample
    found = [(t.name, str(t.dtype), list(t.shape), t.scope) for t in model.tensors.values()]
    listed = [(t["name"], t["dtype"], t["shape"], t.get("scope", "")) for t in expected["tensors"]]
    assert found == listed and len(model) == expected["tensor_count"]


def test_elements(sample):
    model, expected, arrays = sample
    for row in expected["tensors"]:
        tensor = model.tensors[row["name"]]
        if "values_hex" in row:
            assert [value.hex() for value in tensor.strings] == row["values_hex"]
        else:
            assert tensor.numpy().tobytes() == arrays[row["name"]].tobytes() == tensor.tobytes()


def test_graph(sample):
    model, expected, _ = sample
    graph, listed = model.graph, expected["graph"]
    assert graph.name == listed["name"]
    given = {t.name for t in graph.initializers}
    assert [v.name for v in graph.inputs if v.name not in given] == [
        name for name in listed["inputs"] if name not in given
    ]
    assert [v.name for v in graph.outputs] == listed["outputs"]
    for node, row in zip(graph.nodes, listed["nodes"], strict=True):
        assert (node.op_type, node.name) == (row["op_type"], row["name"])
        assert (node.inputs, node.outputs) == (row["inputs"], row["outputs"])
        assert node.domain == row.get("domain", node.domain)


def test_versions(sample):
    model, expected, _ = sample
    assert model.format == expected["format"]
    assert model.info["ir_version"] == expected["ir_version"]
    assert model.info["opsets"] == expected["opset"]


def test_each_is_valid(samples):
    for name in NAMES:
        report = tw.validate(samples / f"{name}.onnx")
        assert report and report.format == "onnx" and not report.findings, str(report)
