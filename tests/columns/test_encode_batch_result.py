"""The column that encoding gives; round trips, Arrow, threads and size."""

import os
import pickle

import encode_orders
import numpy as np
import pytest
from encode_orders import Given, check, encoded, tree

from tensorwire import proto
from tensorwire.columns.binary import BinaryColumn
from tensorwire.columns.data import ScalarData
from tensorwire.columns.types import ScalarType

NIGHTLY = os.environ.get("TENSORWIRE_NIGHTLY", "") not in ("", "0")


@pytest.fixture(scope="module")
def kinds():
    return encode_orders.orders()


# -- the result ------------------------------------------------------------------------------------


def test_the_result(kinds):
    valid = np.array([True, False, True])
    numbers = ScalarData(ScalarType("id", "int64"), np.array([1, 2, 300]))
    found = proto.encode_batch(Given(tree(numbers, length=3, valid=valid)), kinds.Order)
    assert isinstance(found, BinaryColumn)
    assert len(found) == 3 and found.nbytes == 5
    assert list(found) == [b"\x08\x01", None, b"\x08\xac\x02"]
    assert found[-1] == b"\x08\xac\x02" and found[1] is None and found[np.int64(0)] == b"\x08\x01"
    assert found.offsets.tolist() == [0, 2, 2, 5] and found.offsets.dtype == np.int64
    assert found.validity.tolist() == [True, False, True]
    assert found.data.dtype == np.uint8 and not found.data.flags.writeable
    assert repr(found) == "<BinaryColumn: 3 rows, 5 bytes, 1 absent>"
    assert pickle.loads(pickle.dumps(found)).to_pylist() == found.to_pylist()
    with pytest.raises(IndexError, match="row 3 of 3"):
        found[3]
    with pytest.raises(IndexError, match="row -4 of 3"):
        found[-4]
    with pytest.raises(TypeError):
        found["id"]


def test_the_result_is_arrow(kinds):
    pa = pytest.importorskip("pyarrow")
    pl = pytest.importorskip("polars")
    valid = np.array([True, False])
    numbers = ScalarData(ScalarType("id", "int64"), np.array([1, 2]))
    found = proto.encode_batch(Given(tree(numbers, length=2, valid=valid)), kinds.Order)
    array = pa.array(found)
    assert array.type == pa.large_binary() and array.to_pylist() == [b"\x08\x01", None]
    short = pa.array(found, type=pa.binary())
    short.validate(full=True)
    assert short.type == pa.binary() and short.to_pylist() == array.to_pylist()
    assert found.to_arrow().equals(array)
    assert pl.Series(found).to_list() == [b"\x08\x01", None]
    del found
    array.validate(full=True)


def test_no_rows(kinds):
    found = proto.encode_batch({"id": []}, kinds.Order)
    assert len(found) == 0 and found.to_pylist() == [] and found.offsets.tolist() == [0]
    assert proto.encode_batch(Given(tree(length=0)), kinds.Order).to_pylist() == []


def test_columns_are_not_changed(kinds):
    values = np.array([1, 2])
    values.setflags(write=False)
    proto.encode_batch({"id": values}, kinds.Order)
    assert values.tolist() == [1, 2]


# -- round trips -----------------------------------------------------------------------------------


def rows_of(kinds):
    user = kinds.User(name="u", tags=["a", ""], boss=kinds.User(age=3))
    orders = [
        kinds.Order(id=5, name="x" * 40, user=user, counts={"a": 1}, card=0, color=-1),
        kinds.Order(items=[kinds.Item(price=1, codes=[1, 2]), kinds.Item(by=user)], opt=0),
        kinds.Order(deltas=[1, -1], blob=b"\xff", users={4: user}, friend=kinds.User()),
        kinds.Order(),
    ]
    orders[0].at.GetCurrentTime()
    orders[1].took.FromMilliseconds(-1)
    orders[1].wrapped.value = 0
    orders[2].wrapped.SetInParent()
    orders[2].times.add().seconds = 5
    return [*encoded(*orders), None]


def test_what_was_decoded(kinds):
    rows = rows_of(kinds)
    columns = proto.decode_batch(rows, kinds.Order, depth=3)
    assert proto.encode_batch(columns, kinds.Order).to_pylist() == rows
    flat = dict(columns.items())
    assert proto.encode_batch(flat, kinds.Order).to_pylist() == [*rows[:-1], b""]


@pytest.mark.parametrize("options", [{}, {"layout": "nested"}, {"enums": "name"},
                                     {"arrow": "spark", "timestamps": "ns"}])  # fmt: skip
