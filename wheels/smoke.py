"""Builds, installs and tries the wheel for every CPython from 3.10 on that lies on this machine.

    python wheels/smoke.py [--out FOLDER] [--compiler auto|zig|cc]

Each wheel goes into a clean environment away from the source tree; there it opens a model, and
builds, edits and serialises messages (``check.py``). All are built from one sdist, which Cython
translates once. Which interpreters were used, and which were not and why, is said at the end.
"""

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from build import make_sdist, only, python_of, run, tools_environment
from interpreters import Interpreter, interpreters

HERE = Path(__file__).resolve().parent
# Much of the work is pip's and fills one core; more at once would crowd what compiles.
AT_ONCE = 2


def build(interpreter: Interpreter, tree: Path, out: Path, compiler: str) -> Path:
    """The wheel of this interpreter's tag, in a folder of its own below ``out``."""
    folder = out / interpreter.tag
    if folder.exists():
        shutil.rmtree(folder)
    options = ["--out", folder, "--sdist", tree, "--compiler", compiler]
    run(interpreter.path, HERE / "build.py", *options)
    return only(folder, "*.whl")


def try_wheel(interpreter: Interpreter, wheel: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        environment = Path(scratch, "venv")
        run(interpreter.path, "-m", "venv", environment)
        python = python_of(environment)
        run(python, "-m", "pip", "install", "-q", "--only-binary", ":all:", wheel, cwd=scratch)
        check = Path(shutil.copy(HERE / "check.py", scratch))
        run(python, "-I", "-W", "error", check, cwd=scratch)


def try_tag(group: list[Interpreter], *options: object) -> list[str]:
    """One line for each interpreter of a tag: they share the wheel."""
    wheel, lines = None, []
    for interpreter in group:
        start = time.monotonic()
        try:
            wheel = wheel or build(interpreter, *options)
            try_wheel(interpreter, wheel)
        except subprocess.CalledProcessError as error:
            lines.append(f"FAILED   {interpreter}: {error}")
        else:
            took = time.monotonic() - start
            lines.append(f"ok       {interpreter}: {wheel.name} ({took:.0f} s)")
    return lines


def try_all(usable: list[Interpreter], scratch: Path, *options: object) -> list[str]:
    """One line for each interpreter; they come sorted."""
    tree = unpacked_sdist(scratch)
    groups = [list(group) for _, group in itertools.groupby(usable, key=lambda one: one.tag)]

    def try_copy(group: list[Interpreter]) -> list[str]:
        # With what Cython wrote for the first; setuptools writes into a tree, hence one for each.
        copy = shutil.copytree(tree, scratch / group[0].tag)
        return try_tag(group, copy, *options)

    lines = [try_tag(group, tree, *options) for group in groups[:1]]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lines += pool.map(try_copy, groups[1:])
    return list(itertools.chain(*lines))


def unpacked_sdist(scratch: Path) -> Path:
    """The tree of a fresh sdist, in ``scratch``."""
    sdist = make_sdist(tools_environment(), scratch)
    shutil.unpack_archive(sdist, scratch / "sdist")
    return only(scratch / "sdist", "*")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "out")
    parser.add_argument("--compiler", choices=["auto", "zig", "cc"], default="auto")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    found = interpreters()
    skipped = [one for one in found if one.lacks]
    usable = [one for one in found if not one.lacks]
    with tempfile.TemporaryDirectory() as scratch:
        report = try_all(usable, Path(scratch), options.out, options.compiler)
    passed = sum(line.startswith("ok") for line in report)
    print(*(f"skipped  {one}: {one.lacks}" for one in skipped), *report, sep="\n")
    print(f"{passed} passed, {len(report) - passed} failed, {len(skipped)} skipped")
    return int(passed < len(report) or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
