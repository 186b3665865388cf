"""Writes the model, has each library open it, and removes it, whatever happens."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from time import perf_counter

from tensorwire.cli.demo.perceptron import Perceptron
from tensorwire.cli.progress import Progress
from tensorwire.cli.text import nbytes_text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["trial"]

TINY = 200_000  # bytes of the model that is opened first; enough to be mapped, as the big one is
SPARE = 64 << 20  # bytes to leave free for everybody else who writes there
SIGNALS = ("SIGTERM", "SIGHUP")  # Ctrl-C is a KeyboardInterrupt already

# A process of its own, with our search path: `-m` would look for modules in the current folder.
CODE = """\
import sys
sys.path[:] = {path!r}
from tensorwire.cli.demo.measure import main
main(*sys.argv[1:])
"""
MEASURED = (
    "version",
    "import_seconds",
    "open_seconds",
    "arrays_seconds",
    "private_nbytes",
    "mapped_nbytes",
    "peak_nbytes",
)


def trial(nbytes: int, folder: str | None) -> dict[str, Any]:
    """The document of ``demo``. Raises: ``OSError`` if there is not enough room."""
    model = Perceptron(nbytes)
    folder = tempfile.gettempdir() if folder is None else folder
    _require_room(folder, model.nbytes)
    with _orderly_end(), tempfile.TemporaryDirectory(prefix="tensorwire-", dir=folder) as ours:
        path, tiny = os.path.join(ours, "model.onnx"), os.path.join(ours, "tiny.onnx")
        _write(Perceptron(TINY), tiny)
        start = perf_counter()
        _write(model, path)
        written = perf_counter() - start
        libraries = ["tensorwire", *(["onnx"] if find_spec("onnx") else [])]
        runs = [_run(library, path, tiny, model.last_elements) for library in libraries]
    return {
        "file": path,
        "nbytes": model.nbytes,
        "tensors": model.tensors,
        "layers": model.layers,
        "write_seconds": written,
        "runs": runs,
    }


def _require_room(folder: str, nbytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if nbytes + SPARE > free:
        needed = f"the model takes {nbytes_text(nbytes)}, but {nbytes_text(free)} are free"
        advice = "choose a smaller --size or another --folder"
        raise OSError(errno.ENOSPC, f"{needed}; {advice}", folder)


def _write(model: Perceptron, path: str) -> None:
    with open(path, "xb") as file, Progress("writing", model.nbytes) as bar:
        for piece in model.pieces():
            file.write(piece)
            bar.advance(len(piece))


def _run(library: str, path: str, tiny: str, expected: float) -> dict[str, Any]:
    code = CODE.format(path=sys.path)
    command = [sys.executable, "-c", code, library, path, tiny]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        nothing = dict.fromkeys(MEASURED)
        return {"library": library, **nothing, "error": _reason(done), "right": False}
    found = json.loads(done.stdout)
    right = math.isclose(found.pop("last_elements"), expected, rel_tol=1e-9, abs_tol=1e-9)
    return {"library": library, **found, "error": None, "right": right}


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of a traceback, or how the process ended."""
    if done.returncode < 0:
        return f"ended by signal {-done.returncode}; out of memory?"
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"ended with exit code {done.returncode}"


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Being told to end is an exception meanwhile, so that the folder is removed first."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
