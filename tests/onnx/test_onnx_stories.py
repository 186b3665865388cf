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


def test_arrays_outlive_the_model_and_saving_over_it_is_safe(inline):
    with tw.open(inline) as m:
        name = next(iter(m))
        a = m[name]
        before = a.copy()
    with pytest.raises(ValueError, match="closed"):
        m[name]
    with tw.open(inline, mode="read") as m:
        m.save(inline)
    assert np.array_equal(a, before) and np.array_equal(tw.load_file(inline)[name], before)
    assert tw.from_buffer(inline.read_bytes()).format == "onnx"


def test_selected_weights_dequantize(samples):
    with tw.open(samples / "inline.onnx") as m:
        for t in m.tensors.select(["*weight*", "*kernel*", "?"]).values():
            real = t.dequantize() if t.quantization else t.numpy()
            assert real.shape == t.shape
        assert m.graph.nodes[0].op_type in str(m.graph)


def test_missing_weights_do_not_stop_inspection(samples, tmp_path):
    p = shutil.copy(samples / "ext_many" / "model.onnx", tmp_path)
    m = tw.open(p)
    t = next(iter(m.tensors.values()))
    assert t.shape and not t.available
    with pytest.raises(FileNotFoundError):
        t.numpy()
    assert not tw.validate(p).ok


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


def test_change_a_weight_keep_data_external_save_twice(samples, tmp_path):
    onnx = pytest.importorskip("onnx")
    m = tw.open(samples / "ext_many/model.onnx")
    name = next(iter(m))
    m[name] = np.zeros_like(m[name])
    for _ in range(2):
        m.save(tmp_path / "out.onnx", external="w.data", align=4096)
    once = os.path.getsize(tmp_path / "w.data")
    m.save(tmp_path / "out.onnx", external="w.data", align=4096)
    assert os.path.getsize(tmp_path / "w.data") == once
    assert not np.any(tw.load_file(tmp_path / "out.onnx")[name])
    if m.root.ir_version <= onnx.IR_VERSION:  # the samples are of a later version
        onnx.checker.check_model(str(tmp_path / "out.onnx"))
    assert {f.name for f in tw.open(tmp_path / "out.onnx").files} == {"out.onnx", "w.data"}



def test_metadata_and_info(samples):
    m = tw.open(samples / "torch_dynamo.onnx")
    assert m.info["producer_name"] == "pytorch" and m.info["opsets"] == {"": 20}
    assert m.info["mode"] in ("map", "read") and isinstance(m.metadata, dict)
    assert m.root.ir_version == 10 and m.root.graph.name == "main_graph"


def test_one_error_has_three_names_and_survives_a_worker(samples):
    onnx = pytest.importorskip("onnx")
    from google.protobuf.message import DecodeError

    from tensorwire import proto

    bad = (samples / "inline.onnx").read_bytes()[:-3]
    for kind in (tw.DecodeError, ValueError, DecodeError):
        with pytest.raises(kind) as e:
            proto.message_class(onnx.ModelProto).FromString(bad)
    again = pickle.loads(pickle.dumps(e.value))
    assert again.offset == e.value.offset and again.path == e.value.path and e.value.path
