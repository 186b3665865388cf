"""What identify, inspect, graph and validate say to people, and with which exit code."""

from __future__ import annotations

import json

import onnx
from cli_models import external, of_tensors, save, small, truncated, value
from onnx import TensorProto as T
from onnx import helper, numpy_helper


def squeezed(text: str) -> list[str]:
    """Lines with single blanks: what is said, whatever the columns' width."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_identify(cli, tmp_path):
    model, page, empty = small(tmp_path), tmp_path / "page", tmp_path / "empty"
    page.write_text("{}")
    empty.touch()
    result = cli("identify", model)
    assert (result.code, result.out) == (0, f"{model}: onnx\n")
    result = cli("identify", model, page, empty)
    assert result.code == 1
    assert result.lines[1:] == [
        f"{page}: not a model this version reads: it is a JSON document",
        f"{empty}: an empty file",
    ]
    assert cli("identify", tmp_path / "none").code == 2


def test_inspect(cli, tmp_path):
    path = small(tmp_path)
    result = cli("inspect", path)
    lines = squeezed(result.out)
    assert result.code == 0 and lines[0] == str(path)
    for line in (
        "format onnx",
        "producer maker 1.2",
        "ir version 8",
        "opsets ai.onnx 17, local 1",
        "graph main: 7 nodes, 1 function",
        "tensors 2 tensors, 256 B",
        "x float32 [N, 6]",
        "c bool []",
        "z float32 [N, 8]",
        "Relu 2",
        "local::Scale 1",
        "Elu 1",
        "float32 1 48 192 B",
        "int64 1 8 64 B",
        "weight float32 [6, 8] 192 B",
        "author someone",
    ):
        assert line in lines
    assert not any(line.startswith(("unavailable", "faulty", "FILE")) for line in lines)


def test_inspect_cuts_long_lists_for_people_only(cli, tmp_path):
    tensors = [numpy_helper.from_array(helper.np.zeros(i + 1, "int8"), f"t{i}") for i in range(20)]
    path = of_tensors(tmp_path / "m.onnx", *tensors)
    lines = squeezed(cli("inspect", path, "--top", "3").out)
    table = lines[lines.index("LARGEST TENSORS TYPE SIZE") :]
    assert table[1:] == ["t19 int8 [20] 20 B", "t18 int8 [19] 19 B", "t17 int8 [18] 18 B"]


def test_inspect_marks_missing_files(cli, tmp_path):
    path = of_tensors(tmp_path / "m.onnx", external("w", "none.bin", [2, 2]))
    lines = squeezed(cli("inspect", path).out)
    assert f"{tmp_path / 'none.bin'} missing" in lines
    assert "unavailable 1 tensor; see tensorwire validate" in lines
    (tmp_path / "none.bin").write_bytes(bytes(16))
    lines = squeezed(cli("inspect", path).out)
    assert f"{tmp_path / 'none.bin'} 16 B" in lines
    assert not any("unavailable" in line for line in lines)


def test_inspect_leaves_initialized_inputs_out(cli, tmp_path):
    weight = numpy_helper.from_array(helper.np.zeros(2, "float32"), "w")
    inputs = [value("x", [2]), value("w", [2])]
    path = save(tmp_path / "m.onnx", helper.make_graph([], "g", inputs, [], [weight]))
    graph = json.loads(cli("inspect", path, "--json").out)["graph"]
    assert [each["name"] for each in graph["inputs"]] == ["x"]
    assert graph["initialized_inputs"] == 1


def test_inspect_of_a_tensor_file(cli, tmp_path):
    path = tmp_path / "input_0.pb"
    tensor = numpy_helper.from_array(helper.np.zeros((2, 3), "float32"), "x")
    path.write_bytes(tensor.SerializeToString())
    assert "x float32 [2, 3] 24 B" in squeezed(cli("inspect", path).out)


def test_graph(cli, tmp_path):
    path = small(tmp_path)
    result = cli("graph", path)
    assert result.code == 0 and result.lines[0] == "graph main("
    assert "  %a = MatMul(%x, %weight)  # first" in result.lines
    graph = json.loads(cli("graph", path, "--json").out)["graph"]
    assert graph["nodes"][0] == {
        "op_type": "MatMul",
        "domain": "",
        "name": "first",
        "inputs": ["x", "weight"],
        "outputs": ["a"],
        "attributes": {},
    }
    branch = graph["nodes"][2]["attributes"]["then_branch"]["graph"]
    assert branch["nodes"][0]["op_type"] == "Relu"
    assert graph["functions"][0]["nodes"][0]["attributes"] == {"alpha": {"float": "inf"}}


def test_graph_attributes_in_json(cli, tmp_path):
    node = helper.make_node(
        "Odd",
        [],
        ["y"],
        domain="x",
        whole=-(2**62),
        real=0.5,
        text="a",
        wholes=[1, 2],
        tensor=numpy_helper.from_array(helper.np.zeros((2, 1), "int8"), "t"),
    )
    node.attribute.add(name="kind", type=onnx.AttributeProto.TYPE_PROTO).tp.CopyFrom(
        helper.make_tensor_type_proto(T.FLOAT, ["N"])
    )
    path = save(tmp_path / "m.onnx", helper.make_graph([node], "g", [], []))
    graph = json.loads(cli("graph", path, "--json").out)["graph"]
    assert graph["nodes"][0]["attributes"] == {
        "whole": -(2**62),
        "real": 0.5,
        "text": "a",
        "wholes": [1, 2],
        "tensor": {"tensor": {"name": "y.tensor", "dtype": "int8", "shape": [2, 1]}},
        "kind": {"type": {"name": "", "kind": "tensor", "dtype": "float32", "shape": ["N"]}},
    }


def test_a_file_without_a_graph(cli, tmp_path):
    path = tmp_path / "x.pb"
    path.write_bytes(helper.make_tensor("x", T.FLOAT, [1], [1.0]).SerializeToString())
    result = cli("graph", path)
    assert result.code == 0 and "no graph" in result.out
    assert json.loads(cli("graph", path, "--json").out)["graph"] is None


def test_validate(cli, tmp_path):
    good = small(tmp_path)
    result = cli("validate", good)
    assert (result.code, result.out) == (0, f"{good}: ok\n")
    bad = of_tensors(tmp_path / "bad.onnx", T(name="w", data_type=T.FLOAT, dims=[3], raw_data=b"1"))
    result = cli("validate", good, bad)
    assert result.code == 1 and f"{bad}: 1 error" in result.lines
    assert "1 bytes stored, but 3 elements of float32 take 12 at byte" in result.out
    assert "graph.initializer[0].raw_data" in result.out


def test_validate_names_files_beside_the_model(cli, tmp_path):
    path = of_tensors(tmp_path / "m.onnx", external("w", "none.bin", [2]))
    result = cli("validate", path)
    assert result.code == 1
    assert f"graph.initializer[0]: {tmp_path / 'none.bin'}: No such file" in result.out


def test_validate_tells_damage_from_what_is_no_model(cli, tmp_path):
    cut = truncated(tmp_path / "cut.onnx")
    result = cli("validate", cut)
    assert result.code == 1 and "decode" in result.out and "at byte" in result.out
    text = tmp_path / "text.txt"
    text.write_text("hello")
    assert cli("validate", text).code == 2
    assert cli("validate", tmp_path / "none").code == 2
    assert json.loads(cli("validate", cut, "--json").out)["ok"] is False


def test_checksums_are_read_on_request_only(cli, tmp_path):
    tensor = external("w", "w.bin", [2])
    tensor.external_data.add(key="checksum", value="0" * 40)
    path = of_tensors(tmp_path / "m.onnx", tensor)
    (tmp_path / "w.bin").write_bytes(bytes(8))
    assert cli("validate", path).code == 0
    result = cli("validate", path, "--checksums")
    assert result.code == 1 and "SHA-1" in result.out
