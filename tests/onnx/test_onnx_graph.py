"""Graphs: nodes, attributes as Python values, types, nested graphs, functions, listings."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import helper, identity, model, numpy_helper, onnx, saved, values  # noqa: E402

import tensorwire as tw  # noqa: E402
from tensorwire.graph import AttributeReference, Value  # noqa: E402
from tensorwire.tensor import SparseTensor  # noqa: E402

W = numpy_helper.from_array(values((2,)), "w")


def opened(*args, **kwargs):
    return tw.from_buffer(model(*args, **kwargs).SerializeToString())


def graph_of(name, node):
    output = helper.make_tensor_value_info(node.output[0], onnx.TensorProto.FLOAT, [2])
    return helper.make_graph([node], name, [], [output])


def sparse(name="s"):
    held = numpy_helper.from_array(values((2,)), name)
    indices = numpy_helper.from_array(np.array([1, 3], np.int64), f"{name}_where")
    return helper.make_sparse_tensor(held, indices, [4])


def attribute_of(**attributes):
    node = helper.make_node("Op", ["w"], ["y"], **attributes)
    return opened([W], [node]).graph.nodes[0].attributes


@pytest.mark.parametrize(
    "value",
    [3, -1, 0, 0.5, "text", "", [1, -2], [0.5, 1.0], ["a", "b"]],
)
def test_plain_attributes(value):
    found = attribute_of(a=value)["a"]
    assert found == value and type(found) is type(value)


def test_attribute_text_that_is_not_utf8_keeps_its_bytes():
    found = attribute_of(a=b"\xff\xfe", b=[b"\xff"])
    assert found["a"].encode("utf-8", "surrogateescape") == b"\xff\xfe"
    assert found["b"][0].encode("utf-8", "surrogateescape") == b"\xff"


def test_tensor_attributes():
    found = attribute_of(one=W, many=[W, W], thin=sparse(), thins=[sparse()])
    assert isinstance(found["one"], tw.Tensor) and found["one"].name == "y.one"
    assert np.array_equal(found["one"].numpy(), values((2,)))
    assert [tensor.name for tensor in found["many"]] == ["y.many.0", "y.many.1"]
    assert isinstance(found["thin"], SparseTensor) and found["thin"].shape == (4,)
    assert found["thin"].indices.numpy().tolist() == [1, 3]
    assert [type(each) for each in found["thins"]] == [SparseTensor]


def test_type_attributes():
    tensor_type = helper.make_tensor_type_proto(onnx.TensorProto.INT8, [2, "n"])
    found = attribute_of(one=tensor_type, many=[helper.make_sequence_type_proto(tensor_type)])
    assert isinstance(found["one"], Value)
    assert found["one"].dtype == "int8" and found["one"].shape == (2, "n")
    assert [each.kind for each in found["many"]] == ["sequence(int8 [2, n])"]


def test_graph_attributes():
    inner = graph_of("inner", helper.make_node("Constant", [], ["c"], value=W))
    found = attribute_of(one=inner, many=[inner, inner])
    assert found["one"].nodes[0].op_type == "Constant" and found["one"].name == "inner"
    assert found["one"].nodes[0].attributes["value"].scope == "y.one"
    assert [g.nodes[0].attributes["value"].scope for g in found["many"]] == ["y.many.0", "y.many.1"]


def test_attributes_without_a_type_as_ir_version_1_writes_them():
    node = helper.make_node("Op", ["w"], ["y"], i=3, f=0.5, s="x", t=W, ints=[1], strings=["a"])
    node.attribute.add(name="none")
    for attribute in node.attribute:
        attribute.ClearField("type")
    found = opened([W], [node], ir_version=1)
    attributes = found.graph.nodes[0].attributes
    assert (attributes["i"], attributes["f"], attributes["s"]) == (3, 0.5, "x")
    assert attributes["ints"] == [1] and attributes["strings"] == ["a"]
    assert attributes["none"] is None and list(found) == ["w", "y.t"]


def test_an_attribute_type_that_is_not_known_is_inferred():
    node = helper.make_node("Op", ["w"], ["y"], i=3)
    data = model([W], [node]).SerializeToString().replace(b"\xa0\x01\x02", b"\xa0\x01\x63")
    assert tw.from_buffer(data).graph.nodes[0].attributes == {"i": 3}


def test_node_fields_and_find():
    nodes = [
        helper.make_node("Add", ["w", ""], ["a"], name="first", doc_string="why"),
        helper.make_node("Add", ["a"], ["b"], domain="custom", name="second"),
        identity("b"),
    ]
    graph = opened([W], nodes).graph
    first = graph.nodes[0]
    assert (first.op_type, first.name, first.domain) == ("Add", "first", "")
    assert (first.inputs, first.outputs, first.doc_string) == (["w", ""], ["a"], "why")
    assert [node.name for node in graph.find("Add")] == ["first", "second"]
    assert [node.name for node in graph.find(op_type="Add", domain="custom")] == ["second"]
    assert graph.find(name="none") == [] and len(graph.find()) == len(graph.nodes) == 3
    assert [node.op_type for node in graph.nodes[1:]] == ["Add", "Identity"]
    assert repr(first) == "<Node %a = Add(%w, %)  # first>"
    with pytest.raises(IndexError):
        graph.nodes[3]


def test_types_of_inputs():
    make = helper.make_tensor_type_proto
    types = [
        make(onnx.TensorProto.FLOAT, ["n", 3, None]),
        make(onnx.TensorProto.FLOAT, None),
        make(onnx.TensorProto.FLOAT, []),
        helper.make_map_type_proto(onnx.TensorProto.STRING, make(onnx.TensorProto.INT64, [1])),
        helper.make_optional_type_proto(make(onnx.TensorProto.BOOL, None)),
        helper.make_sparse_tensor_type_proto(onnx.TensorProto.FLOAT, [4]),
    ]
    inputs = [helper.make_value_info(f"x{i}", each) for i, each in enumerate(types)]
    inputs.append(onnx.ValueInfoProto(name="bare"))
    found = opened([W], inputs=inputs).graph.inputs
    assert found[0].shape == ("n", 3, None) and found[1].shape is None and found[2].shape == ()
    assert [repr(value) for value in found] == [
        "<Value x0: float32 [n, 3, ?]>",
        "<Value x1: float32>",
        "<Value x2: float32 []>",
        "<Value x3: map(string, int64 [1])>",
        "<Value x4: optional(bool)>",
        "<Value x5: sparse_tensor float32 [4]>",
        "<Value bare>",
    ]


FUNCTION = helper.make_function(
    "custom",
    "Scale",
    ["x"],
    ["y"],
    [
        helper.make_node("Constant", [], ["c"], value=W),
        helper.make_node("Mul", ["x", "c"], ["y"]),
    ],
    [helper.make_opsetid("", 21)],
    ["alpha"],
    [helper.make_attribute("beta", 2)],
)


def test_functions():
    FUNCTION.node[1].attribute.add(name="k", ref_attr_name="alpha", type=onnx.AttributeProto.INT)
    [function] = opened([W], functions=[FUNCTION]).graph.functions
    assert function.name == "custom:Scale" and [v.name for v in function.inputs] == ["x"]
    assert function.attributes == {"alpha": None, "beta": 2}
    reference = function.nodes[1].attributes["k"]
    assert isinstance(reference, AttributeReference) and reference.name == "alpha"


def listing():
    inner = graph_of("inner", helper.make_node("Constant", [], ["c"], value=W))
    nodes = [
        helper.make_node("Constant", [], ["k"], value=helper.make_tensor("", 1, [], [2.5])),
        helper.make_node("If", ["k"], ["z"], name="branch", then_branch=inner, else_branch=inner),
        helper.make_node("Conv", ["x", "w"], ["v"], domain="custom", pads=[0, 1], mode="a'b"),
        identity("z"),
    ]
    inputs = [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, ["n"]) for n in ("x", "w")]
    more = numpy_helper.from_array(values((2, 3)), "more")
    return opened([W, more], nodes, inputs=inputs, functions=[FUNCTION], sparse=[sparse()])


def test_listing():
    lines = str(listing().graph).splitlines()
    assert lines[:17] == [
        "graph g(",
        "  x: float32 [n]",
        ") inputs with initializers(",
        "  w: float32 [n]",
        ") initializers(",
        "  more: float32 [2, 3]",
        ") sparse initializers(",
        "  s: <sparse float32 [4]>",
        ") outputs(",
        "  y: float32",
        ") {",
        "  %k = Constant[value=<float32 2.5>]()",
        "  %z = If[else_branch=<graph inner>, then_branch=<graph inner>](%k)  # branch",
        '  %v = custom::Conv[mode="a\'b", pads=[0, 1]](%x, %w)',
        "  %y = Identity(%z)",
        "  return %y",
        "}",
    ]
    assert lines.count("graph inner outputs(") == 2
    assert "function custom:Scale(" in lines and "  beta=2" in lines


@pytest.mark.filterwarnings("ignore:Deprecated since:DeprecationWarning")
def test_listing_has_what_upstream_prints(samples):
    for path in sorted(samples.glob("*.onnx")):
        theirs = helper.printable_graph(onnx.load(path).graph)
        words = set(theirs.replace(",", " ").replace("(", " ").replace("[", " ").split())
        names = {word for word in words if word.startswith("%")}
        listed = str(tw.open(path).graph)
        missing = [name for name in names if name.strip("%)]") not in listed]
        assert not missing, path


def test_a_big_graph_is_not_made_of_objects(tmp_path):
    nodes = [helper.make_node("Add", [f"x{i}", "w"], [f"x{i + 1}"]) for i in range(5000)]
    with tw.open(saved(tmp_path, [W], nodes)) as opened_model:
        graph = opened_model.graph
        assert len(graph.nodes) == 5000 and graph.nodes[-1].outputs == ["x5000"]
        assert graph.nodes[7] is not graph.nodes[7]


def test_a_graph_is_not_pickled():
    import pickle

    with pytest.raises(tw.UnsupportedError, match="pickle the model"):
        pickle.dumps(opened([W]).graph)
