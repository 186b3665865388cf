"""Columns in other libraries than pyarrow, streams of them, and who frees their memory."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import weakref

import numpy as np
import pytest
from arrow_trees import EVENT, LABELS, LONG, ROWS, Table, table_of

from tensorwire.columns.arrow import export
from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.data import ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import ScalarType, StructType

pa = pytest.importorskip("pyarrow")


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
    pd = pytest.importorskip("pandas", minversion="3.0")
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

    reader = pa.RecordBatchReader.from_stream(stream_of(made()))
    with pytest.raises(OSError, match="Mute"):
        reader.read_next_batch()


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
