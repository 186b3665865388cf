"""Batches with rows that are no messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from column_cases import Case, compare
from column_inputs import errors_of, plain_lists
from column_wire import ColumnGenerator

from tensorwire import DecodeError


def corrupted(case: Case, rng: Any) -> Case:
    """A batch with bytes changed in about half of its rows."""
    generator = ColumnGenerator(rng)
    rows = [generator.corrupt(row) if row and rng.random() < 0.5 else row for row in case.rows]
    return replace(case, rows=rows)


def check(case: Case) -> int:
    """Verdicts, values and the three ways to go on, whatever the rows hold."""
    messages = case.messages()
    columns = case.decode()
    bad = {error.row for error in columns.errors}
    refused = {i for i, row in enumerate(case.rows) if row is not None and messages[i] is None}
    assert bad <= refused, "a row is refused that upstream takes"
    if case.options.get("verify") == "all":
        assert bad == refused, (sorted(bad), sorted(refused))
    check_errors(case, columns)
    check_modes(case, columns, bad)
    good = [i for i in range(len(case.rows)) if i not in refused]
    kept = replace(case, rows=[case.rows[i] for i in good])
    alone = kept.decode()
    assert not alone.errors
    if case.each is None:
        both = plain_lists(columns), plain_lists(alone)
        for path, values in both[1].items():
            rows = both[0][path]
            if not isinstance(rows, list):
                continue
            assert [rows[i] for i in good] == values, (path, "a row reached its neighbours")
            for i in bad:
                assert rows[i] == ("NoneType", None), (path, i)
    return compare(kept, alone, kept.messages())


def check_errors(case: Case, columns: Any) -> None:
    """In the order of the rows, each with a place inside its row."""
    errors = columns.errors
    assert [error.row for error in errors] == sorted({error.row for error in errors})
    for error in errors:
        row = case.rows[error.row]
        assert row is not None and 0 <= error.offset <= len(row), error
        assert error.reason and isinstance(error.path, str)


def check_modes(case: Case, columns: Any, bad: set[int]) -> None:
    """``"raise"`` names the first bad row, ``"drop"`` leaves all of them out."""
    if bad:
        first = columns.errors[0]
        named = rf"row {first.row}\b" if len(case.rows) > 1 else None
        with pytest.raises(DecodeError, match=named) as raised:
            case.decode(on_error="raise")
        assert raised.value.offset == first.offset, (raised.value.offset, first.offset)
    else:
        assert plain_lists(case.decode(on_error="raise")) == plain_lists(columns)
    dropped = case.decode(on_error="drop")
    assert errors_of(dropped) == errors_of(columns)
    rest = replace(case, rows=[row for i, row in enumerate(case.rows) if i not in bad])
    assert plain_lists(dropped) == plain_lists(rest.decode())
