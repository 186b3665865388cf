"""What `validate` says of models whose FlatBuffer is sound."""

import io

import pytest
from tflite_models import buffer, made, model, one, operator, packed, strings, subgraph, tensor

import tensorwire as tw


def findings(data):
    """(kind, path, severity) of each finding."""
    report = tw.validate(io.BytesIO(data))
    return [(f.kind, f.path, f.severity) for f in report.findings]


def reasons(data):
    return [f.reason for f in tw.validate(io.BytesIO(data)).findings]


HELD = [tensor("x", (2,)), tensor("w", (2,), "FLOAT32", 1), tensor("y", (2,))]
WEIGHTS = [buffer(bytes(8))]


def built(operators=None, inputs=(0,), outputs=(2,), tensors=HELD, buffers=WEIGHTS, **fields):
    if operators is None:
        operators = [operator("ADD", [0, 1], [2])]
    return model([subgraph(tensors, operators, inputs, outputs)], buffers, **fields)


def test_a_sound_model():
    assert findings(packed(built())) == []
    assert findings(one(b"\1", "UINT8")) == []


@pytest.mark.parametrize("version", [0, 2, 4])
def test_another_version(version):
    assert findings(packed(built(version=version))) == [("version", "version", "error")]


def test_no_subgraph():
    assert findings(packed(made("Model", version=3))) == [("structure", "subgraphs", "error")]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"inputs": [0, 3]}, ("index", "subgraphs[0].inputs[1]", "error")),
        ({"inputs": [0, -1]}, ("index", "subgraphs[0].inputs[1]", "error")),
        ({"outputs": [2**31 - 1]}, ("index", "subgraphs[0].outputs[0]", "error")),
        (
            {"operators": [operator("ADD", [0, 9], [2])]},
            ("index", "subgraphs[0].operators[0].inputs[1]", "error"),
        ),
        (
            {"operators": [operator("ADD", [0, -1], [-2])]},
            ("index", "subgraphs[0].operators[0].outputs[0]", "error"),
        ),
        (
            {"operators": [operator("ADD", [0, 1], [2], intermediates=[5])]},
            ("index", "subgraphs[0].operators[0].intermediates[0]", "error"),
        ),
        (
            {"operators": [operator("ADD", [0, 1], [2], made("IfOptions", thenSubgraphIndex=3))]},
            ("index", "subgraphs[0].operators[0].builtin_options.then_subgraph_index", "error"),
        ),
        (
            {"operators": [operator("ADD", [2, 1], [2])]},
            ("missing", "subgraphs[0].operators[0].inputs", "warning"),
        ),
        ({"operators": [operator(5000, [0], [2])]}, ("operator", "operator_codes[0]", "warning")),
        ({"operators": [operator("", [0], [2])]}, ("operator", "operator_codes[0]", "error")),
        ({"metadataBuffer": [0, 9]}, ("index", "metadata_buffer[1]", "error")),
        ({"metadata": [made("Metadata", name="n", buffer=9)]},
         ("index", "metadata[0].buffer", "error")),
        ({"buffers": [*WEIGHTS, buffer(b"unused")]}, ("unused", "buffers[2]", "warning")),
        ({"externalBuffers": [made("ExternalBuffer", id=0)]},
         ("duplicate", "external_buffers[0].id", "error")),
        ({"externalBuffers": [made("ExternalBuffer", id=5)] * 2},
         ("duplicate", "external_buffers[1].id", "error")),
    ],
)  # fmt: skip
def test_structure(arguments, wanted):
    assert findings(packed(built(**arguments))) == [wanted]


def test_an_operator_without_a_code():
    found = built()
    found.operatorCodes = []
    wanted = [("index", "subgraphs[0].operators[0].opcode_index", "error")]
    assert findings(packed(found)) == wanted


def test_options_outside_of_the_file():
    op = operator("Mine", [0], [2], largeCustomOptionsOffset=2**64 - 1, largeCustomOptionsSize=2)
    path = "subgraphs[0].operators[0].large_custom_options_offset"
    assert findings(packed(built([op]))) == [("decode", path, "error")]


