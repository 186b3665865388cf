"""Columns of random trees are what a loop in plain Python makes of the rows."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from column_trees import ZEROS, expected, struct_types, table, tables, values_of
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorwire.columns.columns import Columns
from tensorwire.columns.defaults import fill_defaults
from tensorwire.columns.join import concatenate
from tensorwire.columns.types import ListType, ScalarType

# Most of the time goes into drawing trees: half of the usual number each.
few = settings(max_examples=50)


def lists(columns: Columns) -> dict:
    return {path: column.to_pylist() for path, column in columns.items()}


def oracle(kind, rows, columns) -> dict:
    return {path: expected(kind, rows, path) for path in columns}


@few
@given(tables())
def test_columns_are_what_a_loop_makes(made):
    kind, rows, columns = made
    assert len(columns) == len(rows)
    assert lists(columns) == oracle(kind, rows, columns)
    assert columns.to_pylist() == [
        {path: expected(kind, [row], path)[0] for path in columns} for row in rows
    ]


@few
@given(tables())
def test_compact_columns_are_the_same_and_hold_no_input(made):
    kind, rows, columns = made
    own = columns.compact()
    assert lists(own) == oracle(kind, rows, columns)
    assert own.compact() is own
    assert len(own.sources.buffers) <= 1
    before = {id(buffer) for buffer in columns.sources.buffers}
    assert before.isdisjoint(map(id, own.sources.buffers))


@few
@given(tables())
def test_columns_pickle(made):
    kind, rows, columns = made
    again = pickle.loads(pickle.dumps(columns))
    assert again != columns and again.paths == columns.paths
    assert lists(again) == oracle(kind, rows, columns)
    for column in columns.values():
        assert pickle.loads(pickle.dumps(column)).to_pylist() == column.to_pylist()


@few
@given(struct_types(), st.data())
def test_batches_join(kind, data):
    batches = data.draw(st.lists(st.lists(values_of(kind), max_size=4), min_size=1, max_size=4))
    joined = concatenate([table(kind, rows, data.draw(st.integers(0, 20))) for rows in batches])
    rows = [row for batch in batches for row in batch]
    assert len(joined) == len(rows)
    assert lists(joined) == oracle(kind, rows, joined)


def with_defaults(kind, value):
    """A row as the schema reads it: an absent message as an empty one."""
    if isinstance(kind, ScalarType):
        if value is not None:
            return value
        return ZEROS[kind.kind] if kind.default is None else kind.default
    if isinstance(kind, ListType):
        return [with_defaults(kind.item, one) for one in value or ()]
    if kind.special in ("timestamp", "duration"):
        return value or (0, 0)
    return {
        field.name: with_defaults(field, None if value is None else value[field.name])
        for field in kind.fields
    }


@few
@given(tables())
def test_defaults_stand_for_what_is_absent(made):
    kind, rows, columns = made
    data, sources = fill_defaults(columns.data, columns.sources)
    filled = Columns(data, columns.paths, sources)
    rows = [None if row is None else with_defaults(kind, row) for row in rows]
    assert lists(filled) == oracle(kind, rows, columns)
    for column in filled.values():
        zeros = np.zeros_like(column.values)
        if not column.offsets and column.validity is not None:
            assert (column.values[~column.validity] == zeros[~column.validity]).all()


def padded(rows: list, widths: tuple[int, ...]) -> list:
    """Lists filled up with None to these lengths."""
    if not widths:
        return rows
    made = [row or [] for row in rows]
    inner = [padded(row, widths[1:]) for row in made]
    rest = None
    for width in reversed(widths[1:]):
        rest = [rest] * width
    return [row + [rest] * (widths[0] - len(row)) for row in inner]


@few
@given(tables())
def test_padded_arrays_hold_the_same(made):
    kind, rows, columns = made
    for path, column in columns.items():
        if not column.offsets:
            continue
        wanted = expected(kind, rows, path)
        widths = tuple(int(np.diff(level).max(initial=0)) for level in column.offsets)
        masked = column.to_numpy(fill=np.ma.masked, pad=True)
        assert masked.shape == (len(rows), *widths)
        if column.kind not in ("timestamp", "duration"):
            assert masked.tolist() == padded(wanted, widths)
        if column.kind in ("string", "bytes"):
            assert column.to_numpy(pad=True).tolist() == padded(wanted, widths)


def as_lists(value):
    if isinstance(value, np.ma.MaskedArray | np.ndarray):
        return value.tolist()
    return None if value is None else [as_lists(one) for one in value]


@few
@given(tables())
def test_masked_arrays_hold_the_same(made):
    kind, rows, columns = made
    for path, column in columns.items():
        if column.kind in ("timestamp", "duration"):
            continue
        made = column.to_numpy(fill=np.ma.masked)
        wanted = expected(kind, rows, path)
        if column.offsets:
            wanted = [empty(one, len(column.offsets) - 1) for one in wanted]
        assert as_lists(made) == wanted


def empty(value, levels: int):
    """Absent lists as empty ones."""
    value = [] if value is None else value
    return [empty(one, levels - 1) for one in value] if levels else value


@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_rows_and_no_fields(count):
    from tensorwire.columns.data import StructData
    from tensorwire.columns.sources import Sources
    from tensorwire.columns.types import StructType

    columns = Columns(StructData(StructType("", ()), count, ()), (), Sources.of([]))
    assert len(columns) == count and list(columns) == [] and columns.to_pylist() == [{}] * count
    assert len(pickle.loads(pickle.dumps(columns))) == count
