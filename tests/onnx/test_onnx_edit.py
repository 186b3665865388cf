"""What is changed through ``m.root`` is what the model shows and what is saved."""

import copy
import pickle

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import identity, numpy_helper, onnx, values  # noqa: E402
from onnx_reading import check_same, saved  # noqa: E402

import tensorwire as tw  # noqa: E402


@pytest.fixture
def path(tmp_path):
    nodes = [identity("a", "x"), identity("b", "y")]
    return saved(tmp_path, [("a", values()), ("b", values())], nodes)


def test_names_and_metadata(path):
    m = tw.open(path)
    assert m.metadata == {} and m.graph.nodes[0].name == ""
    m.root.graph.node[0].name = "first"
    m.root.metadata_props.add(key="by", value="me")
    m.root.producer_name = "them"
    assert m.metadata == {"by": "me"} and m.info["producer_name"] == "them"
    assert m.graph.nodes[0].name == "first" and len(m.graph.nodes) == 2
    m.save(path)
    loaded = check_same(path, m)
    assert loaded.graph.node[0].name == "first" and loaded.producer_name == "them"
    assert {p.key: p.value for p in loaded.metadata_props} == {"by": "me"}


def test_nodes_come_and_go(path):
    m = tw.open(path)
    assert len(m.graph.nodes) == 2
    m.root.graph.node.add(op_type="Neg", input=["y"], output=["z"])
    assert [node.op_type for node in m.graph.nodes] == ["Identity", "Identity", "Neg"]
    del m.root.graph.node[0]
    assert [node.op_type for node in m.graph.nodes] == ["Identity", "Neg"]
    m.save(path)
    assert [node.op_type for node in onnx.load(path).graph.node] == ["Identity", "Neg"]


def test_tensors_come_and_go(path):
    m = tw.open(path)
    assert list(m) == ["a", "b"]
    tensor = m.root.graph.initializer.add(name="c", data_type=1, dims=[2])
    tensor.raw_data = np.ones(2, np.float32).tobytes()
    assert list(m) == ["a", "b", "c"] and m["c"].tolist() == [1, 1] and "c" in m
    m.root.graph.initializer[1].name = "B"
    assert "b" not in m and m.get("b") is None and np.array_equal(m["B"], values())
    m["B"] = values((2,))
    del m.root.graph.initializer[0]
    assert list(m.tensors) == ["B", "c"] and "a" not in m
    with pytest.raises(KeyError):
        m["a"] = values()
    m["c"] = values((3,))
    m.save(path)
    found = tw.load_file(path)
    assert list(found) == ["B", "c"] and found["c"].shape == (3,) and found["B"].shape == (2,)


def test_weights_through_the_message(path):
    m = tw.open(path)
    for tensor in m.root.graph.initializer:
        tensor.raw_data = (m[tensor.name] * 2).tobytes()
        assert np.array_equal(m[tensor.name], values() * 2)
    m.root.graph.initializer[0].CopyFrom(numpy_helper.from_array(values((1,)), "a"))
    assert m["a"].shape == (1,)
    m.save(path)
    check_same(path, m, checked=False)


def test_unsaved_changes_are_not_lost_silently(path):
    m = tw.open(path)
    assert "changed" not in repr(m) and copy.copy(m)["a"].shape == (2, 3)
    pickle.dumps(m)
    m["a"] = values((9,))
    assert repr(m).endswith(", changed>")
    for lose in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(tw.UnsupportedError, match="save it"):
            lose(m)


def test_reading_is_no_change(path):
    m = tw.open(path)
    before = path.read_bytes()
    assert m.graph.nodes[1].inputs and m["a"].any() and m.root.graph.output[0].name == "y"
    m.root.graph.node[0].attribute, m.root.graph.doc_string, m.root.training_info
    m.save(path)
    assert path.read_bytes() == before
