"""Builds, installs and tries the wheel for every CPython from 3.10 on that lies on this machine.

    python wheels/smoke.py [--out FOLDER] [--compiler auto|zig|cc]

Each wheel goes into a clean environment away from the source tree; there it opens a model, and
builds, edits and serialises messages (``check.py``). Which interpreters were used, and which were
not and why, is said at the end.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from build import make_sdist, python_of, run, tools_environment
from interpreters import Interpreter, interpreters

HERE = Path(__file__).resolve().parent


def build(interpreter: Interpreter, out: Path, *options: object) -> Path:
    """The wheel of this interpreter's tag, in a folder of its own below ``out``."""
    folder = out / interpreter.tag
    if folder.exists():
        shutil.rmtree(folder)
    run(interpreter.path, HERE / "build.py", "--out", folder, *options)
    (wheel,) = folder.glob("*.whl")
    return wheel


def try_wheel(interpreter: Interpreter, wheel: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        environment = Path(scratch, "venv")
        run(interpreter.path, "-m", "venv", environment)
        python = python_of(environment)
        run(python, "-m", "pip", "install", "-q", "--only-binary", ":all:", wheel, cwd=scratch)
        check = Path(shutil.copy(HERE / "check.py", scratch))
        run(python, "-I", "-W", "error", check, cwd=scratch)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "out")
    parser.add_argument("--compiler", choices=["auto", "zig", "cc"], default="auto")
    return parser.parse_args()


def try_all(found: list[Interpreter], out: Path, *options: object) -> tuple[list[str], int, int]:
    """(one line for each interpreter, how many passed, how many failed)."""
    wheels: dict[str, Path] = {}
    report, passed, failed = [], 0, 0
    for interpreter in found:
        if interpreter.lacks:
            report.append(f"skipped  {interpreter}: {interpreter.lacks}")
            continue
        start = time.monotonic()
        try:
            if interpreter.tag not in wheels:
                wheels[interpreter.tag] = build(interpreter, out, *options)
            try_wheel(interpreter, wheels[interpreter.tag])
        except subprocess.CalledProcessError as error:
            failed += 1
            report.append(f"FAILED   {interpreter}: {error}")
            continue
        passed += 1
        took = time.monotonic() - start
        report.append(f"ok       {interpreter}: {wheels[interpreter.tag].name} ({took:.0f} s)")
    return report, passed, failed


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        sdist = make_sdist(tools_environment(), Path(scratch))
        report, passed, failed = try_all(
            interpreters(), options.out, "--compiler", options.compiler, "--sdist", sdist
        )
    print("\n".join(report))
    print(f"{passed} passed, {failed} failed, {len(report) - passed - failed} skipped")
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
