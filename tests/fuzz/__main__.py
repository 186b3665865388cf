"""Changed models, read in every way: ``python -m tests.fuzz [--seconds N] [--seed N] [FILE...]``.

Anything but a result or a documented error is a find: its bytes go to ``--finds`` and its traceback
to the screen. Crashes of the process leave the bytes in ``--finds`` as ``last``. Most is found in
the sanitizer build; not part of the tests. A find becomes a test, named for what it does.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import shutil
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from random import Random

from tests.fuzz.mutate import mutated
from tests.fuzz.reading import read_bytes, read_file
from tests.fuzz.seeds import seeds

SLOW = 5.0  # seconds for one small input, sanitizers included: a find in itself


def main() -> int:
    """1 if anything was found."""
    options = arguments()
    random, started = Random(options.seed), time.monotonic()
    starts = seeds(options.files)
    options.finds.mkdir(parents=True, exist_ok=True)
    finds: set[str] = set()
    runs = 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "e.bin").write_bytes(bytes(range(16)))
        while time.monotonic() - started < options.seconds:
            data = mutated(starts, random)
            runs += 1
            if what := found(data, folder, options.finds):
                report(what, data, finds, options.finds)
    print(f"{runs} inputs, {len(finds)} finds, seed {options.seed}")
    return int(bool(finds))


def arguments() -> argparse.Namespace:
    """Parsed from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("files", nargs="*", help="models to start from, besides those made here")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--finds", type=Path, default=Path("build/finds"))
    return parser.parse_args()


def found(data: bytes, folder: str, finds: Path) -> str | None:
    """The traceback of what should not have come, or None."""
    path = os.path.join(folder, "model.onnx")
    for name in (path, finds / "last"):
        Path(name).write_bytes(data)
    started = time.process_time()  # of a machine that is busy with other work, too
    try:
        read_bytes(data)
        read_bytes(data, format="onnx")
        read_file(path)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return traceback.format_exc()
    taken = time.process_time() - started
    return f"{taken:.1f} s for {len(data)} bytes" if taken > SLOW else None


def report(what: str, data: bytes, finds: set[str], folder: Path) -> None:
    """Says it once for each place in the code."""
    place = "".join(line for line in what.splitlines() if line.lstrip().startswith("File"))[-300:]
    if place in finds:
        return
    finds.add(place)
    name = folder / f"find{len(finds)}.onnx"
    shutil.copyfile(folder / "last", name) if data else name.write_bytes(data)
    print(f"{name}: {what}", flush=True)


if __name__ == "__main__":
    faulthandler.enable()
    # NumPy's remarks on casting odd numbers are no find.
    warnings.simplefilter("ignore", RuntimeWarning)
    raise SystemExit(main())
