"""`validate`: what it finds, and that it never raises about a bad model."""

import time

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
from onnx_models import external, helper, identity, model, numpy_helper, onnx, values  # noqa: E402

import tensorwire as tw  # noqa: E402

W = ("w", values())


@pytest.fixture
def findings(tmp_path):
    """What is found in a ModelProto, or in bytes: (kind, path) of each finding."""

    def run(proto):
        path = tmp_path / "m.onnx"
        path.write_bytes(proto if isinstance(proto, bytes) else proto.SerializeToString())
        report = tw.validate(path)
        assert report.ok == bool(report) == (not any(f.severity == "error" for f in report))
        assert report.file == str(path)
        return [(finding.kind, finding.path) for finding in report]

    return run


def changed(change, *args, **kwargs):
    proto = model(*args or ([W],), **kwargs)
    change(proto)
    return proto


def test_a_good_model(findings):
    assert findings(model([W])) == []


def test_versions(findings):
    assert findings(changed(lambda m: m.ClearField("ir_version"))) == [("version", "ir_version")]
    assert findings(changed(lambda m: m.ClearField("opset_import"))) == [("version", "")]
    assert findings(changed(lambda m: m.opset_import.add(domain="custom", version=2))) == [
        ("duplicate", "opset_import[2]")
    ]


def test_an_opset_that_is_imported_twice(tmp_path):
    """In one version, as skl2onnx writes it, it is odd; in two it is wrong."""
    path = tmp_path / "m.onnx"
    for version, ok in ((21, True), (13, False)):
        proto = changed(lambda m, v=version: m.opset_import.add(domain="", version=v))
        path.write_bytes(proto.SerializeToString())
        report = tw.validate(path)
        assert report.ok == ok
        (finding,) = report
        assert (finding.kind, finding.path) == ("duplicate", "opset_import[2]")
        assert finding.reason == f"opset '' in version {version}, before in 21"


def test_no_graph(findings):
    assert findings(changed(lambda m: m.ClearField("graph"))) == [("structure", "graph")]


def test_dims_against_data(findings):
    def longer(proto):
        proto.graph.initializer[0].dims[0] = 3

    assert findings(changed(longer)) == [("decode", "graph.initializer[0].raw_data")]

    def negative(proto):
        proto.graph.initializer[0].dims[:] = [-2, -3]

    assert findings(changed(negative)) == [("model", "graph.initializer[0]")]


def test_typed_data_is_counted(findings):
    tensor = onnx.TensorProto(name="w", dims=[3], data_type=7, int64_data=[1, 2])
    assert findings(model([tensor])) == [("decode", "graph.initializer[0].int64_data")]
    strings = onnx.TensorProto(name="w", dims=[3], data_type=8, string_data=[b"a"])
    assert findings(model([strings])) == [("model", "graph.initializer[0].string_data")]


def test_element_types(findings):
    tensor = onnx.TensorProto(name="w", dims=[1], data_type=0, raw_data=b"1234")
    assert findings(model([tensor])) == [("unsupported", "graph.initializer[0]")]


def test_several_payloads(findings):
    tensor = onnx.TensorProto(name="w", dims=[1], data_type=1, raw_data=b"1234", float_data=[1])
    assert findings(model([tensor])) == [("payload", "graph.initializer[0]")]


def test_segments(findings):
    tensor = onnx.TensorProto(name="w", dims=[1], data_type=1, raw_data=b"1234")
    tensor.segment.begin = 0
    assert findings(model([tensor])) == [("unsupported", "graph.initializer[0]")]


def test_external_files(findings, tmp_path):
    (tmp_path / "w.bin").write_bytes(bytes(24))
    tensors = [
        external("w", "w.bin"),
        external("gone", "gone.bin"),
        external("out", "../w.bin"),
        external("beyond", "w.bin", offset=8, length=24),
        external("key", "w.bin", colour="red"),
    ]
    assert findings(model(tensors)) == [
        ("file", "graph.initializer[1]"),
        ("containment", "graph.initializer[2]"),
        ("decode", "graph.initializer[3]"),
        ("external-key", "graph.initializer[4].external_data"),
    ]


