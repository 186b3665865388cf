"""Graphs: operators by name, options of every kind, values; what a model says of itself."""

import numpy as np
import pytest
from tflite_models import CODES, buffer, made, model, operator, packed, subgraph, tensor

import tensorwire as tw

flexbuffers = pytest.importorskip("flatbuffers.flexbuffers")


def opened(*operators, tensors=3, codes=None, **fields):
    """The graph of those operators, over tensors ``t0``, ``t1``, ..."""
    held = [tensor(f"t{i}", (2,)) for i in range(tensors)]
    made_model = model([subgraph(held, operators, [0], [1])], **fields)
    if codes is not None:
        made_model.operatorCodes = codes
    return tw.from_buffer(packed(made_model))


def node(*operators, **fields):
    return opened(*operators, **fields).graph.nodes[0]


@pytest.mark.parametrize("name", [name for name in CODES if name != "CUSTOM"])
def test_every_builtin_operator_has_its_name(name):
    found = node(operator(name, [0], [1]))
    assert (found.op_type, found.domain, found.name) == (name, "", "")


def test_codes_of_old_files_and_of_files_to_come():
    def code(**fields):
        codes = [made("OperatorCode", **fields)]
        return node(operator("ADD", [0], [1]), codes=codes)

    assert code(deprecatedBuiltinCode=9).op_type == "FULLY_CONNECTED"
    assert code(deprecatedBuiltinCode=127, builtinCode=150).op_type == "GELU"
    assert code(deprecatedBuiltinCode=9, builtinCode=0).op_type == "FULLY_CONNECTED"
    assert code(deprecatedBuiltinCode=127, builtinCode=5000).op_type == "tflite:5000"
    custom = code(builtinCode=32, deprecatedBuiltinCode=32, customCode="Mine")
    assert (custom.op_type, custom.domain) == ("Mine", "custom")
    assert repr(custom) == "<Node %t1 = custom::Mine(%t0)>"
    assert code(builtinCode=32).op_type == ""


def test_edges():
    found = node(operator("ADD", [0, -1, 2], [1], intermediates=[2]))
    assert found.inputs == ["t0", "", "t2"] and found.outputs == ["t1"]
    assert found.attributes == {"intermediates": ["t2"]}
    nothing = node(made_operator := operator("ADD", [], []))
    assert nothing.inputs == nothing.outputs == [] and made_operator[0] == "ADD"
    for bad in ([3], [-2], [2**31 - 1]):
        found = node(operator("ADD", bad, [1]))
        with pytest.raises(tw.ModelError, match=f"tensor {bad[0]} of 3") as caught:
            found.inputs
        assert caught.value.path == "subgraphs[0].operators[0].inputs[0]"


def test_an_operator_of_no_code():
    found = node(operator("ADD", [0], [1]), codes=[])
    with pytest.raises(tw.ModelError, match="operator code 0 of 0"):
        found.op_type


def test_options_have_every_field_with_names_for_enums():
    options = made("Conv2DOptions", padding=1, strideW=2, strideH=3, fusedActivationFunction=3)
    assert node(operator("CONV_2D", [0], [1], options)).attributes == {
        "padding": "VALID", "stride_w": 2, "stride_h": 3, "fused_activation_function": "RELU6",
        "dilation_w_factor": 1, "dilation_h_factor": 1, "quantized_bias_type": "FLOAT32",
    }  # fmt: skip
    options = made("Conv2DOptions", padding=77)
    assert node(operator("CONV_2D", [0], [1], options)).attributes["padding"] == 77


def test_options_that_are_vectors_text_and_numbers():
    options = made("ReshapeOptions", newShape=[-1, 4])
    assert node(operator("RESHAPE", [0], [1], options)).attributes == {"new_shape": [-1, 4]}
    options = made("BucketizeOptions", boundaries=[0.5, 1.5])
    assert node(operator("BUCKETIZE", [0], [1], options)).attributes == {"boundaries": [0.5, 1.5]}
    options = made("VarHandleOptions", container="c", sharedName="s")
    found = node(operator("VAR_HANDLE", [0], [1], options)).attributes
    assert found == {"container": "c", "shared_name": "s"}
    options = made("SoftmaxOptions", beta=0.5)
    assert node(operator("SOFTMAX", [0], [1], options)).attributes == {"beta": 0.5}
    assert node(operator("ADD", [0], [1])).attributes == {}


