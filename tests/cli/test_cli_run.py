"""Exit codes, errors in one line, several files, and ends that are not the end of the work."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from cli_models import of_arrays, small, truncated
from cli_process import command, environment

import tensorwire

posix = pytest.mark.skipif(os.name != "posix", reason="signals and /dev/full of POSIX")


def test_a_missing_file_is_one_line_with_names_that_are_near(cli, tmp_path):
    near = small(tmp_path, "resnet50.onnx")
    asked = tmp_path / "resnet5.onnx"
    result = cli("inspect", asked)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"tensorwire: {asked}: No such file or directory; near: {near}\n"


def test_a_missing_folder_names_nothing_near(cli, tmp_path):
    result = cli("inspect", tmp_path / "no" / "model.onnx")
    assert result.code == 2 and "near" not in result.err


def test_wrong_bytes_are_one_line_with_path_reason_and_offset(cli, tmp_path):
    path = truncated(tmp_path / "cut.onnx")
    with pytest.raises(tensorwire.DecodeError) as error:
        tensorwire.open(path)
    for verb in ("inspect", "graph", "tensors"):
        result = cli(verb, path)
        assert result.code == 2 and result.out == ""
        assert result.err == f"tensorwire: {error.value}\n"
        assert str(path) in result.err and f"at byte {error.value.offset} (0x" in result.err
        assert error.value.path and error.value.path in result.err


def test_what_is_no_model_is_said(cli, tmp_path):
    path = tmp_path / "page.onnx"
    path.write_text("<!DOCTYPE html><html>404</html>")
    result = cli("inspect", path)
    assert result.code == 2 and "an HTML page" in result.err


def test_a_folder_is_no_file(cli, tmp_path):
    result = cli("tensors", tmp_path)
    assert result.code == 2 and result.err.count("\n") == 1 and str(tmp_path) in result.err


def test_an_unreadable_file_does_not_hide_the_others(cli, tmp_path):
    first, last = small(tmp_path, "a.onnx"), small(tmp_path, "b.onnx")
    result = cli("inspect", first, tmp_path / "none", last)
    assert result.code == 2
    assert result.lines[0] == str(first) and f"\n\n{last}\n" in result.out
    result = cli("inspect", first, tmp_path / "none", last, "--json")
    documents = json.loads(result.out)
    assert [document["file"] for document in documents] == [
        str(first),
        str(tmp_path / "none"),
        str(last),
    ]
    assert ["error" in document for document in documents] == [False, True, False]


def test_errors_in_json(cli, tmp_path):
    path = truncated(tmp_path / "cut.onnx")
    result = cli("tensors", path, "--json")
    document = json.loads(result.out)
    assert result.code == 2 and document["schema"] == "tensorwire.tensors/1"
    error = document["error"]
    assert error.keys() == {"kind", "severity", "reason", "path", "offset", "file"}
    assert error["kind"] == "decode" and error["file"] == str(path) and error["offset"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["inpect", "x"], "no verb 'inpect'; did you mean inspect?"),
        (["tensors", "--sort", "color", "x"], "argument --sort: invalid choice: 'color'"),
        (["tensors", "--sel", "x"], "tensorwire tensors: "),
        (["inspect"], "the following arguments are required: FILE"),
        (["demo", "--size", "many"], "'many' is no size"),
    ],
)
def test_mistakes_are_one_line(cli, arguments, said):
    result = cli(*arguments)
    assert result.code == 2 and result.out == ""
    assert result.err.count("\n") == 1 and said in result.err and "--help" in result.err


def test_help_and_version(cli):
    everything = cli("--help")
    assert everything.code == 0 and cli().out == everything.out
    for verb in ("identify", "inspect", "graph", "tensors", "validate", "save", "demo"):
        assert f"\n  {verb} " in everything.out
        told = cli(verb, "--help")
        assert told.code == 0 and "JSON: {schema" in told.out and "exit codes" in told.out
    assert cli("--version").out == f"tensorwire {tensorwire.__version__}\n"


def test_standard_input(tmp_path):
    path = small(tmp_path)
    with path.open("rb") as file:
        done = subprocess.run(
            command("tensors", "-"),
            stdin=file,
            capture_output=True,
            env=environment(),
            check=True,
            timeout=60,
        )
    assert b"weight" in done.stdout


@posix
def test_a_reader_that_goes_away_is_no_error(tmp_path):
    # More names than a pipe holds.
    arrays = {f"a.name.that.is.long.{i}": np.zeros(1, "float32") for i in range(4000)}
    path = of_arrays(tmp_path / "many.onnx", arrays)
    with subprocess.Popen(
        command("tensors", path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read()
        assert process.wait(60) == 141 and complaint == b""


@posix
def test_interrupted_without_a_traceback():
    reading, writing = os.pipe()  # nothing comes, and no end
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        stdin=reading,
        capture_output=True,
        env=environment(),
        check=False,
        timeout=60,
    )
    os.close(reading)
    os.close(writing)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, b"", b"")


# Interrupts itself while it waits for standard input.
INTERRUPTED = """\
import os, signal, sys, threading
import tensorwire.api, tensorwire.cli.run, tensorwire.cli.inspect
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()
sys.exit(tensorwire.cli.main(["inspect", "-"]))
"""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("verb", ["inspect", "graph", "tensors"])
def test_a_full_disk_is_one_line(tmp_path, verb):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command(verb, small(tmp_path), "--json"),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("tensorwire: cannot write the output: ")
    assert done.stderr.count("\n") == 1


@posix
def test_closed_output_is_no_error(tmp_path):
    path = small(tmp_path)
    line = f'"{sys.executable}" -m tensorwire inspect "{path}" >&-'
    done = subprocess.run(
        ["sh", "-c", line], stderr=subprocess.PIPE, env=environment(), check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_encoding_without_the_letters_escapes_them(process, tmp_path):
    path = of_arrays(tmp_path / "m.onnx", {"größe": np.zeros(1, "float32")})
    result = process("tensors", path, PYTHONIOENCODING="ascii")
    assert result.code == 0 and "gr\\xf6\\xdfe" in result.out
