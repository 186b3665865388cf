"""Every verb's ``--json`` is one document that has exactly what its schema says."""

from __future__ import annotations

import json

import cli_schema as schema
import numpy as np
import pytest
from cli_models import external, of_arrays, of_tensors, save, small, truncated, value
from onnx import TensorProto as T
from onnx import helper

LISTED = {**schema.LISTED, "tensors": [schema.ROW]}
FOLDED = {**schema.LISTED, "patterns": [schema.PATTERN]}
MEASURED = {**schema.LISTED, "tensors": [{**schema.ROW, **schema.MEASURED}]}
FOLDED_MEASURED = {**schema.LISTED, "patterns": [{**schema.PATTERN, **schema.MEASURED}]}

VERBS = {
    "identify": schema.IDENTIFY,
    "inspect": schema.INSPECT,
    "graph": schema.GRAPH,
    "validate": schema.VALIDATE,
    "tensors": LISTED,
    "tensors --fold": FOLDED,
    "tensors --stats": MEASURED,
    "tensors --fold --stats": FOLDED_MEASURED,
}


@pytest.fixture(
    params=["small", "tensor", "no external data", "impossible", "types", "nothing in it"]
)
def path(request, tmp_path):
    name = tmp_path / "model.onnx"
    if request.param == "small":
        return small(tmp_path)
    if request.param == "tensor":
        name.write_bytes(helper.make_tensor("t", T.INT4, [3], [1, -2, 3]).SerializeToString())
    elif request.param == "no external data":
        of_tensors(name, external("w", "none.bin", [2, 2]), external("v", "../up.bin", [1]))
    elif request.param == "impossible":
        impossible = [
            T(name="negative", data_type=T.FLOAT, dims=[-1]),
            T(name="huge", data_type=T.FLOAT, dims=[2**62, 2**62]),
            T(name="short", data_type=T.FLOAT, dims=[4], raw_data=b"123"),
            T(name="to come", data_type=60, dims=[4], raw_data=b"1234"),
        ]
        of_tensors(name, *impossible)
    elif request.param == "types":
        kinds = ["bool", "float16", "complex64", "uint64", "int8"]
        arrays = {kind: np.array([0, 1, 1], dtype=kind) for kind in kinds}
        of_arrays(name, arrays | {"text": np.array(["a", ""], dtype=object)})
    else:
        save(name, helper.make_graph([], "", [value("x", ["N", None, 3])], []))
    return name


@pytest.mark.parametrize("verb", VERBS)
def test_documents_have_their_schema(cli, path, verb):
    result = cli(*verb.split(), path, "--json")
    document = json.loads(result.out)
    assert schema.misfits(document, VERBS[verb]) == []
    assert document["schema"] == f"tensorwire.{verb.split()[0]}/1"
    assert document["file"] == str(path)
    assert result.out.isascii()


@pytest.mark.parametrize("verb", ["inspect", "graph", "tensors"])
def test_failures_have_theirs(cli, tmp_path, verb):
    for path in (truncated(tmp_path / "cut.onnx"), tmp_path / "none", tmp_path):
        result = cli(verb, path, "--json")
        assert result.code == 2
        assert schema.misfits(json.loads(result.out), schema.FAILED) == []


def test_a_tensor_beyond_a_limit_hides_no_other(cli, tmp_path):
    deep = T(name="deep", data_type=T.FLOAT, dims=[1] * 65)
    path = of_tensors(tmp_path / "deep.onnx", deep, T(name="w", data_type=T.FLOAT, dims=[0]))
    document = json.loads(cli("tensors", path, "--json").out)
    assert schema.misfits(document, LISTED) == []
    assert [row["name"] for row in document["tensors"]] == ["deep", "w"]
    assert document["tensors"][0]["error"] == "65 dimensions; the limit rank allows 64"
    document = json.loads(cli("inspect", path, "--json").out)
    assert (document["tensors"]["count"], document["tensors"]["faulty"]) == (2, 1)
    assert cli("tensors", path, "--stats").code == 1


def test_several_files_are_a_list(cli, tmp_path):
    path = small(tmp_path)
    documents = json.loads(cli("identify", path, path, "--json").out)
    assert schema.misfits(documents, [schema.IDENTIFY]) == [] and len(documents) == 2


def test_the_checker_finds_what_is_wrong():
    good = {"schema": "s", "file": "f", "format": None, "candidates": ["a"], "looks_like": None}
    assert schema.misfits(good, schema.IDENTIFY) == []
    for change in ({"format": 3}, {"candidates": [None]}, {"more": 1}, {"file": True}):
        assert schema.misfits({**good, **change}, schema.IDENTIFY) != []
    assert schema.misfits(True, schema.WHOLE) != []
    assert schema.misfits({"a": 1}, schema.Table(schema.TEXT)) != []
