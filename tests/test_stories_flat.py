"""User stories of FlatBuffers: adopt, look, undo; a schema alone is enough; the same for TFLite."""

import numpy as np
import pytest

import tensorwire as tw
from flat.flat_text import schema_text
from tensorwire import flat
from tensorwire.flat.rows import declarations_of
from tensorwire.formats.tflite import schema as rows

pa = pytest.importorskip("pyarrow")
flatbuffers = pytest.importorskip("flatbuffers")

WEIGHT = np.arange(-6, 6, dtype=np.int8).reshape(3, 4)


def model_value():
    """One fully connected operator with int8 weights, scaled by 0.5."""
    quantization = {"scale": [0.5], "zero_point": [1]}
    return {
        "version": 3,
        "operator_codes": [{"builtin_code": "FULLY_CONNECTED", "deprecated_builtin_code": 9}],
        "buffers": [{}, {"data": WEIGHT.view("u1").ravel()}],
        "subgraphs": [
            {
                "tensors": [
                    {"name": "x", "shape": [1, 4], "type": "FLOAT32"},
                    {"name": "dense/kernel", "shape": [3, 4], "type": "INT8", "buffer": 1,
                     "quantization": quantization},
                    {"name": "y", "shape": [1, 3], "type": "FLOAT32"},
                ],
                "inputs": [0],
                "outputs": [2],
                "operators": [
                    {"inputs": [0, 1], "outputs": [2],
                     "builtin_options_type": "FullyConnectedOptions",
                     "builtin_options": {"keep_num_dims": True}},
                ],
            }
        ],
    }  # fmt: skip


@pytest.fixture
def data():
    return bytes(flat.Schema.from_rows(rows).build(model_value()))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    text = schema_text(declarations_of(rows))
    (tmp_path / "schema.fbs").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_adopt_look_undo(data):
    tflite = pytest.importorskip("tflite")
    report = flat.adopt(tflite)
    assert report.adopted and all(why for name, why in report.left_alone)
    model = tflite.Model.GetRootAs(data, 0)
    n = model.Subgraphs(0).TensorsLength()
    report.undo()
    assert tflite.Model.GetRootAs(data, 0).Subgraphs(0).TensorsLength() == n == 3


def test_a_schema_alone_is_enough(data, folder):
    root = flat.Schema.from_fbs("schema.fbs").root(data)
    shapes = flat.columns(root, ["subgraphs.tensors.shape", "subgraphs.tensors.name"])
    assert len(pa.table(shapes)) == 1 and flat.to_dict(root)["version"] == root.version
    assert shapes["subgraphs.tensors.name"].to_pylist() == [[["x", "dense/kernel", "y"]]]
    with pytest.raises(tw.DecodeError):
        flat.Schema.from_fbs("schema.fbs").root(data[:40])


def test_the_same_lines_for_every_format(data, tmp_path):
    path = tmp_path / "int8.tflite"
    path.write_bytes(data)
    with tw.open(path) as m:
        for t in m.tensors.select(["*weight*", "*kernel*"]).values():
            real = t.dequantize() if t.quantization else t.numpy()
            assert real.shape == t.shape
            assert np.array_equal(real, (WEIGHT.astype("f4") - 1) * 0.5)
        assert m.graph is None or m.graph.nodes[0].op_type in str(m.graph)
        assert m.graph.nodes[0].attributes["keep_num_dims"] is True
