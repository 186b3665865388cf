"""onnx's own modules on our messages: with one class, and with all of onnx's classes ours."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, checker, helper, numpy_helper

from tensorwire import proto

from .generated import run_program

MAKE = """
    import warnings
    import numpy as np
    from tensorwire import proto

    report = proto.install()
    import onnx
    from onnx import TensorProto, checker, helper, numpy_helper, shape_inference

    assert proto.message_class(onnx.ModelProto) is onnx.ModelProto
    weight = np.arange(6, dtype=np.float32).reshape(2, 3)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], name="first"),
        helper.make_node("Constant", [], ["one"], value=numpy_helper.from_array(np.ones(3, "f"))),
        helper.make_node("Add", ["h", "one"], ["y"], name="last", doc_string="adds"),
    ]
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(weight, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    helper.set_model_props(model, {"author": "nobody"})
"""


@pytest.fixture
def model():
    weight = numpy_helper.from_array(np.arange(6, dtype=np.float32).reshape(2, 3), "w")
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in "xy"]
    nodes = [helper.make_node("Add", ["x", "w"], ["y"], name="only")]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], [weight])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


@pytest.fixture
def ours(model):
    return proto.message_class(onnx.ModelProto).FromString(model.SerializeToString())


def test_numpy_helper_reads_and_writes_our_tensors(ours):
    tensor = ours.graph.initializer[0]
    array = numpy_helper.to_array(tensor)
    assert np.array_equal(array, np.arange(6, dtype=np.float32).reshape(2, 3))
    tensor.CopyFrom(numpy_helper.from_array(array * 2, "w"))
    assert np.array_equal(numpy_helper.to_array(ours.graph.initializer[0]), array * 2)


def test_helper_reads_our_nodes_and_its_nodes_enter_our_graph(ours):
    ours.graph.node.append(helper.make_node("Relu", ["y"], ["z"], name="added", alpha=0.5))
    ours.graph.node[0].attribute.append(helper.make_attribute("axis", 3))
    attribute = ours.graph.node[0].attribute[0]
    assert helper.get_attribute_value(attribute) == 3
    assert helper.get_node_attr_value(ours.graph.node[1], "alpha") == 0.5
    text = onnx.printer.to_text(proto.to_upstream(ours))  # looks for onnx's own classes
    assert "Relu" in text and "axis" in text


def test_the_checker_accepts_what_we_serialise(ours):
    ours.graph.node[0].name = "renamed"
    ours.metadata_props.add(key="author", value="nobody")
    checker.check_model(ours, full_check=True)
    checker.check_node(proto.to_upstream(ours.graph.node[0]))  # wants onnx's own class
    ours.graph.node[0].op_type = "Nope"
    with pytest.raises(checker.ValidationError, match="Nope"):
        checker.check_model(ours)


def test_onnx_saves_and_loads_our_messages(ours, model, tmp_path):
    ours.graph.node[0].name = model.graph.node[0].name = "renamed"
    for name in ("m.onnx", "m.textproto", "m.json"):
        onnx.save(ours, tmp_path / name)
        assert onnx.load(tmp_path / name) == model
    onnx.save(ours, tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_bytes() == model.SerializeToString()


def test_external_data_helpers_convert_our_models(ours, model, tmp_path):
    options = {"save_as_external_data": True, "size_threshold": 0, "location": "w.data"}
    onnx.save(ours, tmp_path / "m.onnx", **options)
    assert (tmp_path / "w.data").stat().st_size == 24
    assert ours.graph.initializer[0].external_data[0].key == "location"
    array = numpy_helper.to_array(onnx.load(tmp_path / "m.onnx").graph.initializer[0])
    assert np.array_equal(array, numpy_helper.to_array(model.graph.initializer[0]))


def test_all_of_onnx_on_our_classes(tmp_path):
    run_program(tmp_path, MAKE + """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        checker.check_model(model, full_check=True)
        inferred = shape_inference.infer_shapes(model, strict_mode=True)
    assert type(inferred) is onnx.ModelProto
    assert {value.name for value in inferred.graph.value_info} == {"h", "one"}
    onnx.save(model, "m.onnx")
    loaded = onnx.load("m.onnx")
    assert type(loaded) is onnx.ModelProto and loaded == model
    assert np.array_equal(numpy_helper.to_array(loaded.graph.initializer[0]), weight)
    assert "MatMul" in onnx.printer.to_text(loaded.graph)
    checker.check_node(loaded.graph.node[0])
    checker.check_tensor(loaded.graph.initializer[0])
    assert loaded.metadata_props[0].key == "author"
    assert helper.get_node_attr_value(loaded.graph.node[1], "value").dims[0] == 3
    onnx.save(model, "e.onnx", save_as_external_data=True, size_threshold=0, location="w.data")
    assert np.array_equal(numpy_helper.to_array(onnx.load("e.onnx").graph.initializer[0]), weight)
    for name in ("m.textproto", "m.json", "m.onnxtxt"):
        onnx.save(loaded, name)
    assert onnx.load("m.textproto") == onnx.load("m.json") == loaded
    assert onnx.parser.parse_node("y = Relu(x)").op_type == "Relu"
    """)  # fmt: skip
    loaded = onnx.load(tmp_path / "m.onnx")
    assert type(loaded).__mro__[1].__module__ != "tensorwire._core.message"
    checker.check_model(loaded)


def test_onnx_makes_the_same_bytes_with_either_worlds_classes(tmp_path):
    ours = run_program(tmp_path, MAKE + """
    print(model.SerializeToString(deterministic=True).hex())
    """)  # fmt: skip
    theirs = run_program(tmp_path, MAKE.replace("proto.install()", "None").replace(
        "is onnx.ModelProto", "is not onnx.ModelProto") + """
    print(model.SerializeToString(deterministic=True).hex())
    """)  # fmt: skip
    assert ours == theirs and len(ours) > 200
