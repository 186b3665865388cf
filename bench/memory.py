"""What a call adds to the memory of this process, told apart by kind. Linux only.

*Anonymous* memory is what the process allocated: it cannot be dropped, only swapped. *Mapped*
memory is resident pages of files: shared with the page cache, dropped when others need room.
*Peak* is the most that was resident at any moment of the call, mapped files too.
*Allocated peak* is the most anonymous memory, looked at every half millisecond: Linux keeps none.
Source: Linux, Documentation/filesystems/proc.rst, "smaps_rollup", "clear_refs", "VmHWM".
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROLLUP = Path("/proc/self/smaps_rollup")
STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
RESET_PEAK = "5"
SAMPLE_SECONDS = 0.0005


@dataclass(frozen=True)
class Added:
    """Bytes that a call added and its result still holds; ``peak`` while it ran."""

    anonymous: int
    mapped: int
    peak: int


def is_known() -> bool:
    """Whether this system tells a process its memory by kind."""
    return ROLLUP.exists() and CLEAR.exists()


def added_by(call: Callable[[], object]) -> tuple[object, dict[str, int]]:
    """The result of a call and what it added, as a dictionary of `Added`."""
    gc.collect()
    CLEAR.write_text(RESET_PEAK, encoding="ascii")
    before = _kib(ROLLUP)
    result = call()
    peak = _kib(STATUS)["VmHWM"]
    after = _kib(ROLLUP)
    return result, asdict(
        Added(
            anonymous=max(0, after["Anonymous"] - before["Anonymous"]) * 1024,
            mapped=max(0, _mapped(after) - _mapped(before)) * 1024,
            peak=max(0, peak - before["Rss"]) * 1024,
        )
    )


def allocated_peak(call: Callable[[], object]) -> int:
    """The most anonymous memory while a call ran, beyond what there was before."""
    gc.collect()
    before = most = _kib(STATUS)["RssAnon"]
    over = threading.Event()

    def sample() -> None:
        nonlocal most
        while not over.wait(SAMPLE_SECONDS):
            most = max(most, _kib(STATUS)["RssAnon"])

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        kept = call()
        most = max(most, _kib(STATUS)["RssAnon"])
        del kept
    finally:
        over.set()
        sampler.join()
    return (most - before) * 1024


def _mapped(fields: dict[str, int]) -> int:
    return fields["Rss"] - fields["Anonymous"]


def _kib(path: Path) -> dict[str, int]:
    """The lines of a proc file that give a number of kB."""
    found = {}
    for line in path.read_text(encoding="ascii").splitlines():
        name, _, rest = line.partition(":")
        if rest.endswith(" kB"):
            found[name] = int(rest[:-3])
    return found
