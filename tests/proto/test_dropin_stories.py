"""The stories of drop-in classes, as users would write them. install() has tests of its own."""

import pickle
import shutil

import google.protobuf.message
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import tensorwire as tw
from tensorwire import proto


@pytest.fixture
def data() -> bytes:
    node = helper.make_node("Add", ["x", "w"], ["y"])
    tensor = numpy_helper.from_array(np.arange(6, dtype=np.float32), "w")
    graph = helper.make_graph([node], "g", [], [], [tensor])
    return helper.make_model(graph).SerializeToString()


def test_one_error_three_names_survives_a_worker(data):
    bad = data[:-3]
    for kind in (tw.DecodeError, ValueError, google.protobuf.message.DecodeError):
        with pytest.raises(kind) as e:
            proto.message_class(onnx.ModelProto).FromString(bad)
    assert pickle.loads(pickle.dumps(e.value)).offset == e.value.offset and e.value.path


def test_missing_weights_do_not_stop_inspection(tmp_path):
    tensor = numpy_helper.from_array(np.arange(600, dtype=np.float32), "w")
    graph = helper.make_graph([], "g", [], [], [tensor])
    model = helper.make_model(graph)
    folder = tmp_path / "complete"
    folder.mkdir()
    onnx.save(model, folder / "m.onnx", save_as_external_data=True, size_threshold=0)
    p = shutil.copy(folder / "m.onnx", tmp_path)
    m = tw.open(p)
    t = next(iter(m.tensors.values()))
    assert t.shape and not t.available
    with pytest.raises(FileNotFoundError):
        t.numpy()
    assert not tw.validate(p).ok


def test_a_class_without_global_effect(data):
    Fast = proto.message_class(onnx.ModelProto)  # noqa: N806 - a class
    assert Fast is proto.message_class(onnx.ModelProto)
    m = Fast.FromString(data)
    m.graph.node[0].name = "first"
    assert onnx.load_from_string(m.SerializeToString()).graph.node[0].name == "first"
    up = onnx.ModelProto()
    with pytest.raises(TypeError):
        up.graph.node.append(m.graph.node[0])
    up.graph.node.append(proto.to_upstream(m.graph.node[0]))
    assert up.graph.node[0].name == "first"
    assert memoryview(proto.view(m.graph.initializer[0], "raw_data")).readonly


def test_messages_go_from_one_world_to_the_other(data):
    theirs = onnx.ModelProto.FromString(data)
    ours = proto.from_upstream(theirs)
    assert type(ours) is proto.message_class(onnx.ModelProto)
    assert proto.from_upstream(ours) is ours and proto.to_upstream(theirs) is theirs
    back = proto.to_upstream(ours)
    assert type(back) is onnx.ModelProto and back == theirs
    node = proto.to_upstream(ours.graph.node[0])
    assert type(node) is onnx.NodeProto and node == theirs.graph.node[0]
    for wrong in (None, 3, data, onnx.ModelProto):
        with pytest.raises(TypeError):
            proto.to_upstream(wrong)
        with pytest.raises(TypeError):
            proto.from_upstream(wrong)


def test_a_foreign_message_is_taken_by_its_bytes(data):
    theirs = onnx.ModelProto.FromString(data)
    m = proto.message_class(onnx.ModelProto)()
    m.graph.CopyFrom(theirs.graph)
    m.graph.node.append(theirs.graph.node[0])
    m.graph.node.extend(theirs.graph.node)
    m.graph.node[0].MergeFrom(theirs.graph.node[0])
    m.graph.initializer.add().CopyFrom(theirs.graph.initializer[0])
    assert len(m.graph.node) == 3 and list(m.graph.node[0].input) == ["x", "w", "x", "w"]
    assert [t.name for t in m.graph.initializer] == ["w", "w"]
    with pytest.raises(TypeError):
        m.graph.CopyFrom(theirs)
    with pytest.raises(TypeError):
        m.graph.node.append(theirs.graph)


def test_pickles_of_such_messages_name_upstreams_class(data):
    m = proto.message_class(onnx.ModelProto).FromString(data)
    m.graph.node[0].name = "first"
    blob = pickle.dumps([m, m.graph.node[0]])
    assert b"onnx" in blob and b"ModelProto" in blob
    model, node = pickle.loads(blob)
    assert type(model) is type(m) and model == m and node == m.graph.node[0]