def test_unknown_keys_are_only_odd(findings, tmp_path):
    (tmp_path / "w.bin").write_bytes(bytes(24))
    findings(model([external("w", "w.bin", colour="red")]))
    assert tw.validate(tmp_path / "m.onnx").ok


def test_duplicate_names(findings):
    assert findings(model([W, W])) == [("duplicate", "graph.initializer[1]")]
    twice = [identity("w", "a"), identity("w", "a"), identity("a")]
    assert findings(model([W], twice)) == [("duplicate", "graph.node[1]")]


def test_edges(findings):
    assert findings(model([W], [identity("nothing")])) == [("missing", "graph.node[0]")]
    assert findings(model([W], [identity("b", "a"), identity("w", "b"), identity("a")])) == [
        ("missing", "graph.node[0]")
    ]
    lost = changed(lambda m: m.graph.output.add(name="lost"))
    assert findings(lost) == [("missing", "graph")]
    assert findings(changed(lambda m: m.graph.node[0].ClearField("op_type"))) == [
        ("structure", "graph.node[0]")
    ]


def test_nested_graphs_see_the_names_around_them(findings):
    output = helper.make_tensor_value_info("o", onnx.TensorProto.FLOAT, None)
    for source, expected in (
        ("w", []),
        ("later", [("missing", "graph.node[0].attribute[0].g.node[0]")]),
    ):
        inner = helper.make_graph([identity(source, "o")], "inner", [], [output])
        nodes = [helper.make_node("If", ["w"], ["y"], then_branch=inner), identity("y", "later")]
        assert findings(model([W], nodes)) == expected
    nodes = [helper.make_node("Scan", ["w"], ["y"], bodies=[inner])]
    assert findings(model([W], nodes)) == [
        ("missing", "graph.node[0].attribute[0].graphs[0].node[0]")
    ]


def test_functions(findings):
    opsets = [helper.make_opsetid("", 21)]
    function = helper.make_function("custom", "F", ["x"], ["y"], [identity("z")], opsets)
    assert findings(model([W], functions=[function])) == [("missing", "functions[0].node[0]")]


def test_sparse(findings):
    held, indices = numpy_helper.from_array(values((2,)), "s"), np.array([[0, 1, 2]], np.int64)
    sparse = helper.make_sparse_tensor(held, numpy_helper.from_array(indices, "i"), [4])
    assert findings(model([W], sparse=[sparse])) == [
        ("sparse", "graph.sparse_initializer[0].indices")
    ]
    sparse.values.dims[:] = [1, 2]
    assert findings(model([W], sparse=[sparse])) == [
        ("sparse", "graph.sparse_initializer[0].values")
    ]


def test_wire_faults(findings):
    data = model([W]).SerializeToString()
    [(kind, path)] = findings(data[:-3])
    assert kind == "decode" and path
    assert findings(b"<!DOCTYPE html><html>") == [("unsupported", "")]
    assert findings(b"") == [("decode", "")]


def test_a_tensor_file(findings):
    tensor = onnx.TensorProto(name="w", dims=[3], data_type=1, raw_data=b"1234")
    assert findings(tensor) == [("decode", "raw_data")]


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        tw.validate(tmp_path / "gone.onnx")


def test_text_forms(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(model([W, W]).SerializeToString())
    report = tw.validate(path)
    assert str(report) == (
        f"{path}: 1 errors\n  error: graph.initializer[1]: the name 'w' is used before"
    )
    assert repr(report) == f"<Report on {str(path)!r}: not ok, 1 findings>"
    assert repr(report.findings[0]).startswith("<Finding error: graph")


def test_many_nested_graphs_below_many_names(findings):
    """The names around were copied for each: 20 s for 20,000 of both."""
    inputs = [onnx.ValueInfoProto(name=str(i)) for i in range(5000)]
    body = helper.make_graph([identity("4999", "o")], "b", [], [onnx.ValueInfoProto(name="o")])
    nodes = [helper.make_node("If", [], [f"y{i}"], t=body) for i in range(5000)]
    started = time.process_time()
    assert findings(model([W], nodes, inputs=inputs)) == []
    assert time.process_time() - started < 2


def test_findings_end_somewhere(findings):
    found = findings(model([W], [helper.make_node("Op", ["x"] * 20_000, ["y"])]))
    assert len(found) == 10_001 and found[-1] == ("limit", "")
