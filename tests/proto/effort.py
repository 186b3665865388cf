"""How much the random tests try: little and always the same, or, nightly, much and anew.

``TENSORWIRE_NIGHTLY=1`` turns to the second.
"""

import contextlib
import os
import random

from hypothesis import HealthCheck, settings

NIGHTLY = os.environ.get("TENSORWIRE_NIGHTLY", "") not in ("", "0")
FACTOR = 100 if NIGHTLY else 1
FIRST_SEED = random.SystemRandom().getrandbits(48) if NIGHTLY else 0


def examples(count: int) -> settings:
    """Settings of a Hypothesis test that tries so many on every commit."""
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        derandomize=not NIGHTLY,
        suppress_health_check=list(HealthCheck),
    )


def generators(count: int):
    """So many seeded generators, each with its seed."""
    for seed in range(FIRST_SEED, FIRST_SEED + count * FACTOR):
        yield seed, random.Random(seed)


@contextlib.contextmanager
def named(seed: int):
    """A failure inside names the seed."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"seed {seed}") from error
