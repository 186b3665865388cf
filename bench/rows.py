"""The rows of the table: one measured figure of tensorwire beside that of one other way."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

UNITS = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1.0, "B")),
}


@dataclass(frozen=True)
class Row:
    """``ours`` and ``theirs`` in ``unit``: seconds or bytes, less is better.

    Of times taken in turns, both are medians and ``paired`` is the median of the rounds' ratios,
    which a machine that is now fast, now slow disturbs less than the ratio of the medians.
    ``least`` is the ratio theirs / ours that must be reached, ``aim`` the one that is aimed at;
    ``most`` is what ``ours`` may be at most.
    """

    case: str
    against: str
    ours: float
    theirs: float
    unit: str = "s"
    least: float | None = None
    aim: float | None = None
    most: float | None = None
    paired: float | None = None

    @property
    def ratio(self) -> float | None:
        if self.paired is not None:
            return self.paired
        return self.theirs / self.ours if self.ours > 0 else None

    @property
    def failed(self) -> bool:
        """Whether a ratio that must be reached was not."""
        return self.least is not None and self.ratio is not None and self.ratio < self.least

    @property
    def verdict(self) -> str:
        """What was asked for, and whether it was reached; empty where nothing was."""
        words = []
        if self.least is not None:
            words.append(f"must {self.least:g}x: {_reached(self.ratio, self.least)}")
        if self.aim is not None:
            words.append(f"aim {self.aim:g}x: {_reached(self.ratio, self.aim)}")
        if self.most is not None:
            met = "reached" if self.ours <= self.most else "SHORT"
            words.append(f"at most {scaled(self.most, self.unit)}: {met}")
        return ", ".join(words)

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio, "verdict": self.verdict}


def paired_row(
    case: str,
    against: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    share: float = 1.0,
    least: float | None = None,
    aim: float | None = None,
) -> Row:
    """The row of times taken in turns, as many of either side; ``share`` multiplies both."""
    paired = statistics.median(b / a for a, b in zip(ours, theirs, strict=True) if a > 0)
    medians = [share * statistics.median(times) for times in (ours, theirs)]
    return Row(case, against, *medians, least=least, aim=aim, paired=paired)


def _reached(ratio: float | None, wanted: float) -> str:
    return "reached" if ratio is None or ratio >= wanted else "SHORT"


def scaled(value: float, unit: str) -> str:
    """A figure with three digits and the unit that suits it."""
    factor, name = next(
        ((factor, name) for factor, name in UNITS[unit] if abs(value) >= factor), UNITS[unit][-1]
    )
    number = value / factor
    return f"{number:.3g} {name}" if number < 1000 else f"{number:.0f} {name}"


def table(rows: list[Row]) -> list[str]:
    """The rows as aligned lines."""
    cells = [("", "tensorwire", "", "other", "ratio", "")]
    for row in rows:
        ratio = "-" if row.ratio is None else f"{row.ratio:.{0 if row.ratio >= 100 else 2}f}x"
        ours, theirs = scaled(row.ours, row.unit), scaled(row.theirs, row.unit)
        cells.append((row.case, ours, row.against, theirs, ratio, row.verdict))
    widths = [max(len(line[i]) for line in cells) for i in range(6)]
    sides = "<><>><"
    return [
        "  ".join(
            f"{cell:{side}{width}}" for cell, side, width in zip(line, sides, widths, strict=True)
        ).rstrip()
        for line in cells
    ]
