"""The demo: a model that upstream takes for one, honest figures, and nothing left behind."""

from __future__ import annotations

import errno
import json
import mmap
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import cli_schema as schema
import numpy as np
import onnx
import pytest
from cli_process import environment
from onnx import numpy_helper

import tensorwire as tw
from tensorwire.cli.demo import memory as memories
from tensorwire.cli.demo import trial as trials
from tensorwire.cli.demo.encoder import block, number
from tensorwire.cli.demo.page import show_page
from tensorwire.cli.demo.perceptron import Perceptron
from tensorwire.cli.screen import Screen


def written(tmp_path, nbytes: int):
    model = Perceptron(nbytes)
    path = tmp_path / "model.onnx"
    with path.open("wb") as file:
        file.writelines(model.pieces())
    return model, path


@pytest.mark.parametrize("nbytes", [1, 4096, 100_000, 5_000_000])
def test_upstream_takes_it_for_a_model(tmp_path, nbytes):
    model, path = written(tmp_path, nbytes)
    onnx.checker.check_model(path, full_check=True)
    assert path.stat().st_size == model.nbytes
    loaded = onnx.load(path).graph.initializer
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in loaded}
    assert len(arrays) == model.tensors
    assert model.last_elements == sum(float(a.reshape(-1)[-1]) for a in arrays.values())
    with tw.open(path) as ours:
        assert list(ours) == list(arrays)
        assert all(np.array_equal(ours[name], arrays[name]) for name in arrays)
    assert tw.validate(path).findings == ()


@pytest.mark.parametrize("nbytes", [1_000_000, 5_000_000, 256_000_000, 10**10, 10**12])
def test_it_is_about_as_big_as_it_should_be(nbytes):
    assert Perceptron(nbytes).nbytes == pytest.approx(nbytes, rel=0.1)


def test_it_is_written_in_little_memory():
    model = Perceptron(50_000_000)
    sizes = [len(piece) for piece in model.pieces()]
    assert max(sizes) <= 1 << 20 and sum(sizes) == model.nbytes


def test_items_are_those_of_protobuf():
    assert number(1, 300) == b"\x08\xac\x02"
    assert block(2, "é") == b"\x12\x02\xc3\xa9"
    assert block(100, b"") == b"\xa2\x06\x00"


def test_figures(cli, tmp_path):
    result = cli("demo", "--size", "100kB", "--folder", tmp_path, "--json")
    document = json.loads(result.out)
    assert result.code == 0 and result.err == ""
    assert schema.misfits(document, schema.DEMO) == []
    assert [run["library"] for run in document["runs"]] == ["tensorwire", "onnx"]
    assert all(run["right"] and run["error"] is None for run in document["runs"])
    assert document["file"].startswith(str(tmp_path)) and os.listdir(tmp_path) == []


def test_the_page(cli, tmp_path):
    result = cli("demo", "--size", "100kB", "--folder", tmp_path)
    assert result.code == 0 and result.lines[0].startswith("wrote an ONNX model of 1")
    titles = [line.split("  ")[1] for line in result.lines if line.startswith("  ")]
    assert {"open", "all tensors as arrays", "memory added"} <= set(titles)
    assert result.lines[-1] == "The model was removed again."


