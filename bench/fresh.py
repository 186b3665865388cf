"""Calls a function in a process of its own: nothing is warm, and all its memory is its own.

    python bench/fresh.py MODULE FUNCTION [JSON list of arguments]

prints the result as JSON. Interpreter start and imports are never in a figure: the function takes
its times itself, when its module is imported.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def call(function: str, *arguments: Any, environment: dict[str, str] | None = None) -> Any:
    """The result of ``"module.function"`` in a new process, with more environment variables.

    Raises: ``RuntimeError`` with what the process printed, if it failed.
    """
    module, _, name = function.rpartition(".")
    command = [sys.executable, str(Path(__file__)), module, name, json.dumps(arguments)]
    variables = os.environ | (environment or {})
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    if done.returncode != 0:
        raise RuntimeError(f"{function} failed with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout)


def main(module: str, name: str, arguments: str = "[]") -> None:
    function = getattr(importlib.import_module(module), name)
    json.dump(function(*json.loads(arguments)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
