"""Timestamps and durations as one number per row, counted in a unit."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    Array = np.ndarray[Any, Any]

__all__ = ["UNITS", "counted", "misfit"]

#: Units from the finest on: how many make a second.
UNITS = {"ns": 1_000_000_000, "us": 1_000_000, "ms": 1_000, "s": 1}

# `nanos` is an int32: whatever a record holds, it moves a time by less than this many seconds.
NANOS_REACH = 3

HIGHEST = 2**63 - 1


def counted(seconds: Array, nanos: Array, unit: str, is_duration: bool) -> tuple[Array, int | None]:
    """Times in ``unit`` as int64, and the first row whose time has none; None if all have.

    What the unit cannot show is cut off: of timestamps towards the past, of durations towards 0.
    The lowest int64 is no time: NumPy and others take it for "not a time".
    Source: google/protobuf/timestamp.proto and duration.proto; upstream's ToMicroseconds.
    """
    import numpy as np

    per_second = UNITS[unit]
    nanos_each = 1_000_000_000 // per_second
    small = nanos
    if nanos_each > 1:
        small = small.astype(np.int64)
        small = (
            np.sign(small) * (np.abs(small) // nanos_each) if is_duration else small // nanos_each
        )
    within = HIGHEST // per_second - NANOS_REACH
    if len(seconds) and (seconds.min() < -within or seconds.max() > within):
        return _counted_at_the_edge(seconds, small.astype(np.int64), per_second)
    total = seconds * np.int64(per_second)
    total += small
    return total, None


def misfit(kind: str, unit: str, seconds: int, nanos: int) -> str:
    """Says of a time that has no number in the unit which unit has one."""
    import numpy as np

    whole, small = (np.array([number], dtype=np.int64) for number in (seconds, nanos))
    units = list(UNITS)
    coarser = [
        name
        for name in units[units.index(unit) + 1 :]
        if counted(whole, small, name, kind == "duration")[1] is None
    ]
    advice = f"pass timestamps={coarser[0]!r}" if coarser else "read its .seconds and .nanos"
    return f"a {kind} of {seconds} s and {nanos} ns does not fit 64 bits in {unit!r}; {advice}"


def _counted_at_the_edge(seconds: Array, small: Array, per_second: int) -> tuple[Array, int | None]:
    """As `counted`, where products and sums may leave the range of int64.

    Before 1970 one second is moved into ``small``, so that a product that fits no more does where
    the sum fits. Then product and addend overflow only with equal signs.
    """
    import numpy as np

    most = HIGHEST // per_second
    beyond = (seconds > most) | (seconds < -most - 1)
    past = seconds < 0
    whole = np.where(beyond, 0, seconds + past)
    rest = small - past * np.int64(per_second)
    product = whole * np.int64(per_second)
    total = product + rest
    wrapped = ((product < 0) == (rest < 0)) & ((total < 0) != (product < 0))
    bad = beyond | wrapped | (total == -HIGHEST - 1)
    return total, int(np.argmax(bad)) if bad.any() else None
