"""Random batches: ``python -m tests.columns.column_fuzz [--seconds N] [--seed N] [--case N]``.

Needs the folders of the tests on the path, as pytest has them: ``PYTHONPATH=tests:tests/columns``.

Each difference between upstream's messages and our columns is printed, made small, once for each
kind. ``--case N`` runs the case of one seed: for crashes, whose seed is left in ``--last``. Not
part of the tests.
"""

from __future__ import annotations

import argparse
import faulthandler
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import column_cases
import column_hostile
import column_inputs
import column_results
import column_return

TESTS = {
    "values": (4, column_cases.check),
    "inputs": (2, column_inputs.check),
    "corrupt": (3, column_hostile.check),
    "results": (2, column_results.check),
    "views": (1, column_results.check_views),
    "encoded": (2, column_return.check_encoded),
    "scanned": (1, column_return.check_scanned),
}


def main() -> int:
    """1 if anything was found."""
    options = arguments()
    if options.case is not None:
        one(options.case)
        return 0
    seed, until = options.seed, time.monotonic() + options.seconds
    found: Counter[str] = Counter()
    done = 0
    options.last.parent.mkdir(parents=True, exist_ok=True)
    while time.monotonic() < until:
        options.last.write_text(str(seed))
        try:
            one(seed)
        except Exception as error:  # noqa: BLE001  whatever it is, it is reported
            report(error, seed, found)
        done, seed = done + 1, seed + 1
    print(f"{done} batches from seed {options.seed}")
    for kind, count in found.most_common():
        print(f"{count:6} x {kind}")
    return int(bool(found))


def arguments() -> argparse.Namespace:
    """Parsed from the command line."""
    parser = argparse.ArgumentParser("python -m tests.columns.column_fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--case", type=int, help="the seed of one batch")
    parser.add_argument("--last", type=Path, default=Path("build/column_fuzz.seed"))
    return parser.parse_args()


def case_of(seed: int) -> tuple[Any, Any]:
    """The batch of a seed and its test."""
    rng = Random(seed)
    names = [name for name, (weight, _) in TESTS.items() for _ in range(weight)]
    name = rng.choice(names)
    case = column_cases.random_case(rng)
    if name == "corrupt":
        case = column_hostile.corrupted(case, rng)
    return case, TESTS[name][1]


def one(seed: int) -> None:
    """Tries the batch of a seed."""
    case, test = case_of(seed)
    test(case)


def report(error: Exception, seed: int, found: Counter[str]) -> None:
    """Prints the first of each kind, made small."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}" if place else ""
    kind = f"{type(error).__name__} {line}"
    if found[kind] == 0:
        case, test = case_of(seed)
        small = column_cases.reduced(case, test)
        try:
            test(small)
        except Exception as again:  # noqa: BLE001
            error = again
        print(f"seed {seed}: {type(error).__name__}: {error}\n{small}\n", flush=True)
    found[kind] += 1


if __name__ == "__main__":
    faulthandler.enable()
    raise SystemExit(main())