def test_options_of_the_second_union():
    options = made("StablehloConcatenateOptions", dimension=3)
    found = node(operator("STABLEHLO_CONCATENATE", [0], [1], options_2=options))
    assert found.attributes == {"dimension": 3}
    options = made("StablehloGatherOptions", offsetDims=[1, 2], indicesAreSorted=True)
    found = node(operator("STABLEHLO_GATHER", [0], [1], options_2=options)).attributes
    assert found["offset_dims"] == [1, 2] and found["indices_are_sorted"] is True
    options = made("StablehloDotGeneralOptions", precisionConfig=[0, 2, 9])
    found = node(operator("STABLEHLO_DOT_GENERAL", [0], [1], options_2=options)).attributes
    assert found["precision_config"] == ["DEFAULT", "HIGHEST", 9]
    attributes = np.frombuffer(flexbuffers.Dumps({"axis": 1}), "u1")
    options = made("StableHLOCompositeOptions", name="n", compositeAttributes=attributes)
    found = node(operator("STABLEHLO_COMPOSITE", [0], [1], options_2=options)).attributes
    assert found["composite_attributes"] == {"axis": 1} and found["name"] == "n"
    options = made("StableHLOCompositeOptions", name="n")
    found = node(operator("STABLEHLO_COMPOSITE", [0], [1], options_2=options)).attributes
    assert found["composite_attributes"] is None


def custom(data, **fields):
    held = None if data is None else np.frombuffer(bytes(data), "u1")
    return node(operator("Mine", [0], [1], customOptions=held, **fields))


def test_custom_options():
    found = custom(flexbuffers.Dumps({"max": 10, "scale": 0.5, "names": ["a"], "raw": b"\0"}))
    assert found.attributes == {"max": 10, "names": ["a"], "raw": b"\0", "scale": 0.5}
    found = custom(flexbuffers.Dumps(["Erf", "\n\x03abc"]))
    assert found.attributes == {"custom_options": ["Erf", "\n\x03abc"]}
    assert custom(b"not one \xff").attributes == {"custom_options": b"not one \xff"}
    assert custom(b"").attributes == custom(None).attributes == {}
    assert "[max=10, names=['a'], raw=b'\\x00', scale=0.5]" in repr(
        custom(flexbuffers.Dumps({"max": 10, "scale": 0.5, "names": ["a"], "raw": b"\0"}))
    )
    assert repr(custom(b"x" * 40)) == "<Node %t1 = custom::Mine[custom_options=<40 bytes>](%t0)>"


def test_large_custom_options_lie_behind_the_flatbuffer():
    options = bytes(flexbuffers.Dumps({"deep": {"a": [1, 2]}}))
    held = [tensor(f"t{i}", (2,)) for i in range(2)]

    def data(offset):
        op = operator("Mine", [0], [1], largeCustomOptionsOffset=offset,
                      largeCustomOptionsSize=len(options))  # fmt: skip
        return packed(model([subgraph(held, [op], [0], [1])]))

    found = tw.from_buffer(data(len(data(1000))) + options).graph.nodes[0]
    assert found.attributes == {"deep": {"a": [1, 2]}}
    assert repr(found) == "<Node %t1 = custom::Mine[deep={a: [1, 2]}](%t0)>"
    assert tw.from_buffer(data(1)).graph.nodes[0].attributes == {}
    for offset in (10**6, 2**64 - 1, 2**64 - len(options)):
        found = tw.from_buffer(data(offset)).graph.nodes[0]
        with pytest.raises(tw.DecodeError, match="bytes in a file of") as caught:
            found.attributes
        assert caught.value.path == "subgraphs[0].operators[0].large_custom_options_offset"


