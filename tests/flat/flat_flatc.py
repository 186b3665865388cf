"""flatc, where this machine has it: on the path, or in the package zlmdb."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest


def found() -> str | None:
    """The program of zlmdb rather than its script, which starts Python each time."""
    package = importlib.util.find_spec("zlmdb")
    for folder in package.submodule_search_locations or () if package is not None else ():
        program = shutil.which("flatc", path=str(Path(folder) / "_flatc" / "bin"))
        if program is not None:
            return program
    return shutil.which("flatc")


FLATC = found()

needs_flatc = pytest.mark.skipif(FLATC is None, reason="no flatc on this machine")


def compiled(path: Path, out: Path, include: tuple[Path, ...] = ()) -> bytes | str:
    """The ``.bfbs`` of a schema, or what flatc says where it refuses that."""
    command = [str(FLATC), "-b", "--schema", "--bfbs-builtins", "--bfbs-comments", "-o", str(out)]
    for folder in include:
        command += ["-I", str(folder)]
    target = out / f"{path.stem}.bfbs"
    target.unlink(missing_ok=True)
    run = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    return target.read_bytes() if target.exists() else run.stdout + run.stderr
