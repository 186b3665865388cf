"""The user stories that opening an ONNX model has to make true, as users would write them."""

import io
import os
import pickle
import shutil

import pytest

np = pytest.importorskip("numpy")

import tensorwire as tw  # noqa: E402


@pytest.fixture
def inline(samples, tmp_path):
    """A writable copy of a model whose weights are inside."""
    shutil.copy(samples / "inline.onnx", tmp_path)
    (tmp_path / "inline.onnx").chmod(0o644)
    return tmp_path / "inline.onnx"


def test_a_model_is_a_mapping(samples):
    with tw.open(samples / "inline.onnx") as m:
        assert list(m) == list(m.tensors) and len(m) == 2 and bool(m)
        name = next(iter(m))
        t = m.tensors[name]
        assert name in m and "nope" not in m and t.dtype == "float32" and str(t.dtype) == "float32"
        assert t.dtype == np.float32 and t.dtype == np.dtype("float32")
        assert t.size == np.prod(t.shape) and np.array_equal(t[0:1], m[name][0:1])
        assert not m[name].flags.writeable and t.numpy(copy=True).flags.writeable
        with pytest.raises(KeyError, match=name):
            m[name + "x"]


def test_selected_weights_dequantize(samples):
    with tw.open(samples / "inline.onnx") as m:
        for t in m.tensors.select(["*weight*", "*kernel*", "?"]).values():
            real = t.dequantize() if t.quantization else t.numpy()
            assert real.shape == t.shape
        assert m.graph.nodes[0].op_type in str(m.graph)


@pytest.mark.parametrize("mode", ["map", "read", "auto"])
def test_pickled_models_open_again(inline, mode, monkeypatch, tmp_path):
    monkeypatch.chdir(inline.parent)
    with tw.open("inline.onnx", mode=mode) as m:
        monkeypatch.chdir("/")
        again = pickle.loads(pickle.dumps(m))
        assert again is not m and again != m and list(again) == list(m)
        assert again.info["mode"] == m.info["mode"] and np.array_equal(again["W"], m["W"])
    with pytest.raises(ValueError, match="closed"):
        pickle.dumps(m)


def test_a_pickled_model_that_changed_meanwhile(inline):
    pickled = pickle.dumps(tw.open(inline))
    os.utime(inline, ns=(1, 1))
    with pytest.raises(tw.ModelError, match=r"changed since .* mtime_ns") as caught:
        pickle.loads(pickled)
    assert caught.value.file == str(inline)


def test_models_in_memory_pickle_as_their_bytes(samples):
    data = (samples / "ext_many" / "model.onnx").read_bytes()
    m = tw.from_buffer(bytearray(data), base=samples / "ext_many")
    again = pickle.loads(pickle.dumps(m))
    assert np.array_equal(again["W"], m["W"]) and again.info["mode"] == "memory"
    m = tw.open(io.BytesIO(data))
    assert pickle.loads(pickle.dumps(m)).tensors["W"].shape == (40, 24)


def test_every_way_to_give_bytes(inline):
    data = inline.read_bytes()
    expected = tw.load_file(inline)["W"]
    for given in (data, bytearray(data), memoryview(data), np.frombuffer(data, np.uint8)):
        assert np.array_equal(tw.from_buffer(given)["W"], expected)
    with inline.open("rb") as file:
        assert np.array_equal(tw.load_file(file)["W"], expected)


def test_metadata_and_info(samples):
    m = tw.open(samples / "torch_dynamo.onnx")
    assert m.info["producer_name"] == "pytorch" and m.info["opsets"] == {"": 20}
    assert m.info["mode"] in ("map", "read") and isinstance(m.metadata, dict)
    assert m.root.ir_version == 10 and m.root.graph.name == "main_graph"