def test_values_and_their_shapes():
    held = [
        tensor("known", (2, 3)), tensor("partly", (1, 3), shapeSignature=[-1, 3]),
        tensor("scalar", ()), tensor("unknown", None, hasRank=False),
        tensor("handle", (), "RESOURCE"), tensor("const", (1,), "UINT8", 1),
    ]  # fmt: skip
    graph = subgraph(held, [], [0, 1, 5], [2, 3])
    found = tw.from_buffer(packed(model([graph], [buffer(b"\1")]))).graph
    assert [(v.name, v.shape) for v in found.inputs] == [
        ("known", (2, 3)), ("partly", (None, 3)), ("const", (1,)),
    ]  # fmt: skip
    assert [(v.name, v.shape) for v in found.outputs] == [("scalar", ()), ("unknown", None)]
    assert [(v.name, str(v.dtype)) for v in found.values] == [("handle", "resource")]
    assert [t.name for t in found.initializers] == ["const"]
    assert str(found).splitlines() == [
        "graph main(", "  known: float32 [2, 3]", "  partly: float32 [?, 3]",
        ") inputs with initializers(", "  const: uint8 [1]",
        ") outputs(", "  scalar: float32 []", "  unknown: float32", ") {",
        "  return %scalar, %unknown", "}",
    ]  # fmt: skip


def test_other_subgraphs_are_functions():
    held = [tensor("x", (1,)), tensor("y", (1,))]
    options = made("IfOptions", thenSubgraphIndex=1, elseSubgraphIndex=2)
    graphs = [
        subgraph(held, [operator("IF", [0], [1], options)], [0], [1]),
        subgraph(held, [operator("NEG", [0], [1])], [0], [1], name="then"),
        subgraph(held, [operator("ABS", [0], [1])], [0], [1], name=None),
    ]
    found = tw.from_buffer(packed(model(graphs))).graph
    assert found.nodes[0].attributes == {"then_subgraph_index": 1, "else_subgraph_index": 2}
    assert [inner.name for inner in found.functions] == ["then", "subgraph[2]"]
    assert [inner.nodes[0].op_type for inner in found.functions] == ["NEG", "ABS"]
    text = str(found)
    assert "function then(" in text and "function subgraph[2](" in text
    assert found.find("IF") and not found.find("NEG")


def test_signatures():
    held = [tensor("x", (1,)), tensor("y", (1,))]
    signature = made(
        "SignatureDef", signatureKey="serve", subgraphIndex=0,
        inputs=[made("TensorMap", name="in", tensorIndex=0)],
        outputs=[
            made("TensorMap", name="out", tensorIndex=1),
            made("TensorMap", name="?", tensorIndex=9),
        ],
    )  # fmt: skip
    lost = made("SignatureDef", signatureKey="lost", subgraphIndex=7,
                inputs=[made("TensorMap", name="in", tensorIndex=0)])  # fmt: skip
    data = packed(model([subgraph(held, [], [0], [1])], signatureDefs=[signature, lost]))
    assert tw.from_buffer(data).info["signatures"] == {
        "serve": {"subgraph": 0, "inputs": {"in": "x"}, "outputs": {"out": "y", "?": 9}},
        "lost": {"subgraph": 7, "inputs": {"in": 0}, "outputs": {}},
    }


def test_metadata():
    entries = [("min_runtime_version", 1), ("notes", 2), ("binary", 3), ("none", 0), (None, 99)]
    texts = (b"2.1.0\0\0\0", "Zeile 1\nZeile 2 \u00e4".encode(), b"\0\1\xff")
    buffers = [buffer(text) for text in texts]
    data = packed(
        model(
            [subgraph([])], buffers, description="made here",
            metadata=[made("Metadata", name=name, buffer=index) for name, index in entries],
        )
    )  # fmt: skip
    found = tw.from_buffer(data)
    assert found.metadata == {
        "min_runtime_version": "2.1.0", "notes": "Zeile 1\nZeile 2 \u00e4", "binary": "<3 bytes>",
        "none": "", "metadata[4]": "<unreadable>",
    }  # fmt: skip
    assert found.info["min_runtime_version"] == "2.1.0" and found.info["subgraphs"] == 1
    assert found.info["description"] == "made here"
    assert found.root.buffers[3].data.tolist() == [0, 1, 255]


def test_a_model_without_anything():
    found = tw.from_buffer(packed(made("Model", version=3)))
    assert len(found) == 0 and found.graph is None and found.metadata == {}
    assert found.info["signatures"] == {} and found.root.version == 3
