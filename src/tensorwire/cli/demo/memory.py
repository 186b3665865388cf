"""How much memory this process takes, as far as the system tells."""

from __future__ import annotations

import sys

__all__ = ["Memory", "memory"]

KIB = 1024


class Memory:
    """Bytes: ``private`` to the process, ``mapped`` pages of files, ``peak`` of both together.

    None where the system does not tell.
    """

    __slots__ = ("mapped", "peak", "private")

    def __init__(self, private: int | None, mapped: int | None, peak: int | None) -> None:
        self.private = private
        self.mapped = mapped
        self.peak = peak

    def since(self, before: Memory) -> dict[str, int | None]:
        """What was added; the peak is above all that was there before."""
        held = None
        if before.private is not None and before.mapped is not None:
            held = before.private + before.mapped
        return {
            "private_nbytes": _added(self.private, before.private),
            "mapped_nbytes": _added(self.mapped, before.mapped),
            "peak_nbytes": _added(self.peak, before.peak if held is None else held),
        }


def memory() -> Memory:
    """Now; of this process."""
    try:
        pages = _fields("/proc/self/smaps_rollup", ("Rss", "Anonymous"))
        peak = _fields("/proc/self/status", ("VmHWM",))["VmHWM"]
    except (OSError, KeyError):  # not Linux, or one without
        return Memory(None, None, _peak())
    private = pages["Anonymous"]
    return Memory(private, pages["Rss"] - private, peak)


def _fields(name: str, wanted: tuple[str, ...]) -> dict[str, int]:
    """Source: proc(5): lines such as ``Rss:    1234 kB``."""
    found = {}
    with open(name, encoding="ascii") as lines:
        for line in lines:
            key, _, value = line.partition(":")
            if key in wanted:
                found[key] = int(value.split()[0]) * KIB
    return found


def _peak() -> int | None:
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else KIB  # getrusage(2) of each system
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit


def _added(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else max(now - before, 0)
