"""What ``setup.py`` promises, on a project of one small module beside it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MODULE = """
cimport cython

cdef extern from "answer.h":
    int ANSWER

@cython.boundscheck(False)
def decorated(bytes data not None, size_t at) -> int:
    return data[at]

def nested(bytes data not None, size_t at) -> int:
    with cython.boundscheck(False):
        return data[at]

def answer() -> int:
    return ANSWER
"""

# Stands for gcc on a machine without Python's headers.
HEADERLESS = """#!/bin/sh
for word; do
    case $word in *.c) grep -q Python.h "$word" && exit 1 ;; esac
done
exec cc "$@"
"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="CC is not read by MSVC")


@pytest.fixture
def project(tmp_path):
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "_core").mkdir()
    (tmp_path / "_core/trial.pyx").write_text(MODULE)
    (tmp_path / "_core/answer.h").write_text("#define ANSWER 1\n")
    package = tmp_path / "src/tensorwire/_core"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package.parent / "__init__.py").touch()
    return tmp_path


def build(project: Path, **environment: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TENSORWIRE_")}
    return subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--inplace"],
        cwd=project, env=clean | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def call(project: Path, expression: str) -> str:
    """What `print` shows of an expression over the built module, or the name of what it raises."""
    code = f"""
from tensorwire._core import trial
try:
    print({expression})
except Exception as error:
    print(type(error).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project / "src", capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(project / "src")},
    )  # fmt: skip
    return done.stdout.strip()


def test_a_debug_build_checks_bounds_that_a_decorator_turned_off(project):
    assert build(project).returncode == 0
    # bytes end in a NUL of their own, so this read past the end is harmless.
    assert call(project, "trial.decorated(b'abc', 3), trial.nested(b'abc', 3)") == "0 0"
    assert build(project, TENSORWIRE_DEBUG="1").returncode == 0
    assert call(project, "trial.decorated(b'abc', 3)") == "IndexError"
    assert call(project, "trial.nested(b'abc', 3)") == "IndexError"
    assert {path.name for path in (project / "build").iterdir()} == {"release", "debug"}


def test_a_changed_header_rebuilds(project):
    assert build(project).returncode == 0
    header = project / "_core/answer.h"
    header.write_text("#define ANSWER 2\n")
    later = header.stat().st_mtime + 5  # coarse file times must not hide the change
    os.utime(header, (later, later))
    assert build(project).returncode == 0
    assert call(project, "trial.answer()") == "2"


def test_annotation_is_written_beside_the_c_sources(project):
    assert build(project, TENSORWIRE_ANNOTATE="1").returncode == 0
    assert len(list((project / "build").rglob("trial.html"))) == 1


@posix
def test_a_missing_compiler_is_named_in_the_last_line(project):
    done = build(project, CC="/nonexistent/cc")
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: tensorwire needs a C compiler: ")
    if sys.platform == "linux":
        assert "apt install build-essential" in last


@posix
def test_missing_headers_are_named_in_the_last_line(project):
    compiler = project / "headerless-cc"
    compiler.write_text(HEADERLESS)
    compiler.chmod(0o755)
    done = build(project, CC=str(compiler))
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: tensorwire needs the headers of this Python: ")
    if sys.platform == "linux":
        assert "apt install python3-dev" in last


def test_a_failed_compile_fails_the_build(project):
    (project / "_core/answer.h").write_text("#error broken\n")
    assert build(project).returncode != 0
