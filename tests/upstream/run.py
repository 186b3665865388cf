"""Upstream's own Python tests, on our classes: ``python tests/upstream/run.py FOLDER [FILE...]``.

FOLDER is an environment made by ``prepare.py``. Prints passed, failed and skipped for each file,
and beside them what upstream's own classes reach. ``--failures`` adds a line for each failed test.
tensorwire is this checkout's, built in place by the same version of Python.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

FILES = (
    "message_test",
    "reflection_test",
    "proto_test",
    "unknown_fields_test",
    "numpy_test",
    "json_format_test",
    "text_format_test",
    "well_known_types_test",
)
Tally = Counter[tuple[str, str]]  # (file, outcome): tests
OUTCOMES = ("passed", "failed", "skipped")


def internal(folder: Path) -> Path:
    """The folder of the tests."""
    found = list(folder.glob("lib/python*/site-packages/google/protobuf/internal"))
    if not found or not (found[0] / "message_test.py").exists():
        raise SystemExit(f"{folder} was not made by prepare.py: it holds no message_test.py")
    return found[0]


def run(folder: Path, files: list[str], plain: bool = False) -> list[dict[str, str]]:
    """A record for each test of those files. ``plain``: with upstream's own classes."""
    tests = [next(internal(folder).rglob(f"{name}.py")) for name in files]
    with tempfile.TemporaryDirectory() as work:
        results = Path(work) / "results"
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(HERE)]),
            "TENSORWIRE_UPSTREAM_RESULTS": str(results),
            "TENSORWIRE_UPSTREAM_PLAIN": str(int(plain)),
        }
        # Not from the folder of the tests: its `numpy` would hide the package of that name.
        command = ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "plugin"]
        command[0] = str(folder / "bin" / command[0])
        done = subprocess.run(
            [*command, "--rootdir", str(internal(folder)), *map(str, tests)],
            cwd=work, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not results.exists():
            raise SystemExit(done.stdout + done.stderr)
        if done.returncode not in {0, 1, 2}:
            print(*(done.stdout + done.stderr).splitlines()[-40:], sep="\n")
        return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


def count(records: list[dict[str, str]]) -> Tally:
    """Tests by file and outcome; one that failed in any of its phases is one failure."""
    outcome: dict[tuple[str, str], str] = {}
    for record in records:
        key = record["file"], record["test"]
        if outcome.get(key) != "failed":
            outcome[key] = record["outcome"]
    return Counter((file, result) for (file, _), result in outcome.items())


def table(files: list[str], ours: Tally, theirs: Tally) -> str:
    lines = [f"{'':24} {'passed':>7} {'failed':>7} {'skipped':>8}   upstream's classes"]
    for file in [*files, "all"]:
        names = files if file == "all" else [file]
        row = [[sum(found[name, outcome] for name in names) for outcome in OUTCOMES]
               for found in (ours, theirs)]  # fmt: skip
        lines.append(f"{file:24} {row[0][0]:7} {row[0][1]:7} {row[0][2]:8}   {row[1]}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--failures", action="store_true")
    arguments = parser.parse_args()
    files = arguments.files or list(FILES)
    folder = arguments.folder.resolve()
    records = run(folder, files)
    ours, theirs = count(records), count(run(folder, files, plain=True))
    if arguments.failures:
        for record in records:
            if record["outcome"] == "failed":
                text = record["text"].splitlines()[:1]
                print(f"{record['file']}::{record['test']}: {''.join(text)[:200]}")
    print(table(files, ours, theirs))
    return int(any(outcome == "failed" for _, outcome in ours))


if __name__ == "__main__":
    raise SystemExit(main())
