"""Trees of columns as Arrow: what other libraries read in them, whatever tree it is."""

from __future__ import annotations

import ctypes
import gc
import pickle
import sys
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given

from arrow_trees import LABELS, Column, Table, expected, special, table_of, tables
from tensorwire.columns.arrow import export
from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.data import ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import ListType, ScalarType, StructType

pa = pytest.importorskip("pyarrow")

USER = StructType("user", (ScalarType("name", "string"), ScalarType("age", "uint32", True)))
ITEM = StructType(
    "items", (ScalarType("price", "float64"), ListType("tags", ScalarType("tags", "string")))
)
EVENT = StructType(
    "",
    (
        ScalarType("id", "int64", True),
        USER,
        ListType("items", ITEM),
        special("at", "timestamp"),
        ListType(
            "counts",
            StructType("counts", (ScalarType("key", "string"), ScalarType("value", "int32"))),
            is_map=True,
        ),
        ScalarType("kind", "enum", labels=LABELS),
    ),
)
LONG = "a string of more than twelve bytes"
ROWS = [
    {
        "id": 7,
        "user": {"name": "Ann", "age": None},
        "items": [{"price": 1.5, "tags": ["a", LONG]}, {"price": 2.5, "tags": []}],
        "at": (1, 500_000_000),
        "counts": [("x", 1), (LONG, 2)],
        "kind": 5,
    },
    None,
    {"id": None, "user": None, "items": [], "at": None, "counts": [], "kind": 99},
]


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


def test_signed_widens_32_bits_and_keeps_the_bits_of_64():
    assert one_column("uint32", [2**32 - 1], unsigned="signed").to_pylist() == [2**32 - 1]
    assert one_column("uint64", [2**64 - 1, 1], unsigned="signed").to_pylist() == [-1, 1]


@pytest.mark.parametrize(("strings", "type"), [("view", "binary_view"), ("string", "binary")])
def test_unverified_strings_are_bytes(strings, type):
    column = one_column("string", [b"\xff", b"\xfe" * 20], checked=False, strings=strings)
    assert str(column.type) == type and column.to_pylist() == [b"\xff", b"\xfe" * 20]


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
    schema = StructType("", (StructType("[pkg.ext]", (level,)), ScalarType("[pkg", "bool")))
    table = table_of(schema, [{"[pkg.ext]": {"level": 3}, "[pkg": True}])
    assert batch_of(table).to_pylist() == [{"[pkg.ext].level": 3, "[pkg": True}]


# Consumers that are not pyarrow.


@pytest.mark.parametrize("layout", ["flat", "nested"])
def test_polars(layout):
    pl = pytest.importorskip("polars")
    table = table_of(EVENT, ROWS, layout=layout)
    frame = pl.DataFrame(table)
    assert frame.columns == pa.schema(table).names
    assert frame["id"].to_list() == [7, None, None]
    assert frame["kind"].to_list() == [5, None, 99]
    if layout == "flat":
        assert frame["items.tags"].to_list() == [[["a", LONG], []], None, []]
        assert frame["user.name"].to_list() == ["Ann", None, None]
    else:
        assert frame["user"].struct.field("name").to_list() == ["Ann", None, None]


@pytest.mark.parametrize("enums", ["int", "name"])
@pytest.mark.parametrize("strings", ["view", "string"])
def test_duckdb(strings, enums):
    duckdb = pytest.importorskip("duckdb")
    columns = table_of(EVENT, ROWS, strings=strings, enums=enums)
    found = duckdb.sql('select id, "user.name", "counts.key", kind from columns').fetchall()
    named = [LABELS[2][1], "99"] if enums == "name" else [5, 99]
    assert found == [
        (7, "Ann", ["x", LONG], named[0]),
        (None, None, None, None),
        (None, None, [], named[1]),
    ]
    assert columns.paths[0] == "id"


def test_duckdb_nested():
    duckdb = pytest.importorskip("duckdb")
    columns = table_of(EVENT, ROWS, layout="nested")
    found = duckdb.sql('select "user".name, len(items), counts[$$x$$] from columns').fetchall()
    assert found == [("Ann", 2, 1), (None, None, None), (None, 0, None)]
    assert columns.paths[0] == "id"


def test_pandas():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame.from_arrow(table_of(EVENT, ROWS, strings="large_string"))
    assert frame["user.name"].iloc[0] == "Ann"
    assert frame["kind"].isna().tolist() == [False, True, False]
    assert list(frame["items.price"].iloc[0]) == [1.5, 2.5]


# Streams.


def stream_of(tables, schema=EVENT):
    paths = table_of(schema, []).paths

    class Stream:
        def __arrow_c_stream__(self, requested_schema=None):
            return export.stream_capsule(tables, schema, paths, ArrowOptions(), requested_schema)

    return Stream()


