"""The table of ``tensors``, from its document."""

from __future__ import annotations

from tensorwire.cli.models import type_text
from tensorwire.cli.screen import LEFT, RIGHT, Mark
from tensorwire.cli.text import nbytes_text, plural

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.cli.screen import Screen

    #: Title -> (side, text of a row).
    Cells = dict[str, tuple[str, Any]]

__all__ = ["show_tensors"]

ABSENT = "-"


def show_tensors(document: dict[str, Any], screen: Screen, with_stats: bool) -> None:
    """A row each, and the sum below."""
    folded = "patterns" in document
    rows = document["patterns" if folded else "tensors"]
    cells = dict(_FOLDED if folded else _SINGLE)
    if with_stats:
        cells |= _STATISTICS
    if rows:
        columns = {title: side for title, (side, _) in cells.items()}
        screen.table(columns, [[text(row) for _, text in cells.values()] for row in rows])
    screen.line(f"  {_sum(document, rows)}")
    for row in rows:
        if reason := _reason(row):
            screen.line(f"  {row['pattern' if folded else 'name']}: {reason}")


def _sum(document: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    count = sum(row.get("count", 1) for row in rows)
    of = "" if count == document["total"] else f" of {document['total']:,}"
    nbytes = nbytes_text(sum(row["nbytes"] or 0 for row in rows))
    missing = sum(row.get("unavailable", not row.get("available", True)) for row in rows)
    rest = f", {missing:,} missing" if missing else ""
    return f"{plural(count, 'tensor')}{of}, {nbytes}{rest}"


def _reason(row: dict[str, Any]) -> str | None:
    """Why a row has gaps."""
    if row.get("error"):
        return str(row["error"])
    error = row.get("stats_error")
    if error is None:
        return None
    return f"{error['file']}: {error['reason']}" if error["file"] else str(error["reason"])


def _count(value: int | None) -> str:
    return ABSENT if value is None else f"{value:,}"


def _number(value: float | None) -> str:
    if value is None:
        return ABSENT
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"


def _share(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.1%}"


def _aligned(row: dict[str, Any]) -> str:
    if not row["available"]:
        return Mark("missing", "bad")
    return "yes" if row["aligned"] else Mark("no", "faint")


def _statistic(key: str, text: Any) -> Any:
    return lambda row: ABSENT if row["stats"] is None else text(row["stats"][key])


def _shape(row: dict[str, Any]) -> str:
    return ABSENT if row["shape"] is None else type_text({**row, "dtype": ""})


_SINGLE: Cells = {
    "name": (LEFT, lambda row: row["name"]),
    "dtype": (LEFT, lambda row: row["dtype"] or ABSENT),
    "shape": (LEFT, _shape),
    "bytes": (RIGHT, lambda row: _count(row["nbytes"])),
    "offset": (RIGHT, lambda row: ABSENT if row["offset"] is None else str(row["offset"])),
    "aligned": (LEFT, _aligned),
}

_FOLDED: Cells = {
    "pattern": (LEFT, lambda row: row["pattern"]),
    "count": (RIGHT, lambda row: _count(row["count"])),
    "dtype": (LEFT, lambda row: row["dtype"] or ABSENT),
    "shape": (LEFT, _shape),
    "bytes": (RIGHT, lambda row: _count(row["nbytes"])),
}

_STATISTICS: Cells = {
    "min": (RIGHT, _statistic("min", _number)),
    "max": (RIGHT, _statistic("max", _number)),
    "mean": (RIGHT, _statistic("mean", _number)),
    "nan": (RIGHT, _statistic("nan", _count)),
    "inf": (RIGHT, _statistic("inf", _count)),
    "zeros": (RIGHT, _statistic("zero_share", _share)),
}