def test_what_was_decoded_by_way_of_arrow(kinds, options):
    pa = pytest.importorskip("pyarrow")
    rows = rows_of(kinds)
    columns = proto.decode_batch(rows, kinds.Order, depth=3, **options)
    found = proto.encode_batch(pa.table(columns), kinds.Order).to_pylist()
    assert found == [*rows[:-1], b""] or options.get("layout") == "nested"
    batch = pa.record_batch(columns)
    if options.get("layout") == "nested":
        assert proto.encode_batch(batch.to_struct_array(), kinds.Order)[0] == rows[0]


def test_arrow_tables_and_columns(kinds):
    pa = pytest.importorskip("pyarrow")
    pl = pytest.importorskip("polars")
    want = [kinds.Order(id=1, user=kinds.User(name="a"), counts={"k": 2}), kinds.Order(deltas=[5])]
    ints = pa.chunked_array([pa.array([1], pa.int8()), pa.array([None], pa.int8())])
    counts = pa.array([[("k", 2)], []], pa.map_(pa.string(), pa.int32()))
    table = pa.table({"id": ints, "user.name": ["a", None], "counts": counts,
                      "deltas": pa.array([None, [5]])})  # fmt: skip
    check(table, kinds, *want)
    check({"id": pl.Series([1, None]), "user.name": pa.array(["a", None]).dictionary_encode(),
           "counts": counts, "deltas": pl.Series([None, [5]])}, kinds, *want)  # fmt: skip
    users = pa.array([{"name": "a"}, None])
    check(pa.record_batch({"user": users}), kinds, kinds.Order(user=kinds.User(name="a")),
          kinds.Order())  # fmt: skip
    check(pa.array([{"id": 1}, None]), kinds, kinds.Order(id=1), None)
    check(pl.DataFrame({"id": [4]}), kinds, kinds.Order(id=4))


def test_pandas(kinds):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"id": [1, 2], "name": ["a", "b"]})
    check(frame, kinds, kinds.Order(id=1, name="a"), kinds.Order(id=2, name="b"))


# -- threads and size ------------------------------------------------------------------------------


def test_any_number_of_threads_gives_the_same(kinds):
    count = 20_000
    rng = np.random.default_rng(3)
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 4, count))])
    columns = {
        "id": rng.integers(-(2**63), 2**63 - 1, count),
        "name": [f"row {i}" for i in range(count)],
        "items.price": (rng.random(offsets[-1]), offsets),
    }
    one = proto.encode_batch(columns, kinds.Order, threads=1)
    for threads in (2, 3, 8, None):
        other = proto.encode_batch(columns, kinds.Order, threads=threads)
        assert np.array_equal(one.data, other.data)
        assert np.array_equal(one.offsets, other.offsets)
    for row in (0, 4095, 4096, count - 1):
        start, stop = offsets[row : row + 2]
        items = [kinds.Item(price=one) for one in columns["items.price"][0][start:stop]]
        want = kinds.Order(id=int(columns["id"][row]), name=f"row {row}", items=items)
        assert one[row] == want.SerializeToString()


def test_more_than_4_gib_in_all(kinds):
    rows, size = 4200, 1 << 20
    if not (NIGHTLY and enough_memory(3 * rows * size)):
        pytest.skip("takes a minute and 9 GiB: with TENSORWIRE_NIGHTLY=1 only")
    spans = np.zeros(rows, [("start", "<i8"), ("length", "<i8")])
    spans["length"] = size
    data = tree(ScalarData(ScalarType("blob", "bytes"), spans), length=rows)
    found = proto.encode_batch(Given(data, [bytes(size)]), kinds.Order)
    assert found.nbytes == rows * (size + 4) > 2**32
    assert found[rows - 1] == kinds.Order(blob=bytes(size)).SerializeToString()


def enough_memory(wanted):
    with open("/proc/meminfo", encoding="ascii") as lines:
        free = next(line for line in lines if line.startswith("MemAvailable"))
    return int(free.split()[1]) * 1024 > wanted


def test_rows_of_a_megabyte_and_tiny_ones(kinds):
    names = ["é" * 500_000, None, "a"] * 5 + ["b"] * 200
    check({"name": names}, kinds, *[kinds.Order(name=one) for one in names], threads=2)


def test_one_large_row_among_tiny_ones(kinds):
    for at in (0, 70, 150):
        names = ["a"] * 200
        names[at] = "b" * 5_000_000
        check({"name": names}, kinds, *[kinds.Order(name=one) for one in names])


def test_long_runs_and_long_strings(kinds):
    numbers = np.arange(-5000, 5000, dtype=np.int32) * 1000
    check({"deltas": (numbers, [0, 10_000]), "name": ["é" * 100_000]}, kinds,
          kinds.Order(deltas=numbers.tolist(), name="é" * 100_000))  # fmt: skip
