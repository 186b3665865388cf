"""The command line as a process of its own."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import tensorwire

PACKAGE_FOLDER = str(Path(tensorwire.__file__).resolve().parent.parent)


@dataclass
class Result:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def environment(**changes: str) -> dict[str, str]:
    """This process's, but that the package is found from any folder."""
    return {**os.environ, "PYTHONPATH": PACKAGE_FOLDER, **changes}


def command(*arguments: object) -> list[str]:
    """``python -m tensorwire`` with arguments."""
    return [sys.executable, "-m", "tensorwire", *map(str, arguments)]
