"""Trees of columns as Arrow: what other libraries read in them, whatever tree it is."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
from arrow_trees import (
    EVENT,
    LABELS,
    LONG,
    ROWS,
    Column,
    Table,
    expected,
    special,
    table_of,
    tables,
)
from hypothesis import given

from tensorwire.columns.arrow import export
from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.data import StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import ListType, ScalarType, StructType

pa = pytest.importorskip("pyarrow")


def batch_of(table):
    batch = pa.record_batch(table)
    batch.validate(full=True)
    return batch


@pytest.mark.parametrize("layout", ["flat", "nested"])
@pytest.mark.parametrize("strings", ["view", "string", "large_string"])
@pytest.mark.parametrize("each", [False, True])
def test_pyarrow_reads_rows(layout, strings, each):
    table = table_of(EVENT, ROWS, layout=layout, strings=strings, each=each, timestamps="us")
    assert batch_of(table).to_pylist() == expected(table, ROWS)
    whole = pa.table(table)
    whole.validate(full=True)
    assert whole.to_pylist() == expected(table, ROWS)


@pytest.mark.parametrize("layout", ["flat", "nested"])
def test_random_trees(layout):
    @given(tables(layout))
    def check(drawn):
        table, rows = drawn
        batch = batch_of(table)
        assert batch.to_pylist() == expected(table, rows)
        assert pa.schema(table) == batch.schema

    check()


@pytest.mark.parametrize("layout", ["flat", "nested"])
def test_nanoarrow_finds_nothing_wrong(layout):
    na = pytest.importorskip("nanoarrow")
    table = table_of(EVENT, ROWS, layout=layout, strings="string", timestamps="us")
    array = na.c_array(table)
    assert array.view().n_children == na.Schema(table).n_fields == len(pa.schema(table))
    assert pa.record_batch(array).to_pylist() == expected(table, ROWS)
    if layout == "flat":  # nanoarrow prints no maps
        table = table_of(EVENT, ROWS, layout=layout, strings="string", timestamps="us")
        table.paths = ("id", "user.name", "user.age", "items.tags", "counts.value")
        assert na.Array(table).to_pylist() == expected(table, ROWS)


def test_flat_types_are_those_written_by_hand():
    schema = pa.schema(table_of(EVENT, ROWS))
    assert schema == pa.schema(
        {
            "id": pa.int64(),
            "user.name": pa.string_view(),
            "user.age": pa.uint32(),
            "items.price": pa.large_list(pa.float64()),
            "items.tags": pa.large_list(pa.large_list(pa.string_view())),
            "at": pa.timestamp("ns", "UTC"),
            "counts.key": pa.large_list(pa.string_view()),
            "counts.value": pa.large_list(pa.int32()),
            "kind": pa.int32(),
        }
    )


def test_nested_types_are_those_written_by_hand():
    options = {"strings": "string", "lists": "list", "unsigned": "signed", "enums": "name"}
    schema = pa.schema(table_of(EVENT, ROWS, layout="nested", timestamps="us", **options))
    item = pa.struct({"price": pa.float64(), "tags": pa.list_(pa.string())})
    assert schema == pa.schema(
        {
            "id": pa.int64(),
            "user": pa.struct({"name": pa.string(), "age": pa.int64()}),
            "items": pa.list_(item),
            "at": pa.timestamp("us", "UTC"),
            "counts": pa.map_(pa.string(), pa.int32()),
            "kind": pa.string(),
        }
    )


def one_column(kind, values, *, checked=True, **options):
    schema = StructType("", (ScalarType("x", kind, labels=LABELS, checked=checked),))
    return batch_of(table_of(schema, [{"x": value} for value in values], **options)).column(0)


def test_numbers_of_enums_without_a_name_become_digits():
    assert one_column("enum", [5, 99, -3], enums="name").to_pylist() == [LABELS[2][1], "99", "LESS"]


def test_numbers_of_wide_enums_have_names_too():
    assert one_column("uint32", [5, 2**32 - 1], enums="name").to_pylist()[1] == str(2**32 - 1)
    labels = ((0, "ZERO"), (2**64 - 1, "ALL"))
    schema = StructType("", (ScalarType("x", "uint64", labels=labels),))
    rows = [{"x": 2**64 - 1}, {"x": 0}, {"x": 2**63}]
    named = batch_of(table_of(schema, rows, enums="name")).column(0)
    assert named.to_pylist() == ["ALL", "ZERO", str(2**63)]
    everything = batch_of(table_of(schema, rows[:1], enums="name")).column(0)
    assert everything.to_pylist() == ["ALL"]


def test_narrow_numbers_are_narrow():
    values = {"int8": [-128, 127], "uint8": [0, 255], "int16": [-(2**15)], "uint16": [2**16 - 1]}
    for kind, numbers in values.items():
        column = one_column(kind, numbers)
        assert str(column.type) == kind and column.to_pylist() == numbers
    wider = {"uint8": "int16", "uint16": "int32", "int8": "int8", "int16": "int16"}
    for kind, signed in wider.items():
        column = one_column(kind, values[kind], unsigned="signed")
        assert str(column.type) == signed and column.to_pylist() == values[kind]


def test_signed_widens_32_bits_and_keeps_the_bits_of_64():
    assert one_column("uint32", [2**32 - 1], unsigned="signed").to_pylist() == [2**32 - 1]
    assert one_column("uint64", [2**64 - 1, 1], unsigned="signed").to_pylist() == [-1, 1]


@pytest.mark.parametrize(("strings", "named"), [("view", "binary_view"), ("string", "binary")])
def test_unverified_strings_are_bytes(strings, named):
    column = one_column("string", [b"\xff", b"\xfe" * 20], checked=False, strings=strings)
    assert str(column.type) == named and column.to_pylist() == [b"\xff", b"\xfe" * 20]


@pytest.mark.parametrize(
    ("unit", "value", "kept"),
    [
        ("s", (-1, 999_999_999), -1),
        ("ms", (-1, 1_999_999), -999),
        ("us", (1, 1_999), 1_000_001),
        ("ns", (-2, 5), -1_999_999_995),
    ],
)
def test_timestamps_are_cut_towards_the_past(unit, value, kept):
    schema = StructType("", (special("x", "timestamp"),))
    column = batch_of(table_of(schema, [{"x": value}], timestamps=unit)).column(0)
    assert column.type == pa.timestamp(unit, "UTC") and column.cast("int64").to_pylist() == [kept]


@pytest.mark.parametrize(
    ("unit", "value", "kept"),
    [("s", (-1, -999_999_999), -1), ("ms", (0, -1_999_999), -1), ("us", (1, 1_999), 1_000_001)],
)
def test_durations_are_cut_towards_zero(unit, value, kept):
    schema = StructType("", (special("x", "duration"),))
    column = batch_of(table_of(schema, [{"x": value}], timestamps=unit)).column(0)
    assert column.type == pa.duration(unit) and column.cast("int64").to_pylist() == [kept]


def test_a_time_beyond_nanoseconds_says_which_unit_does():
    schema = StructType("", (special("x", "timestamp"),))
    zero_of_go = {"x": (-62_135_596_800, 0)}
    with pytest.raises(ValueError, match="timestamps='us'"):
        pa.record_batch(table_of(schema, [{"x": (0, 0)}, zero_of_go]))
    column = batch_of(table_of(schema, [zero_of_go], timestamps="us")).column(0)
    assert column.to_pylist()[0].year == 1


def test_numbers_and_offsets_are_not_copied():
    table = table_of(
        StructType("", (ScalarType("x", "int64"), ListType("y", ScalarType("y", "float32")))),
        [{"x": 1, "y": [1.0]}],
    )
    batch = pa.record_batch(table)
    x, y = table.data.fields
    assert batch.column(0).buffers()[1].address == x.values.ctypes.data
    assert batch.column(1).buffers()[1].address == y.offsets.ctypes.data
    assert batch.column(1).buffers()[3].address == y.item.values.ctypes.data


def test_long_strings_are_not_copied_and_short_ones_keep_nothing():
    column = one_column("string", [LONG])
    assert len(column.buffers()) == 3
    assert one_column("string", ["short"]).buffers()[2:] == []


def test_a_column_exports_itself():
    table = table_of(EVENT, ROWS, timestamps="us")
    for path in table.paths:
        array = pa.array(Column(table, path))
        array.validate(full=True)
        assert array.to_pylist() == [row[path] for row in expected(table, ROWS)]
        assert pa.field(Column(table, path)).type == array.type


@pytest.mark.parametrize("layout", ["flat", "nested"])
def test_a_requested_schema_is_followed_where_values_stay(layout):
    table = table_of(EVENT, ROWS, layout=layout, timestamps="us")
    wanted = pa.schema(
        table_of(EVENT, ROWS, layout=layout, strings="string", lists="list", timestamps="ms")
    )
    _, array = table.__arrow_c_array__(wanted.__arrow_c_schema__())
    batch = pa.RecordBatch._import_from_c_capsule(wanted.__arrow_c_schema__(), array)
    batch.validate(full=True)
    assert batch.to_pylist() == expected(table, ROWS)
    assert pa.table(table, schema=wanted).schema == wanted


def test_a_requested_schema_of_other_values_is_not_followed():
    table = table_of(EVENT, ROWS)
    wanted = pa.schema({"id": pa.string(), "other": pa.int8(), "kind": pa.large_list(pa.int8())})
    schema, _ = table.__arrow_c_array__(wanted.__arrow_c_schema__())
    assert pa.schema(SchemaCapsule(schema)) == pa.schema(table)


class SchemaCapsule:
    def __init__(self, capsule):
        self.capsule = capsule

    def __arrow_c_schema__(self):
        return self.capsule


def test_a_schema_is_known_beforehand_and_pickles():
    table = table_of(EVENT, ROWS)
    schema = export.ArrowSchemaOf(EVENT, table.paths, table.arrow)
    assert pa.schema(schema) == batch_of(table).schema
    again = pickle.loads(pickle.dumps(schema))
    assert again == schema and hash(again) == hash(schema) and pa.schema(again) == pa.schema(table)
    assert schema != export.ArrowSchemaOf(EVENT, table.paths[1:], table.arrow)


def test_no_rows_and_no_columns():
    assert batch_of(table_of(EVENT, [])).num_rows == 0
    assert batch_of(table_of(EVENT, [], layout="nested")).num_rows == 0
    empty = Table(StructData(StructType("", ()), 3, ()), (), Sources((), np.zeros(1, "<i8")))
    assert pa.record_batch(empty).num_rows == 3


def test_a_wrong_path_is_named():
    with pytest.raises(KeyError, match=r"user\.nam"):
        pa.schema(export.ArrowSchemaOf(EVENT, ("user.nam",), ArrowOptions()))


def test_extensions_keep_their_name():
    level = ScalarType("level", "int32")
    schema = StructType("", (StructType("[pkg.ext]", (level,)), ScalarType("pkg", "bool")))
    table = table_of(schema, [{"[pkg.ext]": {"level": 3}, "pkg": True}])
    assert batch_of(table).to_pylist() == [{"[pkg.ext].level": 3, "pkg": True}]


def test_to_arrow():
    table = table_of(EVENT, ROWS)
    assert export.to_arrow(table).equals(pa.record_batch(table))
    assert export.to_arrow(Column(table, "id")).to_pylist() == [7, None, None]


def test_without_pyarrow_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match="pip install"):
        export.to_arrow(table_of(EVENT, ROWS))
