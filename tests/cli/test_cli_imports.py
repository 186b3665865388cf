"""What is not needed is not imported: a whole ``inspect`` may take 80 ms."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cli_models import external, of_tensors, small, truncated
from cli_process import environment

# What costs milliseconds, and that only some commands need.
HEAVY = "numpy ml_dtypes rich json inspect typing dataclasses shutil".split()
HEAVY += "subprocess tempfile difflib random hashlib pathlib unicodedata asyncio logging".split()

LISTS = """\
import os, sys
before = set(sys.modules)
from tensorwire.cli import main
sys.stdout = open(os.devnull, "w")
code = main(sys.argv[1:])
found = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(found), file=sys.__stdout__)
sys.__stdout__.flush()
"""


def imported(*arguments: object) -> set[str]:
    """The top-level modules that one command brings in."""
    done = subprocess.run(
        [sys.executable, "-c", LISTS, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())


@pytest.fixture
def path(tmp_path):
    return small(tmp_path)


@pytest.mark.parametrize("verb", ["identify", "inspect", "graph", "tensors", "validate"])
def test_plain_output_needs_nothing_heavy(path, verb):
    found = imported(verb, path)
    assert "tensorwire" in found and "argparse" in found
    assert found.isdisjoint(HEAVY), found & set(HEAVY)


@pytest.mark.parametrize("option", ["--sort=size", "--select=w*", "--exclude=w*", "--fold"])
def test_choosing_tensors_needs_nothing_heavy(path, option):
    found = imported("tensors", path, option)
    assert found.isdisjoint(HEAVY), found & set(HEAVY)


def test_models_with_files_beside_them_need_nothing_heavy(tmp_path):
    path = of_tensors(tmp_path / "m.onnx", external("w", "none.bin", [1]))
    for verb in ("inspect", "tensors", "validate"):
        assert imported(verb, path).isdisjoint(HEAVY)


@pytest.mark.parametrize("option", ["--inline", "--external=w.data", "--align=64"])
def test_saving_needs_nothing_heavy(path, option, tmp_path):
    found = imported("save", path, tmp_path / "new.onnx", option)
    assert found.isdisjoint(HEAVY), found & set(HEAVY)
    assert (tmp_path / "new.onnx").exists()


def test_errors_need_nothing_heavy(tmp_path):
    assert imported("inspect", truncated(tmp_path / "cut.onnx")).isdisjoint(HEAVY)


def test_what_is_asked_for_is_imported(path):
    """The lists above would find it."""
    assert "json" in imported("inspect", path, "--json")
    assert "numpy" in imported("tensors", path, "--stats")
    assert "difflib" in imported("inspect", f"{path}x")
    assert "rich" in imported("inspect", path, "--color", "always")


def test_the_package_alone_imports_next_to_nothing():
    script = "import sys; import tensorwire.cli; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
        timeout=60,
    )
    ours = {name for name in done.stdout.split() if name.startswith("tensorwire")}
    assert ours == {"tensorwire", "tensorwire.errors", "tensorwire.cli"}
