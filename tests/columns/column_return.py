"""Columns written back to records, and records read from files, are the same columns."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from column_cases import Case, lists_of
from column_inputs import plain_lists
from column_oracle import BEYOND, maps_of, plain

from kernels import oracle
from tensorwire import proto


def check_encoded(case: Case) -> int:
    """What `encode_batch` makes of columns, upstream takes; and it gives the columns again.

    Not with defaults for what is absent: these would be set then, of several members of a oneof.
    """
    options = {**case.options, "absent": "null", "utf8": "schema"}
    case = replace(case, each=None, options=options, paths=_whole_maps(case))
    columns = case.decode()
    lists = lists_of(columns)
    if BEYOND in lists.values():
        return 0
    rows = proto.encode_batch(columns, case.world.theirs, partial=True).to_pylist()
    for row in rows:
        if row is not None:
            case.world.theirs.FromString(row)
    again = plain_lists(case.decode(rows))
    for path, wanted in lists.items():
        assert again[path] == plain(wanted), (path, again[path], wanted)
    return len(rows)


def _whole_maps(case: Case) -> list[str] | None:
    """Paths without those that go through half a map only, which cannot be written."""
    if case.paths is None or case.each is not None:
        return None
    kind = case.world.descriptor
    return [path for path in case.paths if not maps_of(kind, path)] or None


def check_scanned(case: Case) -> int:
    """A file of the records, read in batches of any size."""
    rows = [row for row in case.rows if row is not None]
    case = replace(case, rows=rows)
    data = b"".join([oracle.encode(len(row)) + row for row in rows])
    columns = case.decode()
    wanted = plain_lists(columns)
    for batch_rows in (1, 3, 1000):
        found: dict[str, list[Any]] = {path: [] for path in wanted}
        bad = []
        for batch in proto.scan(
            io.BytesIO(data), case.world.theirs, case.paths, framing="delimited",
            batch_rows=batch_rows, each=case.each, on_error="null", **case.options,
        ):  # fmt: skip
            bad += [error.row for error in batch.errors]
            for path, values in plain_lists(batch).items():
                found[path] += values
        assert bad == [error.row for error in columns.errors]
        if BEYOND not in lists_of(columns).values():
            assert found == wanted, batch_rows
    return len(rows)
