"""Times taken in turns, so that a busy machine is busy for everyone.

What computes only is timed by what its thread used of a processor, page faults included: the time
in which another process had the processor is nobody's cost. What reads or writes files, and what
works in several threads, is timed by the wall.
"""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable, Mapping

Clock = Callable[[], float]

# One turn of a statement takes about this long: long beside a clock of some 30 ns, short beside
# the time for which another process disturbs, so that it disturbs both sides.
ROUND_SECONDS = 0.005
WALL = time.perf_counter
# Windows counts the time of threads in steps of 16 ms.
CPU = time.thread_time if time.get_clock_info("thread_time").resolution < 1e-6 else WALL


def once(call: Callable[[], object], clock: Clock = WALL) -> float:
    """Seconds of one call, dropping its result included."""
    start = clock()
    call()
    return clock() - start


def once_kept(call: Callable[[], object], kept: list[object], clock: Clock = WALL) -> float:
    """Seconds of one call whose result is kept, so that freeing it is not in them."""
    start = clock()
    result = call()
    seconds = clock() - start
    kept.append(result)
    return seconds


def in_turns(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    keep: bool = False,
    clock: Clock = CPU,
) -> dict[str, list[float]]:
    """Seconds of each call in each round; every round makes each once, after one unmeasured round.

    ``keep`` holds every result until the end; else each is dropped within its own time.
    """
    kept: list[object] = []
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(once_kept(call, kept, clock) if keep else once(call, clock))
    return times


def statements_in_turns(
    statements: Mapping[str, tuple[str, Mapping[str, object]]], rounds: int
) -> dict[str, list[float]]:
    """Seconds of each statement in each round over its names, the loop's own cost taken off.

    Names are made local to the loop, so that looking them up costs the least it can.
    """
    timers = {name: _timer(text, names) for name, (text, names) in statements.items()}
    empty = timeit.Timer("pass", timer=CPU)
    loops = {name: _loops(timer) for name, timer in timers.items()}
    times: dict[str, list[float]] = {name: [] for name in timers}
    for _ in range(rounds):
        for name, timer in timers.items():
            count = loops[name]
            loop = empty.timeit(count)
            times[name].append(max(timer.timeit(count) - loop, 0.0) / count)
    return times


def _timer(text: str, names: Mapping[str, object]) -> timeit.Timer:
    setup = "\n".join(f"{name} = names[{name!r}]" for name in names) or "pass"
    return timeit.Timer(text, setup, timer=CPU, globals={"names": names})


def _loops(timer: timeit.Timer) -> int:
    """How many make one round."""
    count = 1
    while (seconds := timer.timeit(count)) < ROUND_SECONDS / 4:
        count *= 4
    return max(1, round(count * ROUND_SECONDS / seconds))
