"""Names of tensors: in file order, each once, nested ones with their scope."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import helper, identity, model, numpy_helper, onnx, values  # noqa: E402

import tensorwire as tw  # noqa: E402


def tensor(name, first=0.0):
    return numpy_helper.from_array(np.array([first, 1], np.float32), name)


def opened(*args, **kwargs):
    return tw.from_buffer(model(*args, **kwargs).SerializeToString())


def scopes(found):
    return [(t.name, t.scope) for t in found.tensors.values()]


def inner(*tensors, nodes=()):
    nodes = list(nodes) or [helper.make_node("Identity", ["w"], ["o"])]
    output = helper.make_tensor_value_info("o", onnx.TensorProto.FLOAT, [2])
    return helper.make_graph(nodes, "inner", [], [output], list(tensors))


def test_names_used_twice_in_one_graph_are_numbered():
    found = opened([tensor("w", 5), tensor("v"), tensor("w", 7)])
    assert list(found) == ["w#0", "v", "w#2"]
    assert found["w#0"][0] == 5 and found["w#2"][0] == 7
    assert found.tensors["w#2"].name == "w#2"


def test_empty_names_are_names():
    found = opened([tensor(""), tensor("v")], [identity("v")])
    assert list(found) == ["", "v"] and found[""].tolist() == [0, 1]
    assert list(opened([tensor(""), tensor("")], [identity("v")])) == ["#0", "#1"]


@pytest.mark.parametrize("name", ["a/b", "../x", "__metadata__", "a\0b", "[w]*?", "ü"])
def test_any_name_is_found_by_itself(name):
    found = opened([tensor("other"), tensor(name)], [identity("other")])
    assert found[name].tolist() == [0, 1] and name in found


def test_nested_names_are_local_unless_they_are_taken():
    loop = helper.make_node("Loop", [], ["y"], name="loop", body=inner(tensor("w", 9)))
    found = opened([tensor("w")], [loop])
    assert scopes(found) == [("w", ""), ("loop.body/w", "loop.body")]
    assert found["loop.body/w"][0] == 9


def test_scopes_nest_and_fall_back_on_outputs_and_positions():
    deep = helper.make_node("If", [], ["o"], then_branch=inner(tensor("deep")))
    nodes = [
        helper.make_node("If", [], [], then_branch=inner(tensor("a"))),
        helper.make_node("If", [], ["y"], name="top", then_branch=inner(tensor("b"), nodes=[deep])),
    ]
    assert scopes(opened([], nodes)) == [
        ("a", "node[0].then_branch"),
        ("b", "top.then_branch"),
        ("deep", "top.then_branch/o.then_branch"),
    ]


def test_constants_take_the_name_of_their_output():
    sparse = helper.make_sparse_tensor(tensor("s"), numpy_helper.from_array(np.array([0, 2])), [4])
    nodes = [
        helper.make_node("Constant", [], ["k"], value=tensor("ignored")),
        helper.make_node("Constant", [], ["m"], sparse_value=sparse),
        helper.make_node("ConstantOfShape", ["k"], ["n"], value=tensor("ignored")),
        helper.make_node("Constant", [], ["o"], value_floats=[1.0]),
        identity("n"),
    ]
    found = opened([], nodes)
    assert list(found) == ["k", "m", "m.indices", "n.value"]
    assert found["m.indices"].tolist() == [0, 2]


def test_functions_and_training_come_last():
    held = helper.make_node("Constant", [], ["c"], value=tensor("x"))
    defaults = [helper.make_attribute("d", tensor("x"))]
    opsets = [helper.make_opsetid("", 21)]
    function = helper.make_function("custom", "F", [], ["c"], [held], opsets, [], defaults)
    function.overload = "v2"
    proto = model([tensor("w")], functions=[function])
    training = proto.training_info.add()
    training.algorithm.CopyFrom(inner(tensor("lr")))
    training.initialization.CopyFrom(inner(tensor("w")))
    assert scopes(tw.from_buffer(proto.SerializeToString())) == [
        ("w", ""),
        ("d", "function custom:F:v2"),
        ("c", "function custom:F:v2"),
        ("training_info[0].initialization/w", "training_info[0].initialization"),
        ("lr", "training_info[0].algorithm"),
    ]


def test_a_name_is_found_without_walking_the_rest():
    nodes = [helper.make_node("Constant", [], [f"k{i}"], value=tensor("")) for i in range(50)]
    found = opened([tensor("w")], nodes)
    assert found["w"].tolist() == [0, 1]
    assert repr(found.tensors["k3"]) == "<Tensor 'k3' float32 [2]>"
    assert list(found) == ["w", *(f"k{i}" for i in range(50))] and len(found) == 51


def test_annotated_tensors_dequantize():
    codes = numpy_helper.from_array(np.array([130, 128, 126], np.uint8), "q")
    scale = numpy_helper.from_array(np.array(0.5, np.float32), "q_scale")
    zero = numpy_helper.from_array(np.array(128, np.uint8), "q_zero")
    proto = model([codes, scale, zero])
    annotation = proto.graph.quantization_annotation.add(tensor_name="q")
    for key, value in (("SCALE_TENSOR", "q_scale"), ("ZERO_POINT_TENSOR", "q_zero")):
        annotation.quant_parameter_tensor_names.add(key=key, value=value)
    found = tw.from_buffer(proto.SerializeToString()).tensors
    assert found["q"].quantization and not found["q_scale"].quantization
    assert found["q"].dequantize().tolist() == [1, 0, -1]
    assert found["q_scale"].dequantize() == 0.5


def test_several_scales_need_an_axis():
    codes = numpy_helper.from_array(values((2, 2), np.int8), "q")
    proto = model([codes, tensor("q_scale", 3)])
    annotation = proto.graph.quantization_annotation.add(tensor_name="q")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="q_scale")
    quantized = tw.from_buffer(proto.SerializeToString()).tensors["q"]
    with pytest.raises(tw.LayoutError, match="no axis"):
        quantized.dequantize()
    quantized.quantization.axis = 0
    assert quantized.dequantize().tolist() == [[0, 3], [2, 3]]


def test_scales_of_another_length_than_the_axis():
    proto = model([numpy_helper.from_array(values((2, 3), np.int8), "q"), tensor("q_scale", 3)])
    annotation = proto.graph.quantization_annotation.add(tensor_name="q")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="q_scale")
    quantized = tw.from_buffer(proto.SerializeToString()).tensors["q"]
    quantized.quantization.axis = 1
    with pytest.raises(tw.LayoutError, match=r"2 scales .* axis 1 of \[2, 3\]"):
        quantized.dequantize()


@pytest.mark.parametrize("dtype", [bool, np.complex64, object])
@pytest.mark.parametrize("field", ["q", "scale"])
def test_what_is_no_real_number_is_not_dequantized(dtype, field):
    odd = np.array([1]).astype(dtype) if dtype is not object else np.array(["abc"], dtype)
    held = {"q": np.array([1], np.uint8), "scale": np.array([2], np.float32), field: odd}
    proto = model([numpy_helper.from_array(array, name) for name, array in held.items()])
    annotation = proto.graph.quantization_annotation.add(tensor_name="q")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="scale")
    with pytest.raises(tw.UnsupportedError, match="elements are not quantized"):
        tw.from_buffer(proto.SerializeToString()).tensors["q"].dequantize()
