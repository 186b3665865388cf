"""Random buffers: ``python -m tests.flat.flat_fuzz [--seconds N] [--seed N] [--case N] [--cpp N]``.

Needs the folders of the tests on the path, as pytest has them: ``PYTHONPATH=tests:tests/flat``.

Random schemas, values, layouts and damage: verdicts of the native verifier and of the plain one,
and every field of what both accept. With ``--cpp N`` the generated C++ verifiers of N schemas are
asked as well (`flat_cpp` says what that needs). Each difference is printed once for each kind;
``--case N`` runs the case of one seed: for crashes, whose seed is left in ``--last``. Not part of
the tests.
"""

from __future__ import annotations

import argparse
import faulthandler
import functools
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

import flat_cpp
import flat_differential as differential
from flat_mutate import mutant
from flat_oracle import MAX_TABLES, Rules, Verdict
from flat_text import schema_text

from proto.memory import guarded

MUTANTS = 40
CAPACITY = 1 << 16  # of the guarded memory


def main() -> int:
    """1 if anything was found."""
    options = arguments()
    if options.case is not None:
        one(options.case, options.cpp)
        return 0
    seed, until = options.seed, time.monotonic() + options.seconds
    found: Counter[str] = Counter()
    options.last.parent.mkdir(parents=True, exist_ok=True)
    while time.monotonic() < until:
        options.last.write_text(str(seed))
        try:
            one(seed, options.cpp)
        except Exception as error:  # noqa: BLE001  whatever it is, it is reported
            report(error, seed, found)
        seed += 1
    done = seed - options.seed
    print(f"{done} samples, {done * MUTANTS} mutants from seed {options.seed}")
    for kind, count in found.most_common():
        print(f"{count:6} x {kind}")
    return int(bool(found))


def arguments() -> argparse.Namespace:
    """Parsed from the command line."""
    parser = argparse.ArgumentParser("python -m tests.flat.flat_fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--case", type=int, help="the seed of one sample")
    parser.add_argument("--cpp", type=int, default=0, help="schemas that C++ verifies too")
    parser.add_argument("--last", type=Path, default=Path("build/flat_fuzz.seed"))
    return parser.parse_args()


def one(seed: int, cpp: int) -> None:
    """Tries the case of a seed."""
    rng = Random(seed)
    if cpp:
        check_cpp(rng, seed % cpp)
    else:
        world = differential.World(rng)
        place = rng.choice((bytes, at_guard, bytearray))
        differential.check(rng, world, MUTANTS, place)


def at_guard(data: bytes) -> object:
    return guarded().at_end(data) if len(data) <= CAPACITY else data


@functools.cache
def partner(number: int) -> tuple[differential.World, flat_cpp.Cpp | None]:
    """A schema and its C++ verifiers; None where flatc's C++ does not compile (much padding)."""
    rng = Random(number)
    world = differential.World(rng)
    try:
        text = schema_text(world.schema)
        return world, flat_cpp.Cpp(text, world.tables, Path("build/flat_verifiers"))
    except RuntimeError as error:
        print(f"schema {number}: {str(error)[-200:]}")
        return world, None


def check_cpp(rng: Random, number: int) -> None:
    """One sample and its mutants; what C++ says, we say, but for the limits of tables and work."""
    world, program = partner(number)
    if program is None:
        return
    made = differential.sample(rng, world)
    mutants = [made.written.data, *(mutant(rng, made.written) for _ in range(MUTANTS))]
    depth = rng.choice((64, 64, 2, 3))
    asked = [program.request(data, made.root, prefix=made.prefix, max_depth=depth)
             for data in mutants]  # fmt: skip
    rules = Rules(prefix=made.prefix, max_depth=depth, max_tables=None)
    for data, theirs in zip(mutants, program.ask(asked), strict=True):
        ours = world.native.verify(data, made.root, rules)
        if ours.ok != theirs and not excepted(data, ours, world, made.root, rules):
            raise AssertionError(f"C++ {theirs}, ours {ours}: {made.root} {data.hex()}")


def excepted(
    data: bytes, ours: Verdict, world: differential.World, root: str, rules: Rules
) -> bool:
    """Differences that are meant.

    A size of eight bytes near 2^64 wraps around in C++ (#9030); it does not mind where types of
    unions lie that are declared wider than a byte; shared tables are counted once by us.
    """
    if ours.reason == "align" and ours.path.endswith("_type"):
        return True
    if not ours.ok:
        return rules.prefix == 8 and data[4:8] == b"\xff\xff\xff\xff"
    counted = differential.flat_oracle.verify(world.schema, data, root, rules)
    return counted.tables > MAX_TABLES


def report(error: Exception, seed: int, found: Counter[str]) -> None:
    """Prints the first of each kind."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    kind = f"{type(error).__name__} {last.name}:{last.lineno}"
    if found[kind] == 0:
        print(f"seed {seed}: {type(error).__name__}: {str(error)[:3000]}\n", flush=True)
    found[kind] += 1


if __name__ == "__main__":
    faulthandler.enable()
    raise SystemExit(main())
