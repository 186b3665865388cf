"""Names that nobody has looked at: nothing a file says reaches the terminal unescaped."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cli_models import external, value
from onnx import TensorProto as T
from onnx import helper, numpy_helper

# What a terminal would act on, or what would forge a line of ours.
HOSTILE = {
    "an escape sequence": "\x1b[2J\x1b]0;owned\x07",
    "a C1 control": "\x9b31m",
    "line breaks": "a\nb\r\nc\u2028d",
    "a bidirectional override": "\u202egnp.exe",
    "a delete": "ab\x7f\x08",
    "rich markup": "[red]x[/red] [/] [link=file:x]y[/link]",
    "a zero": "a\0b",
    "a tab": "a\tb",
    "a surrogate pair and wide letters": "\U0001f600\u6f22",
}
VERBS = ["inspect", "graph", "tensors", "tensors --fold --stats", "validate", "identify"]


def hostile(path, name: str):
    """``name`` everywhere that a name can stand."""
    node = helper.make_node("Op" + name, [name], [f"{name}o"], name=name, domain=name)
    node.attribute.extend([helper.make_attribute(f"{name}k", name)])
    graph = helper.make_graph(
        [node],
        name,
        [value(name, [name + "d", 1])],
        [value(f"{name}o", [1])],
        [
            numpy_helper.from_array(np.ones(2, "float32"), f"{name}w"),
            external(f"{name}e", name.replace("\0", "0") or "x", [1]),
            T(name=f"{name}bad", data_type=T.FLOAT, dims=[3], raw_data=b"1"),
        ],
    )
    model = helper.make_model(graph, producer_name=name, producer_version=name, doc_string=name)
    model.opset_import.append(helper.make_opsetid(name, 1))
    helper.set_model_props(model, {f"{name}p": name})
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("verb", VERBS)
def test_plain_text_is_printable(cli, tmp_path, verb, name):
    path = hostile(tmp_path / "m.onnx", name)
    result = cli(*verb.split(), path)
    assert result.out
    for line in (result.out + result.err).split("\n"):
        assert line.isprintable(), repr(line)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("verb", VERBS)
def test_rich_text_has_no_escapes_of_the_file(cli, monkeypatch, tmp_path, verb, name):
    """Without colours rich writes no escapes of its own, so that every one would be the file's."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    result = cli(*verb.split(), hostile(tmp_path / "m.onnx", name))
    assert result.out
    for line in result.out.split("\n"):
        assert line.isprintable(), repr(line)
    if "red" in name and verb == "inspect":
        assert name in result.out, "markup is shown as it is"


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("verb", ["inspect", "graph", "tensors --stats", "validate"])
def test_json_gives_names_back(cli, tmp_path, verb, name):
    path = hostile(tmp_path / "m.onnx", name)
    result = cli(*verb.split(), path, "--json")
    assert result.out.isascii() and result.out.replace("\n", "").isprintable()
    document = json.loads(result.out)
    if verb == "graph":
        assert document["graph"]["name"] == name
        assert document["graph"]["nodes"][0]["attributes"] == {f"{name}k": name}
    elif verb == "inspect":
        assert document["metadata"] == {f"{name}p": name}
    elif verb != "validate":
        assert document["tensors"][0]["name"] == f"{name}w"


def test_names_that_are_no_utf8(cli, tmp_path):
    """proto2 strings may hold any bytes; they are shown escaped and kept as surrogates."""
    model = helper.make_model(
        helper.make_graph([], "g", [], [], [numpy_helper.from_array(np.ones(1, "int8"), "QQQQ")])
    )
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString().replace(b"QQQQ", b"a\xff\xfeb"))
    result = cli("tensors", path)
    assert result.code == 0 and "a\\udcff\\udcfeb" in result.out
    document = json.loads(cli("tensors", path, "--json").out)
    assert document["tensors"][0]["name"].encode("utf-8", "surrogateescape") == b"a\xff\xfeb"


def test_the_name_of_the_file_itself(cli, tmp_path):
    name = "a\x1b[31m\nb.onnx"
    result = cli("inspect", tmp_path / name)
    assert result.code == 2 and result.err.count("\n") == 1 and "\x1b" not in result.err
    hostile(tmp_path / name, "x")
    for verb in ("identify", "inspect", "validate"):
        assert "\x1b" not in cli(verb, tmp_path / name).out
    near = cli("inspect", tmp_path / "a[31mb.onnx")
    assert "near" in near.err and "\x1b" not in near.err
