"""Any library's table as a tree of columns, and the same tree out again."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest
from arrow_trees import Table, expected, leaves, tables
from hypothesis import given
from hypothesis import strategies as st

from tensorwire._core.arrow_export import export_array, export_schema
from tensorwire.columns.arrow.importing import data_of, tree_of
from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.data import ListData, ScalarData, StructData

pa = pytest.importorskip("pyarrow")


def plain(data, sources):
    """The values of a node, row by row, as Python has them."""
    if isinstance(data, ListData):
        items = plain(data.item, sources)
        assert data.offsets[0] == 0 and data.offsets[-1] == len(items)
        rows = [items[start:stop] for start, stop in pairwise(data.offsets.tolist())]
        return [[tuple(i.values()) for i in row] for row in rows] if data.type.is_map else rows
    if isinstance(data, StructData):
        named = {field.type.name: plain(field, sources) for field in data.fields}
        rows = [dict(zip(named, row, strict=True)) for row in zip(*named.values(), strict=True)]
        rows = rows if named else [{}] * data.length
    elif data.type.kind in ("string", "bytes"):
        rows = texts(data, sources)
    else:
        assert data.valid is None or not data.values[~data.valid].any()
        rows = data.values.tolist()
    if data.valid is None:
        return rows
    return [row if valid else None for row, valid in zip(rows, data.valid, strict=True)]


def texts(data, sources):
    found = []
    for start, length in data.values.tolist():
        at = int(np.searchsorted(sources.starts, start, side="right")) - 1 if length else 0
        offset = start - int(sources.starts[at])
        text = bytes(memoryview(sources.buffers[at])[offset : offset + length]) if length else b""
        assert len(text) == length
        found.append(text.decode() if data.type.kind == "string" else text)
    return found


def rows_of(source):
    return plain(*tree_of(source))


@pytest.mark.parametrize(
    ("arrow", "values", "kind"),
    [
        (pa.int8(), [1, None, -3], "int8"),
        (pa.int16(), [1, None, -3], "int16"),
        (pa.int32(), [1, None, -3], "int32"),
        (pa.int64(), [1, None, -(2**63)], "int64"),
        (pa.uint8(), [1, None, 255], "uint8"),
        (pa.uint16(), [1, None, 65535], "uint16"),
        (pa.uint32(), [1, None, 2**32 - 1], "uint32"),
        (pa.uint64(), [1, None, 2**64 - 1], "uint64"),
        (pa.float16(), [np.float16(1.5), None, np.float16(-2)], "float32"),
        (pa.float32(), [1.5, None, -2], "float32"),
        (pa.float64(), [1.5, None, -2], "float64"),
        (pa.bool_(), [True, None, False], "bool"),
        (pa.string(), ["a", None, "a long string of text"], "string"),
        (pa.large_string(), ["a", None, "a long string of text"], "string"),
        (pa.string_view(), ["a", None, "a long string of text"], "string"),
        (pa.binary(), [b"a", None, b"a long string of text"], "bytes"),
        (pa.large_binary(), [b"a", None, b"a long string of text"], "bytes"),
        (pa.binary_view(), [b"a", None, b"a long string of text"], "bytes"),
        (pa.binary(3), [b"abc", None, b"xyz"], "bytes"),
        (pa.dictionary(pa.int8(), pa.string()), ["a", None, "a"], "string"),
        (pa.dictionary(pa.int32(), pa.int64()), [5, None, 7], "int64"),
        (pa.null(), [None, None, None], "int32"),
    ],
)
def test_columns_of_one_type(arrow, values, kind):
    array = pa.array(values * 5, arrow)
    for part in (array, array[4:11], array[:0], pa.chunked_array([array[2:5], array[7:]])):
        data, sources = tree_of(pa.table({"x": part}))
        assert data.fields[0].type.kind == kind
        assert plain(data, sources) == [{"x": value} for value in part.to_pylist()]
        single, sources = data_of(part)
        assert plain(single, sources) == part.to_pylist()


NESTED = [
    {"id": 1, "user": {"name": "Ann", "tags": ["x", None]}, "m": [("a", 1), ("b", None)]},
    {"id": None, "user": None, "m": None},
    {"id": 3, "user": {"name": None, "tags": None}, "m": []},
    {"id": 4, "user": {"name": "a name beyond a view", "tags": ["y"] * 3}, "m": [("c", 3)]},
]
NESTED_TYPE = pa.schema(
    {
        "id": pa.int64(),
        "user": pa.struct({"name": pa.string_view(), "tags": pa.list_(pa.string())}),
        "m": pa.map_(pa.string(), pa.int32()),
    }
)


def emptied(row):
    user = row["user"]
    user = None if user is None else {"name": user["name"], "tags": user["tags"] or []}
    return {"id": row["id"], "user": user, "m": row["m"] or []}


def test_structs_lists_and_maps_in_any_slices():
    batch = pa.RecordBatch.from_pylist(NESTED * 3, NESTED_TYPE)
    wanted = [emptied(row) for row in NESTED * 3]
    assert rows_of(batch) == wanted
    assert rows_of(batch[3:9]) == wanted[3:9]
    table = pa.Table.from_batches([batch[1:4], batch[:0], batch[5:]])
    assert rows_of(table) == wanted[1:4] + wanted[5:]
    assert rows_of(table[2:8]) == (wanted[1:4] + wanted[5:])[2:8]
    assert rows_of(batch.to_struct_array()[2:7]) == wanted[2:7]


def test_no_chunks_have_a_type():
    data, _ = tree_of(pa.Table.from_batches([], NESTED_TYPE))
    whole, _ = tree_of(pa.RecordBatch.from_pylist(NESTED, NESTED_TYPE))
    assert data.length == 0 and data.type == whole.type and plain(data, None) == []


def test_what_lies_below_a_null_is_not_read():
    inner = pa.ListArray.from_arrays(pa.array([0, 2, 4], pa.int32()), pa.array([1, 2, 3, 4]))
    mask = pa.array([True, False])
    struct = pa.StructArray.from_arrays([pa.array([7, 8]), inner], ["a", "b"], mask=mask)
    data, sources = tree_of(pa.table({"s": struct}))
    assert plain(data, sources) == [{"s": None}, {"s": {"a": 8, "b": [3, 4]}}]
    null = pa.ListArray.from_arrays(
        pa.array([0, 2, 4], pa.int32()), pa.array([1, 2, 3, 4]), mask=mask
    )
    assert plain(*data_of(null)) == [[], [3, 4]]


def test_a_list_of_fixed_size_and_lists_in_lists():
    assert plain(*data_of(pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(pa.int32(), 2))[1:])) == [
        [3, 4],
        [5, 6],
    ]
    rows = [[[1], []], [], [[2, 3], [4]]]
    assert plain(*data_of(pa.array(rows, pa.large_list(pa.list_(pa.int64()))))) == rows


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_become_seconds_and_nanoseconds(unit):
    stamps = pa.array([-1, None, 1_000_000_001], pa.int64()).cast(pa.timestamp(unit, "UTC"))
    spans = pa.array([-1, None, 1_000_000_001], pa.int64()).cast(pa.duration(unit))
    each = {"s": 1, "ms": 1000, "us": 10**6, "ns": 10**9}[unit]
    data, sources = tree_of(pa.table({"t": stamps, "d": spans}))
    assert [field.type.special for field in data.fields] == ["timestamp", "duration"]
    for row, count in zip(plain(data, sources), (-1, None, 1_000_000_001), strict=True):
        if count is None:
            assert row == {"t": None, "d": None}
            continue
        for value in row.values():
            assert value["seconds"] * each + value["nanos"] * each // 10**9 == count
        assert 0 <= row["t"]["nanos"] < 10**9
        assert row["d"]["nanos"] == 0 or (row["d"]["nanos"] < 0) == (count < 0)


@pytest.mark.parametrize(
    ("arrow", "named"),
    [
        (pa.date32(), "date"),
        (pa.time64("us"), "time"),
        (pa.decimal128(5, 2), "decimal"),
        (pa.month_day_nano_interval(), "interval"),
        (pa.list_view(pa.int8()), "list_view"),
        (pa.run_end_encoded(pa.int32(), pa.int8()), "run-end encoded"),
    ],
)
def test_types_without_a_place_are_named(arrow, named):
    with pytest.raises(TypeError, match=f"column 'x' is of {named}, which has no place"):
        tree_of(pa.Table.from_batches([], pa.schema({"x": arrow})))


def test_a_column_alone_is_no_table():
    with pytest.raises(TypeError, match="expected a table or an array of structs"):
        tree_of(pa.array([1]))


def test_polars_and_its_categories():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(
        {
            "s": ["a", None, "a string beyond a view"],
            "c": pl.Series(["x", "y", None], dtype=pl.Categorical),
            "l": [[1, 2], None, []],
            "t": [dt.timedelta(seconds=1), None, dt.timedelta(microseconds=-1)],
            "n": [None, None, None],
        }
    )
    assert rows_of(frame) == [
        {"s": "a", "c": "x", "l": [1, 2], "t": {"seconds": 1, "nanos": 0}, "n": None},
        {"s": None, "c": "y", "l": [], "t": None, "n": None},
        {
            "s": "a string beyond a view",
            "c": None,
            "l": [],
            "t": {"seconds": 0, "nanos": -1000},
            "n": None,
        },
    ]


# Hand-made producers.


class Given:
    def __init__(self, field, array):
        self.field = field
        self.array = array

    def __arrow_c_array__(self, requested_schema=None):
        return export_schema(self.field), export_array(self.array)


@pytest.mark.parametrize("offsets", [[0, 3, 2], [-1, 0, 1], [0, 1, -1]])
@pytest.mark.parametrize("format", ["z", "+l"])
def test_offsets_that_go_backwards(offsets, format):
    item = ("i", "item", 2, None, (), None)
    children = ((3, 0, (None, np.arange(3, dtype="<i4")), (), None),) if format == "+l" else ()
    buffers = (None, np.array(offsets, "<i4"), *(() if children else (b"abc",)))
    field = (format, "x", 2, None, (item,) if children else (), None)
    with pytest.raises(ValueError, match="offsets of an Arrow array go from"):
        data_of(Given(field, (2, 0, buffers, children, None)))


def test_places_that_are_not_there():
    item = ("i", "item", 2, None, (), None)
    child = (3, 0, (None, np.arange(3, dtype="<i4")), (), None)
    buffers = None, np.array([0, 1, 4], "<i4")
    with pytest.raises(ValueError, match="points to the values 0 to 4 of 3"):
        data_of(Given(("+l", "x", 2, None, (item,), None), (2, 0, buffers, (child,), None)))
    struct = (2, 0, (None,), ((1, 0, (None, np.arange(1, dtype="<i4")), (), None),), None)
    with pytest.raises(ValueError, match="points to the values 0 to 2 of 1"):
        data_of(Given(("+s", "", 0, None, (item,), None), struct))
    for index in (3, -1):
        indices = 1, 0, (None, np.array([index], "<i4")), (), child
        with pytest.raises(ValueError, match="points to the values"):
            data_of(Given(("i", "x", 2, None, (), item), indices))


@pytest.mark.parametrize(
    "words", [[-1, 0, 0, 0], [20, 0, 1, 0], [20, 0, -1, 0], [20, 0, 0, 1], [20, 0, 0, -1]]
)
def test_views_that_leave_their_buffer(words):
    view = np.array(words, "<i4")
    buffers = None, view, b"x" * 20, np.array([20], "<i8")
    with pytest.raises(ValueError, match="a view of an Arrow array leaves its buffer"):
        data_of(Given(("vz", "x", 2, None, (), None), (1, 0, buffers, (), None)))
    null = np.zeros(1, "u1"), *buffers[1:]
    data, _ = data_of(Given(("vz", "x", 2, None, (), None), (1, 1, null, (), None)))
    assert data.values.tolist() == [(0, 0)]


@given(tables("nested"), st.data())
def test_what_was_exported_comes_back(drawn, data):
    table, rows = drawn
    batch = pa.record_batch(table)
    start = data.draw(st.integers(0, len(rows)))
    stop = data.draw(st.integers(start, len(rows)))
    # Null rows stay in the struct, where the batch has them in its columns.
    tree, sources = tree_of(pa.Table.from_batches([batch[:start], batch[start:stop]], batch.schema))
    options = ArrowOptions("nested", timestamps="us")
    again = Table(tree, tuple(leaves(tree.type)), sources, options)
    wanted = expected(table, rows)[:stop]
    assert normal(pa.record_batch(again).to_pylist()) == normal(wanted)


def normal(value):
    """Null lists are empty in columns."""
    if isinstance(value, dict):
        return {name: normal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value] or None
    return tuple(map(normal, value)) if isinstance(value, tuple) else value


def test_nothing_is_copied_where_it_need_not_be():
    array = pa.array([1, 2, 3], pa.int64())
    lists = pa.array([["a"], ["b", "c"]], pa.large_list(pa.string()))
    data, _ = data_of(array[1:])
    assert isinstance(data, ScalarData)
    assert data.values.ctypes.data == array.buffers()[1].address + 8
    data, sources = data_of(lists)
    assert sources.buffers[0].address == lists.buffers()[4].address
