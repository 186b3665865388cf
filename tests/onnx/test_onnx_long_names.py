"""Names that many tensors share take memory once: the file's bytes bound ours."""

import tracemalloc

import pytest

pytest.importorskip("onnx")
from onnx_models import helper, model, onnx

import tensorwire as tw

LONG = "N" * 100_000
MANY = 200  # names of LONG each would be 20 MB
BUDGET = 4 << 20


def empty(count):
    return [onnx.TensorProto(data_type=1) for _ in range(count)]


def listed(nodes, **fields):
    """The names of a model's tensors, found within the budget, the graph listed as well."""
    data = model(nodes=nodes, **fields).SerializeToString()
    tracemalloc.start()
    try:
        with tw.from_buffer(data) as found:
            names = list(found.tensors)
            attributes = [node.attributes for node in found.graph.nodes]
        assert tracemalloc.get_traced_memory()[1] < BUDGET + 10 * len(data)
        assert attributes
    finally:
        tracemalloc.stop()
    return names


def test_a_list_of_tensors_of_a_node_with_a_long_output():
    names = listed([helper.make_node("Op", [], [LONG], ts=empty(MANY))])
    assert names[:2] == [f"{LONG[:1000]}.0", f"{LONG[:1000]}.1"]
    assert len(names) == MANY


def test_a_constant_of_many_values():
    node = helper.make_node("Constant", [], [LONG])
    for tensor in empty(MANY):
        node.attribute.add(name="value", type=onnx.AttributeProto.TENSOR, t=tensor)
    names = listed([node])
    assert names[0] == LONG and names[1] == f"{LONG[:1000]}#1"
    assert len(set(names)) == MANY


def test_a_nested_graph_below_a_long_name():
    tensors = [onnx.TensorProto(name=str(i), data_type=1) for i in range(MANY)]
    body = helper.make_graph([], "b", [], [], tensors)
    names = listed([helper.make_node("If", [], ["y"], name=LONG, t=body, e=body)])
    assert names[0] == "0" and f"{LONG[:1000]}/0" in names
    assert len(names) == 2 * MANY


def test_keys_of_maps_and_the_names_of_indices_inside():
    inner = onnx.SequenceProto(elem_type=onnx.SequenceProto.SPARSE_TENSOR)
    for _ in range(2):
        inner.sparse_tensor_values.add().indices.name = "at"
    sequence = onnx.SequenceProto(elem_type=onnx.SequenceProto.MAP)
    sequence.map_values.add(key_type=7, keys=[5], values=inner)
    found = tw.from_buffer(sequence.SerializeToString())
    assert list(found.tensors) == ["0.5", "at", "0.1", "at#3"]