def test_without_onnx(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(trials, "find_spec", lambda name: None)
    result = cli("demo", "--size", "100kB", "--folder", tmp_path)
    assert result.code == 0 and "Install onnx" in result.out and "RATIO" not in result.out


def test_wrong_numbers_are_found(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(Perceptron, "last_elements", 1e9)
    result = cli("demo", "--size", "100kB", "--folder", tmp_path)
    assert result.code == 1 and "tensorwire gave other numbers" in result.out


def test_a_library_that_fails_is_told(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(trials, "CODE", "raise OSError('broken')  # {path}")
    result = cli("demo", "--size", "100kB", "--folder", tmp_path)
    assert result.code == 1 and "tensorwire failed: OSError: broken" in result.out
    assert os.listdir(tmp_path) == []


def test_a_model_that_upstream_cannot_parse_is_explained(capsys):
    figures = dict.fromkeys(("import_seconds", "open_seconds", "arrays_seconds"), 0.1)
    figures |= dict.fromkeys(("private_nbytes", "mapped_nbytes", "peak_nbytes"))
    ours = {"library": "tensorwire", "version": "1", "error": None, "right": True, **figures}
    theirs = {**ours, "library": "onnx", "error": "DecodeError: corrupt", "right": False}
    document = {"nbytes": 3 * 10**9, "tensors": 2, "write_seconds": 1.0, "runs": [ours, theirs]}
    show_page(document, Screen())
    out = capsys.readouterr().out
    assert "onnx failed: DecodeError: corrupt" in out and "more than 2 GiB" in out
    show_page({**document, "nbytes": 10**6}, Screen())
    assert "2 GiB" not in capsys.readouterr().out


def test_no_room(cli, monkeypatch, tmp_path):
    usage = shutil.disk_usage(tmp_path)._replace(free=10**6)
    monkeypatch.setattr(trials.shutil, "disk_usage", lambda folder: usage)
    result = cli("demo", "--size", "100kB", "--folder", tmp_path)
    assert result.code == 2 and result.err.count("\n") == 1
    assert f"{tmp_path}: the model takes" in result.err and "1.0 MB are free" in result.err
    assert os.listdir(tmp_path) == []


def test_a_disk_that_fills_up_meanwhile(cli, monkeypatch, tmp_path):
    def fail(model, path):
        with open(path, "xb") as file:
            file.write(b"part")
            raise OSError(errno.ENOSPC, "No space left on device", path)

    monkeypatch.setattr(trials, "_write", fail)
    result = cli("demo", "--size", "100kB", "--folder", tmp_path)
    assert result.code == 2 and "No space left" in result.err
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there(cli, tmp_path):
    result = cli("demo", "--folder", tmp_path / "none")
    assert result.code == 2 and str(tmp_path / "none") in result.err


def test_the_current_folder_is_not_searched_for_modules(process, tmp_path):
    """`process` runs in ``tmp_path``; a module planted there must not run."""
    (tmp_path / "onnx.py").write_text("raise SystemExit('planted')")
    folder = tempfile.mkdtemp(dir=tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", STARTS, "demo", "--size", "100kB", "--folder", folder, "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment(),
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert all(run["right"] for run in json.loads(done.stdout)["runs"])


# As the console script does it: the current folder is not on the path.
STARTS = "import sys; sys.path.remove(''); from tensorwire.cli import main; sys.exit(main())"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_leaves_nothing_behind(tmp_path, number, code):
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        wait_for(lambda: [*tmp_path.glob("*/model.onnx")])
        process.send_signal(number)
        complaint = process.stderr.read()
        assert process.wait(60) == code and b"Traceback" not in complaint
    assert os.listdir(tmp_path) == []


# Stops in the middle of the second file.
SLOW = """\
import signal, sys, time
from tensorwire.cli import main
from tensorwire.cli.demo import trial
signal.signal(signal.SIGINT, signal.default_int_handler)
trial.Progress.advance = lambda self, nbytes: time.sleep(60 if self._total > 10**6 else 0)
sys.exit(main(["demo", "--size", "2MB", "--folder", sys.argv[1]]))
"""


def wait_for(condition) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="proc(5) is Linux's")
def test_memory_tells_private_from_mapped(tmp_path):
    (tmp_path / "file").write_bytes(bytes(8 << 20))
    before = memories.memory()
    with mmap.mmap(-1, 8 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as fresh:
        fresh.write(b"1" * (8 << 20))
        private = memories.memory().since(before)
    assert private["private_nbytes"] >= 8 << 20 > private["mapped_nbytes"]
    assert private["peak_nbytes"] >= 8 << 20
    before = memories.memory()
    array = np.memmap(tmp_path / "file", mode="r")
    assert array.sum() == 0
    mapped = memories.memory().since(before)
    assert mapped["mapped_nbytes"] >= 8 << 20 > mapped["private_nbytes"]


def test_memory_where_the_system_does_not_tell(monkeypatch):
    def missing(name, wanted):
        raise FileNotFoundError(name)

    monkeypatch.setattr(memories, "_fields", missing)
    added = memories.memory().since(memories.memory())
    assert added["private_nbytes"] is added["mapped_nbytes"] is None
    assert added["peak_nbytes"] in (0, None)
