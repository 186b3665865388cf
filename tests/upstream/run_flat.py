"""FlatBuffers' own Python tests on our code: ``python tests/upstream/run_flat.py CHECKOUT``.

CHECKOUT is the tree of google/flatbuffers at the commit below, of which ``python`` and ``tests``
are needed; nothing of it comes into this repository. Each suite runs as it is, on upstream's own
code, with `flat.install()` in force, and with all generated modules adopted. Prints how many tests
passed; exit code 1 if any failed on ours. tensorwire is this checkout's, built in place.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The tests of one release belong to that release: this is 25.12.19.
COMMIT = "7e16302"

# Name: script and arguments. The four numbers are counts of upstream's benchmarks: none.
SUITES = {
    "one module per type": ("py_test.py", "0", "0", "0", "0", "false"),
    "one file": ("py_test.py", "0", "0", "0", "0", "true"),
    "FlexBuffers": ("py_flexbuffers_test.py",),
}
SIDES = ("upstream", "installed", "adopted")

PROGRAM = """
import importlib, pathlib, runpy, sys
side, *sys.argv = sys.argv[1:]
sys.path.insert(0, ".")
adopted = 0
if side == "installed":
    from tensorwire import flat
    flat.install()
if side == "adopted":
    from tensorwire import flat
    paths = [*pathlib.Path("MyGame").rglob("*.py"), *pathlib.Path("optional_scalars").rglob("*.py")]
    names = [path.with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
             for path in [*paths, pathlib.Path("monster_test_generated.py")]]
    modules = [importlib.import_module(name) for name in sorted(names)]
    reports = [flat.adopt(module) for module in modules]
    adopted = sum(len(report.adopted) for report in reports)
    for report in reports:
        for name, why in report.left_alone:
            print("left alone:", name, why, file=sys.stderr)
print("adopted:", adopted)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(checkout: Path, side: str, arguments: tuple[str, ...]) -> tuple[int, int, int]:
    """(tests that ran, of these failed, methods adopted)"""
    paths = [ROOT / "src", checkout / "python"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, side, *arguments],
        cwd=checkout / "tests",
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    ran = re.findall(r"^Ran (\d+) tests", said, re.MULTILINE)
    if not ran:
        raise SystemExit(said)
    failed = re.findall(r"(?:failures|errors)=(\d+)", said)
    for line in re.findall(r"^(?:FAIL|ERROR|left alone): .*", said, re.MULTILINE):
        print(f"  {side}: {line}")
    adopted = re.search(r"^adopted: (\d+)", said, re.MULTILINE)
    return sum(map(int, ran)), sum(map(int, failed)), int(adopted[1]) if adopted else 0


def main() -> int:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    checkout = Path(sys.argv[1]).resolve()
    if not (checkout / "tests/py_test.py").exists() or not (checkout / "python").is_dir():
        raise SystemExit(f"{checkout} is no checkout of google/flatbuffers at {COMMIT}")
    print(f"{'':22} " + "".join(f"{side:>22}" for side in SIDES))
    wrong = 0
    for suite, arguments in SUITES.items():
        cells = []
        for side in SIDES:
            ran, failed, adopted = run(checkout, side, arguments)
            wrong += failed if side != "upstream" else 0
            more = f" ({adopted})" if adopted else ""
            cells.append(f"{ran - failed} of {ran}{more}")
        print(f"{suite:22} " + "".join(f"{cell:>22}" for cell in cells), flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
