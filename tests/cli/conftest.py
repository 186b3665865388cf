"""Running the command line: inside this process, or as a process of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_process import Result, command, environment

from tensorwire.cli import main


@pytest.fixture(autouse=True)
def _no_colors_from_outside(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cli(capfd) -> Callable[..., Result]:
    """``cli("inspect", path)``: inside this process, with both streams captured."""

    def run(*arguments: object) -> Result:
        capfd.readouterr()
        code = main([os.fspath(a) if isinstance(a, Path) else str(a) for a in arguments])
        return Result(code, *capfd.readouterr())

    return run


@pytest.fixture
def process(tmp_path) -> Callable[..., Result]:
    """``process("inspect", path)``: as a process of its own, in a folder of its own."""

    def run(*arguments: object, **changes: str) -> Result:
        done = subprocess.run(
            command(*arguments),
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment(**changes),
            check=False,
            timeout=60,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run
