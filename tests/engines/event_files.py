"""A Parquet file of encoded events, and what any engine must find in it."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from recipes import PATHS, Event

NAMES = ("ada", "grace", "a name longer than twelve bytes", "é")
ROW_GROUP = 500

Row = tuple[int | None, str | None, list[float] | None]


def rows(count: int) -> list[Row]:
    """The values of each event: id, user's name (None: no user), prices; None: no record."""
    draw = Random(count)
    found: list[Row] = []
    for i in range(count):
        name = draw.choice(NAMES) if draw.random() < 0.8 else None
        found.append((i, name, [draw.randrange(1000) / 4 for _ in range(draw.randrange(5))]))
    return found


def encoded(row: Row) -> bytes:
    number, name, prices = row
    event = Event(id=number)
    if name is not None:
        event.user.name, event.user.country = name, "de"
    for place, price in enumerate(prices or ()):
        event.items.add(sku=f"sku{place}", price=price)
    return event.SerializeToString()


def write(path: Path, events: list[Row]) -> None:
    records = pa.array([encoded(row) for row in events], pa.binary())
    pq.write_table(pa.table({"record": records}), path, row_group_size=ROW_GROUP)


def path_of_workers() -> str:
    """The search path by which workers find the recipes, as they would an installed package."""
    here = str(Path(__file__).parent)
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))


def by_id(table: pa.Table) -> list[Row]:
    """The rows of a table of the recipes' columns in one order, whatever the partitions'."""
    found = table.select(PATHS).to_pydict()
    return sorted(zip(*(found[path] for path in PATHS), strict=True), key=lambda row: row[0])
