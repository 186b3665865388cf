"""Messages of upstream's world and of ours, side by side."""

import pickle

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from tensorwire import proto


@pytest.fixture
def data() -> bytes:
    node = helper.make_node("Add", ["x", "w"], ["y"])
    tensor = numpy_helper.from_array(np.arange(6, dtype=np.float32), "w")
    graph = helper.make_graph([node], "g", [], [], [tensor])
    return helper.make_model(graph).SerializeToString()


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