def test_a_stream_asks_for_one_table_after_the_other():
    asked = []

    def made():
        for n in range(3):
            asked.append(n)
            yield table_of(EVENT, ROWS)

    reader = pa.RecordBatchReader.from_stream(stream_of(made()))
    assert asked == [] and reader.schema == pa.schema(table_of(EVENT, ROWS))
    assert reader.read_next_batch().num_rows == 3 and asked == [0]
    assert reader.read_all().num_rows == 6 and asked == [0, 1, 2]


def test_an_empty_stream_has_a_schema():
    assert pa.table(stream_of([])).schema == pa.schema(table_of(EVENT, []))


@pytest.mark.parametrize(("error", "raised"), [(ValueError, ValueError), (RuntimeError, OSError)])
def test_an_error_of_the_iterator_reaches_the_consumer_each_time(error, raised):
    def made():
        yield table_of(EVENT, ROWS)
        raise error("row 7 is broken")

    reader = pa.RecordBatchReader.from_stream(stream_of(made()))
    assert reader.read_next_batch().num_rows == 3
    for _ in range(2):
        with pytest.raises(raised, match=f"{error.__name__}: row 7 is broken"):
            reader.read_next_batch()


def test_an_error_without_a_text_is_an_error_still():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def made():
        raise Mute
        yield

    # What is raised while the text is made has nowhere to go but sys.unraisablehook.
    hook, sys.unraisablehook = sys.unraisablehook, lambda args: None
    try:
        reader = pa.RecordBatchReader.from_stream(stream_of(made()))
        with pytest.raises(OSError):
            reader.read_next_batch()
    finally:
        sys.unraisablehook = hook


def test_a_stream_that_is_left_lets_its_iterator_go():
    closed = []

    def made():
        try:
            while True:
                yield table_of(EVENT, ROWS)
        finally:
            closed.append(True)

    reader = pa.RecordBatchReader.from_stream(stream_of(made()))
    reader.read_next_batch()
    del reader
    gc.collect()
    assert closed == [True]


# Memory.


class Memory(bytearray):
    """Memory that a weak reference can point to."""


def watched():
    memory = Memory(np.arange(5, dtype="<i8").tobytes())
    values = np.frombuffer(memory, "<i8")
    schema = StructType("", (ScalarType("x", "int64"),))
    data = StructData(schema, 5, (ScalarData(schema.fields[0], values),))
    table = Table(data, ("x",), Sources((), np.zeros(1, "<i8")))
    return table, weakref.ref(memory)


def test_capsules_that_nobody_takes_free_what_they_hold():
    table, alive = watched()
    capsules = table.__arrow_c_array__(), table.__arrow_c_stream__(), table.__arrow_c_schema__()
    del table
    gc.collect()
    assert alive() is not None
    del capsules
    gc.collect()
    assert alive() is None


def test_buffers_live_as_long_as_the_last_consumer():
    table, alive = watched()
    batch = pa.record_batch(table)
    column = batch.column(0)
    part = column[1:3]
    del table, batch, column
    gc.collect()
    assert alive() is not None and part.to_pylist() == [1, 2]
    del part
    gc.collect()
    assert alive() is None


class ArrowArray(ctypes.Structure):
    """CDataInterface.html, "Structure definitions"."""


ArrowArray._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "nulls", "offset", "n_buffers", "n_children")),
    ("buffers", ctypes.c_void_p),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowArray))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowArray))),
    ("private_data", ctypes.c_void_p),
]


def test_a_child_that_was_moved_out_is_released_on_its_own():
    table, alive = watched()
    schema, capsule = table.__arrow_c_array__()
    del table
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    parent = ArrowArray.from_address(pointer(capsule, b"arrow_array"))
    child = parent.children[0][0]
    moved = ArrowArray.from_buffer_copy(child)
    ctypes.memset(ctypes.addressof(child) + ArrowArray.release.offset, 0, 8)
    del parent, child, capsule, schema
    gc.collect()
    assert alive() is not None and moved.length == 5
    moved.release(moved)
    assert not moved.release
    gc.collect()
    assert alive() is None


def test_the_last_consumer_may_be_in_another_thread():
    table, alive = watched()
    held = [pa.record_batch(table)]
    del table
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    gc.collect()
    assert alive() is None


def test_nothing_is_left_behind():
    table = table_of(EVENT, ROWS)
    source = table.sources.buffers[0]
    before = sys.getrefcount(source)
    for _ in range(20):
        pa.table(table).to_pylist()
        table.__arrow_c_array__()
        table.__arrow_c_stream__()
    gc.collect()
    assert sys.getrefcount(source) == before


def test_to_arrow():
    table = table_of(EVENT, ROWS)
    assert export.to_arrow(table).equals(pa.record_batch(table))
    assert export.to_arrow(Column(table, "id")).to_pylist() == [7, None, None]


def test_without_pyarrow_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match="pip install"):
        export.to_arrow(table_of(EVENT, ROWS))
