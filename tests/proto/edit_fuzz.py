"""Random programs on messages: ``python -m tests.proto.edit_fuzz [--seconds N] [--seed N]``.

Needs ``tests`` on the path, as pytest has it: ``PYTHONPATH=tests``.

Each difference between upstream's messages and ours is printed once for each kind of line, as a
program that can be run. ``--program N`` runs the program of one seed and prints each line before
it runs: for crashes, whose seed is left in ``--last``. Not part of the tests.
"""

import argparse
import faulthandler
import time
from collections import Counter
from pathlib import Path
from random import Random

from .edit_oracle import Difference, Program, random_program

STEPS = (5, 20, 60, 200)


def main() -> int:
    """1 if anything was found."""
    options = arguments()
    if options.program is not None:
        return trace(options.program, options.second)
    seed, until = options.seed, time.monotonic() + options.seconds
    found: Counter[str] = Counter()
    programs = lines = 0
    while time.monotonic() < until:
        options.last.parent.mkdir(parents=True, exist_ok=True)
        options.last.write_text(str(seed))
        try:
            lines += one(seed, options.second)
        except Difference as difference:
            report(difference, seed, found)
        programs, seed = programs + 1, seed + 1
    print(f"{programs} programs, {lines} lines in those that agree, from seed {options.seed}")
    for kind, count in found.most_common():
        print(f"{count:6} x {kind}")
    return int(bool(found))


def arguments() -> argparse.Namespace:
    """Parsed from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.proto.edit_fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--program", type=int, help="the seed of one program")
    parser.add_argument("--second", default="ours", choices=("ours", "upb"), help="what is tried")
    parser.add_argument("--last", type=Path, default=Path("build/edit_fuzz.seed"))
    return parser.parse_args()


def one(seed: int, second: str) -> int:
    """Runs the program of a seed; its lines."""
    rng = Random(seed)
    return random_program(rng, rng.choice(STEPS), second)


def trace(seed: int, second: str) -> int:
    """Runs the program of a seed aloud."""
    rng = Random(seed)
    steps = rng.choice(STEPS)
    program = Program.start(rng, second)
    run = program.pair.run

    def run_aloud(line: str) -> tuple[str, object]:
        print(repr(line), flush=True)
        return run(line)

    program.pair.run = run_aloud  # type: ignore[method-assign]
    for _ in range(steps):
        program.step()
    program.finish()
    return 0


def report(difference: Difference, seed: int, found: Counter[str]) -> None:
    """Prints the first of each kind."""
    kind = difference.kind
    if found[kind] == 0:
        print(f"seed {seed}:{difference}\n", flush=True)
    found[kind] += 1


if __name__ == "__main__":
    faulthandler.enable()
    raise SystemExit(main())
