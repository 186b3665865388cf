"""``save``: where weights go, what is said, and what happens to mistakes."""

from __future__ import annotations

import io
import json
import sys

import cli_schema as schema
import numpy as np
import pytest
from cli_models import external, of_arrays, of_tensors

import tensorwire as tw

WEIGHTS = {"large": np.arange(3000, dtype=np.float32), "small": np.arange(3, dtype=np.int64)}


@pytest.fixture
def path(tmp_path):
    return of_arrays(tmp_path / "model.onnx", WEIGHTS)


def held(path):
    found = tw.load_file(path)
    return found.keys() == WEIGHTS.keys() and all(
        np.array_equal(found[name], WEIGHTS[name]) for name in found
    )


def test_out_of_one_file_and_back(cli, path, tmp_path):
    out, back = tmp_path / "out.onnx", tmp_path / "back.onnx"
    result = cli("save", path, out, "--external", "w.data")
    assert result.code == 0 and held(out)
    assert [line.split()[0] for line in result.lines[1:]] == [str(out), str(tmp_path / "w.data")]
    assert result.lines[2].split()[1:] == ["12.0", "kB"]
    assert tw.open(out).tensors["large"].file == str(tmp_path / "w.data")
    assert cli("save", out, back, "--inline").code == 0 and held(back)
    assert [file.name for file in tw.open(back).files] == ["back.onnx"]


def test_options(cli, path, tmp_path):
    out = tmp_path / "out.onnx"
    assert cli("save", path, out, "--external=w", "--threshold=0", "--align=1kB").code == 0
    assert [tensor.offset for tensor in tw.open(out).tensors.values()] == [0, 12000]
    assert cli("save", path, out, "--external=w", "--threshold=13kB").code == 0
    assert tw.open(out).tensors["large"].file in (str(out), None)


def test_as_it_is(cli, path, tmp_path):
    out = tmp_path / "out.onnx"
    assert cli("save", path, out).code == 0 and out.read_bytes() == path.read_bytes()
    assert cli("save", path, path, "--inline").code == 0 and held(path)


def test_json(cli, path, tmp_path):
    out = tmp_path / "out.onnx"
    document = json.loads(cli("save", path, out, "--external", "w.data", "--json").out)
    assert schema.misfits(document, schema.SAVE) == []
    assert document["target"] == str(out) and document["file"] == str(path)
    assert [each["nbytes"] for each in document["files"]] == [out.stat().st_size, 12000]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--external", "a/b"], "beside the model"),
        (["--external", "inline"], "--inline"),
        (["--external", "w", "--inline"], "not allowed with"),
        (["--align", "few"], "no size"),
        (["--threshold", "-1"], "no size"),
        (["--external", "out.onnx"], "cannot be both"),
        (["--external", "w", "--align", "0"], "align must be"),
    ],
)
def test_mistakes(cli, path, tmp_path, options, said):
    result = cli("save", path, tmp_path / "out.onnx", *options)
    assert result.code == 2 and said in result.err and result.err.count("\n") == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model.onnx"]


def test_what_cannot_be_saved(cli, tmp_path):
    path = of_tensors(tmp_path / "m.onnx", external("w", "none.bin", [2, 2]))
    result = cli("save", path, tmp_path / "out.onnx", "--inline")
    assert result.code == 2 and "none.bin" in result.err
    result = cli("save", path, tmp_path / "gone" / "out.onnx", "--external=w")
    assert result.code == 2 and ".tmp" not in result.err
    assert cli("save", tmp_path / "none", tmp_path / "out.onnx").code == 2
    assert [each.name for each in tmp_path.iterdir()] == ["m.onnx"]
    assert cli("save", path, tmp_path / "out.onnx").code == 0, "it is missing before and after"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_how_far_it_is(path, tmp_path, monkeypatch):
    from tensorwire.cli import main, progress

    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert main(["save", str(path), str(tmp_path / "out.onnx")]) == 0
    assert "saving [" in sys.stderr.getvalue() and "100%" in sys.stderr.getvalue()
