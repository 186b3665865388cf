"""`Columns` as a mapping, and what a column gives NumPy."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref

import numpy as np
import pytest
from column_trees import table

from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.columns import Columns
from tensorwire.columns.data import ScalarData, StructData
from tensorwire.columns.defaults import fill_defaults
from tensorwire.columns.errors import RowError
from tensorwire.columns.flatten import leaf_paths
from tensorwire.columns.join import concatenate, join_trees
from tensorwire.columns.paths import PathError
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import ListType, ScalarType, StructType
from tensorwire.errors import DecodeError

ID = ScalarType("id", "int64")
NAME = ScalarType("name", "string")
PRICE = ScalarType("price", "float64", nullable=True)
TAGS = ListType("tags", ScalarType("tags", "string"))
ITEM = StructType("items", (PRICE, TAGS))
COLOR = ScalarType("color", "enum", labels=((0, "RED"), (1, "BLUE")))
EVENT = StructType("", (ID, StructType("user", (NAME,)), ListType("items", ITEM), COLOR))

ROWS = [
    {
        "id": 1,
        "user": {"name": "Ann"},
        "items": [{"price": 1.5, "tags": ["a", "bc"]}, {"price": None, "tags": []}],
        "color": 1,
    },
    None,
    {"id": 3, "user": None, "items": [], "color": 0},
]


@pytest.fixture
def columns():
    return table(EVENT, ROWS)


def test_a_mapping_whose_length_is_rows(columns):
    paths = ["id", "user.name", "items.price", "items.tags", "color"]
    assert len(columns) == 3 and list(columns) == list(columns.keys()) == paths
    assert columns.paths == tuple(paths)
    assert "id" in columns and "user" not in columns and 3 not in columns
    assert columns["id"] is columns["id"] is columns.get("id") is dict(columns)["id"]
    assert columns.get("no") is None and columns.get("no", 3) == 3
    assert [column.path for column in columns.values()] == paths
    assert [path for path, _ in columns.items()] == paths
    assert columns == columns and columns != table(EVENT, ROWS)
    assert len({columns, columns}) == 1
    assert [len(column) for column in columns.values()] == [3] * 5


def test_an_unknown_path_lists_near_ones(columns):
    with pytest.raises(KeyError) as caught:
        columns["user.nme"]
    assert str(caught.value) == "no column 'user.nme'; near: 'user.name'"
    assert str(pickle.loads(pickle.dumps(caught.value)))


def test_paths_that_lead_to_no_column(columns):
    made = Columns(columns.data, ("items", "user.nam", "id.x"), columns.sources)
    with pytest.raises(PathError, match=r"'items' names a message, .*'items.price', 'items.tags'"):
        made["items"]
    with pytest.raises(PathError, match=r"no field .nam. in path .user\.nam.; near: .name."):
        made["user.nam"]
    with pytest.raises(PathError, match="there are no fields here"):
        made["id.x"]


def test_the_arrays_of_columns(columns):
    assert columns["id"].values.tolist() == [1, 0, 3]
    assert columns["id"].validity.tolist() == [True, False, True]
    assert columns["id"].offsets == columns["id"].list_validity == ()
    tags = columns["items.tags"]
    assert [level.tolist() for level in tags.offsets] == [[0, 2, 2, 2], [0, 2, 2]]
    assert tags.validity is None and tags.values["length"].tolist() == [1, 2]
    assert tags.list_validity[0].tolist() == [True, False, True] and tags.list_validity[1] is None
    assert tags.type is TAGS.item and tags.kind == "string" and tags.sources is columns.sources
    assert columns["color"].labels == {0: "RED", 1: "BLUE"} and tags.labels == {}


def test_lists(columns):
    assert columns["items.tags"].to_pylist() == [[["a", "bc"], []], None, []]
    assert list(columns["user.name"]) == ["Ann", None, None]
    assert columns.to_pylist()[1] == dict.fromkeys(columns)


def test_reprs(columns):
    assert repr(columns["id"]) == "<Column 'id' int64: 3 rows, 1 absent>"
    text = "<Column 'items.tags' list<list<string>>: 3 rows, 2 values>"
    assert repr(columns["items.tags"]) == text
    made = Columns(columns.data, columns.paths, columns.sources, [RowError(1, 0, "", "why")])
    shown = repr(made)
    assert shown.startswith("<Columns: 3 rows\n  id: int64\n  user.name: string\n")
    assert "items.price: list<float64>" in shown and shown.endswith("1 bad rows, see .errors>")
    many = StructType("", tuple(ScalarType(f"f{n}", "bool") for n in range(30)))
    wide = table(many, [])
    assert repr(wide).endswith("f19: bool\n  and 10 more>") and "<Columns: 0 rows" in repr(wide)


def test_numbers_that_are_all_there_are_not_copied():
    made = table(StructType("", (ID,)), [{"id": 1}, {"id": 2}])["id"]
    for array in (
        made.to_numpy(),
        made.to_numpy(fill=0),
        np.asarray(made),
        made.to_numpy(pad=True),
    ):
        assert np.shares_memory(array, made.values)
    assert not np.shares_memory(np.array(made), made.values)
    assert np.asarray(made, dtype="f4").dtype == np.float32
    with pytest.raises(ValueError, match="without being copied"):
        made.__array__("f4", copy=False)


def test_absent_numbers_need_a_fill(columns):
    with pytest.raises(ValueError, match=r"column 'id' has 1 absent of 3 values: pass fill="):
        columns["id"].to_numpy()
    assert columns["id"].to_numpy(fill=-1).tolist() == [1, -1, 3]
    made = columns["id"].to_numpy(fill=float("nan"))
    assert made.dtype == np.float64 and np.isnan(made[1])
    masked = columns["id"].to_numpy(fill=np.ma.masked)
    assert masked.tolist() == [1, None, 3]
    assert columns["user.name"].to_numpy().tolist() == ["Ann", None, None]
    assert columns["user.name"].to_numpy(fill="").tolist() == ["Ann", "", ""]


def test_a_fill_sets_the_dtype_whatever_is_absent():
    full = table(StructType("", (ID,)), [{"id": 1}])["id"]
    assert full.to_numpy(fill=float("nan")).dtype == np.float64
    small = table(StructType("", (ScalarType("x", "float32"),)), [{"x": 1.0}])["x"]
    assert small.to_numpy(fill=float("nan")).dtype == np.float32


def test_lists_of_arrays_are_views(columns):
    price = columns["items.price"]
    rows = price.to_numpy(fill=np.ma.masked)
    assert [row.tolist() for row in rows] == [[1.5, None], [], []]
    rows = price.to_numpy(fill=0)
    assert [row.tolist() for row in rows] == [[1.5, 0], [], []]
    counts = table(
        StructType("", (ListType("n", ScalarType("n", "int32")),)), [{"n": [1, 2]}, None]
    )
    views = counts["n"].to_numpy()
    assert np.shares_memory(views[0], counts["n"].values) and views[1] is None
    assert np.asarray(counts["n"]).tolist()[0].tolist() == [1, 2]


def test_padded(columns):
    made = columns["items.price"].to_numpy(fill=-1, pad=True)
    assert made.tolist() == [[1.5, -1], [-1, -1], [-1, -1]]
    tags = columns["items.tags"].to_numpy(fill="", pad=True)
    assert tags.shape == (3, 2, 2) and tags[0].tolist() == [["a", "bc"], ["", ""]]
    masked = columns["items.price"].to_numpy(fill=np.ma.masked, pad=True)
    assert masked.mask.tolist() == [[False, True], [True, True], [True, True]]
    counts = table(StructType("", (ListType("n", ScalarType("n", "int32")),)), [{"n": [1]}, None])
    assert counts.to_numpy(pad=True)["n"].tolist() == [[1], [0]]
    assert counts["n"].to_numpy(fill=np.nan, pad=True).dtype == np.float64
    none = table(StructType("", (ListType("n", ScalarType("n", "int32")),)), [])
    assert none["n"].to_numpy(pad=True).shape == (0, 0)


def test_lists_of_one_length_are_a_view():
    kind = StructType("", (ListType("n", ScalarType("n", "float32")),))
    column = table(kind, [{"n": [1, 2]}, {"n": [3, 4]}])["n"]
    made = column.to_numpy(pad=True)
    assert made.tolist() == [[1, 2], [3, 4]] and np.shares_memory(made, column.values)
    assert column.to_numpy(fill=np.ma.masked, pad=True).tolist() == [[1, 2], [3, 4]]


def test_arrays_with_gaps_are_read():
    base = table(StructType("", (NAME,)), [{"name": "a"}, {"name": "b"}, {"name": "c"}])
    (names,) = base.data.fields
    valid = np.array([True, True, False, True, True])[::2]
    thin = ScalarData(NAME, names.values[::-2], valid[:2])
    columns = Columns(StructData(base.data.type, 2, (thin,)), ("name",), base.sources)
    assert columns["name"].to_pylist() == columns.compact()["name"].to_pylist() == ["c", None]


def test_arrow_takes_columns(columns):
    pa = pytest.importorskip("pyarrow")
    assert columns.to_arrow().to_pylist() == columns.to_pylist()
    assert pa.table(columns).column_names == list(columns)
    assert pa.schema(columns).names == list(columns)
    for column in columns.values():
        assert column.to_arrow().to_pylist() == pa.array(column).to_pylist() == column.to_pylist()


def test_strings_that_nobody_checked():
    loose = StructType("", (ScalarType("s", "string", checked=False),))
    made = table(loose, [{"s": b"\xff"}, {"s": "é"}])["s"]
    assert made.to_pylist() == [b"\xff", "é"]
    strict = table(StructType("", (ScalarType("s", "string"),)), [{"s": b"\xff"}])["s"]
    with pytest.raises(DecodeError, match="not UTF-8"):
        strict.to_pylist()
    wrapped = StructType(
        "", (StructType("s", (ScalarType("value", "string", checked=False),), "wrapper"),)
    )
    assert table(wrapped, [{"s": {"value": b"\xff"}}])["s"].to_pylist() == [b"\xff"]


def test_compact_lets_the_input_go():
    class Held(bytearray):
        """A buffer that can be watched."""

    text = Held(b"Annabel")
    span = table(StructType("", (NAME,)), [{"name": "Ann"}])
    columns = Columns(span.data, span.paths, Sources.of([text]))
    watch = weakref.ref(text)
    own = columns.compact()
    assert own["name"].to_pylist() == columns["name"].to_pylist() == ["Ann"]
    del columns, text
    gc.collect()
    assert watch() is None and own["name"].to_pylist() == ["Ann"]
    assert bytes(own.sources.buffers[0]) == b"Ann"


def test_compact_copies_views_and_errors():
    wide = np.arange(1000, dtype="<i8")
    base = table(StructType("", (ID,)), [{"id": 0}])
    data = StructData(base.data.type, 2, (ScalarData(ID, wide[5:7]),))
    errors = (RowError(n, 0, "", "bad") for n in range(2))

    class Lazy:
        def __init__(self, made):
            self.made = list(made)

        def __len__(self):
            return len(self.made)

        def __getitem__(self, place):
            return self.made[place]

    columns = Columns(data, ("id",), base.sources, Lazy(errors))
    own = columns.compact()
    assert own.data.fields[0].values.base is None and own["id"].values.tolist() == [5, 6]
    assert own.errors == (RowError(0, 0, "", "bad"), RowError(1, 0, "", "bad"))
    assert pickle.loads(pickle.dumps(columns)).errors == own.errors


def test_pickles_out_of_band_without_a_copy(columns):
    buffers = []
    bare = pickle.dumps(columns.compact(), protocol=5, buffer_callback=buffers.append)
    assert len(buffers) > 5
    again = pickle.loads(bare, buffers=buffers)
    assert again.to_pylist() == columns.to_pylist()


def test_copies(columns):
    assert copy.copy(columns).to_pylist() == copy.deepcopy(columns).to_pylist()


def test_options_travel():
    spark = ArrowOptions.of("spark")
    made = table(EVENT, ROWS)
    made = Columns(made.data, made.paths, made.sources, (), spark)
    again = pickle.loads(pickle.dumps(made))
    assert again.arrow == spark and again["id"].arrow == spark


def test_row_errors():
    error = RowError(3, 4, "user.name", "not UTF-8")
    assert str(error) == "row 3: user.name: not UTF-8 at byte 4 (0x4)"
    assert str(RowError(0, 0, "", "cut")) == "row 0: cut at byte 0 (0x0)"
    assert pickle.loads(pickle.dumps(error)) == error and len({error, error}) == 1
    with pytest.raises(AttributeError):
        error.row = 4


def test_joining_counts_the_rows_of_errors():
    parts = [table(EVENT, ROWS) for _ in range(2)]
    parts = [Columns(p.data, p.paths, p.sources, [RowError(1, 0, "", "bad")]) for p in parts]
    assert [error.row for error in concatenate(parts).errors] == [1, 4]
    assert [error.row for error in concatenate(parts, records=[10, 5]).errors] == [1, 11]


def test_joining_what_shares_sources_holds_them_once():
    one = table(EVENT, ROWS)
    joined = concatenate([one, one])
    assert len(joined.sources.buffers) == len(one.sources.buffers)
    assert joined["user.name"].to_pylist() == ["Ann", None, None] * 2
    assert concatenate([one]) is one


def test_what_does_not_join():
    one = table(EVENT, ROWS)
    with pytest.raises(ValueError, match="no columns"):
        concatenate([])
    with pytest.raises(ValueError, match="no columns"):
        join_trees([])
    with pytest.raises(ValueError, match="different paths"):
        concatenate([one, Columns(one.data, ("id",), one.sources)])
    other = table(StructType("", (ID,)), [])
    with pytest.raises(ValueError, match="different types"):
        join_trees([(one.data, one.sources), (other.data, other.sources)])


def test_defaults():
    fields = (
        ScalarType("n", "int32", True, 7),
        ScalarType("s", "string", True, "dé"),
        ScalarType("b", "bytes", True, b"\x00\xff"),
        ScalarType("e", "string", True),
    )
    made = table(StructType("", fields), [dict.fromkeys("nsbe"), None])
    data, sources = fill_defaults(made.data, made.sources)
    filled = Columns(data, made.paths, sources)
    assert filled.to_pylist()[0] == {"n": 7, "s": "dé", "b": b"\x00\xff", "e": ""}
    assert filled.to_pylist()[1] == dict.fromkeys("nsbe")
    assert sources.buffers[-1] == "dé".encode() + b"\x00\xff"
    full = table(StructType("", fields[:1]), [{"n": 1}])
    assert fill_defaults(full.data, full.sources)[1] is full.sources


def test_leaf_paths():
    times = StructType("t", (ScalarType("seconds", "int64"),), "timestamp")
    kind = StructType("", (*EVENT.fields, times, ListType("[a.b]", times)))
    paths = ("id", "user.name", "items.price", "items.tags", "color", "t", "[a.b]")
    assert leaf_paths(kind) == paths


def test_many_threads_read_one(columns):
    found = []

    def read():
        found.append([columns[path].to_pylist() for path in columns])

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(one == found[0] for one in found)