def with_tensor(**fields):
    given = {"name": "w", "shape": (2,), "kind": "FLOAT32", "buffer": 1, **fields}
    return packed(built(tensors=[HELD[0], tensor(**given), HELD[2]]))


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"shape": (3,)}, ("decode", "buffers[1].data", "error")),
        ({"shape": (-2, -1)}, ("model", "subgraphs[0].tensors[1]", "error")),
        ({"shape": (2**31 - 1,) * 3}, ("limit", "subgraphs[0].tensors[1]", "error")),
        ({"shape": (1,) * 65}, ("limit", "subgraphs[0].tensors[1].shape", "error")),
        ({"kind": "RESOURCE"}, ("unsupported", "subgraphs[0].tensors[1]", "error")),
        ({"kind": 77}, ("unsupported", "subgraphs[0].tensors[1]", "error")),
        ({"isVariable": True}, ("variable", "subgraphs[0].tensors[1]", "error")),
        (
            {"shapeSignature": [3]},
            ("shape", "subgraphs[0].tensors[1].shape_signature", "warning"),
        ),
        (
            {"shapeSignature": [-1, -1]},
            ("shape", "subgraphs[0].tensors[1].shape_signature", "warning"),
        ),
        (
            {"quantization": made("QuantizationParameters", scale=[1.0, 2.0], zeroPoint=[0, 0],
                                  quantizedDimension=1)},
            ("quantization", "subgraphs[0].tensors[1].quantization.quantized_dimension", "error"),
        ),
        (
            {"quantization": made("QuantizationParameters", scale=[1.0] * 3, zeroPoint=[0] * 3)},
            ("quantization", "subgraphs[0].tensors[1].quantization.scale", "error"),
        ),
    ],
)  # fmt: skip
def test_tensors(fields, wanted):
    assert findings(with_tensor(**fields)) == [wanted]


def test_a_buffer_that_is_not_there():
    wanted = [
        ("index", "subgraphs[0].tensors[1].buffer", "error"),
        ("unused", "buffers[1]", "warning"),
    ]
    assert findings(with_tensor(buffer=9)) == wanted


def test_strings():
    data = one(strings(b"a", b"b"), "STRING", (2,))
    assert findings(data) == []
    bad = data.replace(strings(b"a", b"b"), b"\xff" * 18)
    assert findings(bad) == [("decode", "buffers[1].data", "error")]


def signed(**fields):
    given = {
        "signatureKey": "s", "subgraphIndex": 0,
        "inputs": [made("TensorMap", name="a", tensorIndex=0)],
        "outputs": [made("TensorMap", name="b", tensorIndex=2)], **fields,
    }  # fmt: skip
    return made("SignatureDef", **given)


@pytest.mark.parametrize(
    ("signatures", "wanted"),
    [
        ([signed()], []),
        ([signed(), signed()], [("duplicate", "signature_defs[1]", "error")]),
        ([signed(signatureKey=None)], [("signature", "signature_defs[0]", "error")]),
        ([signed(subgraphIndex=1)], [("index", "signature_defs[0].subgraph_index", "error")]),
        (
            [signed(inputs=[made("TensorMap", name="a", tensorIndex=3)])],
            [("index", "signature_defs[0].inputs[0]", "error")],
        ),
        (
            [signed(outputs=[made("TensorMap", name="a", tensorIndex=0)])],
            [("signature", "signature_defs[0].outputs[0]", "error")],
        ),
        (
            [signed(inputs=[made("TensorMap", name="a", tensorIndex=0)] * 2)],
            [("duplicate", "signature_defs[0].inputs[1]", "error")],
        ),
    ],
)
def test_signatures(signatures, wanted):
    assert findings(packed(built(signatureDefs=signatures))) == wanted


def test_variables_may_be_read_before_they_are_written():
    held = [tensor("v", (2,), isVariable=True), tensor("y", (2,))]
    graph = subgraph(held, [operator("NEG", [0], [1])], [], [1])
    assert findings(packed(model([graph]))) == []


def test_a_file_that_is_cut_short(tmp_path):
    data = packed(built())
    path = tmp_path / "cut.tflite"
    path.write_bytes(data[: len(data) // 2])
    report = tw.validate(path)
    assert not report and report.findings[0].kind == "decode" and report.findings[0].path


def test_reasons_have_the_numbers_that_decided():
    assert reasons(packed(built(inputs=[7]))) == [
        "tensor 7 of 3", "tensor 0 is read, but nothing before gives it a value",
    ]  # fmt: skip
    assert reasons(with_tensor(shape=(3,))) == ["8 bytes stored, but 3 elements of float32 take 12"]
