"""Columns as users hold them become what upstream makes of the same values."""

import datetime as dt
import decimal
import math
import os

import encode_orders
import numpy as np
import pytest
from encode_orders import Given, check, tree

from tensorwire import proto
from tensorwire.columns.data import ListData, ScalarData
from tensorwire.columns.types import ListType, ScalarType

NIGHTLY = os.environ.get("TENSORWIRE_NIGHTLY", "") not in ("", "0")
UTC = dt.timezone.utc


@pytest.fixture(scope="module")
def kinds():
    return encode_orders.orders()


# -- kinds of columns ------------------------------------------------------------------------------


def test_arrays_and_lists(kinds):
    columns = {
        "id": np.array([1, 0, -5]),
        "name": ["a", None, "hé"],
        "blob": [b"\0", b"", bytearray(b"xy")],
        "real": np.array([0.5, -0.0, 0.0], np.float64),
        "ok": [True, False, None],
        "small": np.array([7, 0, 2**32 - 1], np.uint64),
    }
    order = kinds.Order
    check(
        columns, kinds,
        order(id=1, name="a", blob=b"\0", real=0.5, ok=True, small=7),
        order(real=-0.0),
        order(id=-5, name="hé", blob=b"xy", small=2**32 - 1),
    )  # fmt: skip


def test_values_that_equal_the_default_are_not_written_unless_they_have_presence(kinds):
    columns = {"id": [0, 0], "opt": [0, None], "card": [0, None], "real": [0.0, -0.0]}
    found = check(columns, kinds, kinds.Order(opt=0, card=0), kinds.Order(real=-0.0))
    assert found[0] == b"\x30\x00\x40\x00"


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"])
def test_integers_of_any_width(kinds, dtype):
    values = np.array([0, 1, 1], dtype)
    names = ("id", "small", "opt", "real", "wide", "color")
    orders = [
        kinds.Order(id=one, small=one, opt=one, real=one, wide=one, color=one) for one in (0, 1, 1)
    ]
    check(dict.fromkeys(names, values), kinds, *orders)


@pytest.mark.parametrize("order", [">", "<"])
def test_either_order_of_bytes_and_any_strides(kinds, order):
    values = np.array([[1, 9], [2, 9], [3, 9]], f"{order}i8")[:, 0]
    check({"id": values, "wide": values.astype(f"{order}f8")[::-1]}, kinds,
          *[kinds.Order(id=a, wide=4 - a) for a in (1, 2, 3)])  # fmt: skip


def test_masked_arrays(kinds):
    values = np.ma.MaskedArray([1, 2, 3], mask=[False, True, False])
    check({"opt": values}, kinds, kinds.Order(opt=1), kinds.Order(), kinds.Order(opt=3))


def test_arrays_of_objects_and_of_strings(kinds):
    check({"name": np.array(["a", None], object)}, kinds, kinds.Order(name="a"), kinds.Order())
    check({"name": np.array(["a", "bé"])}, kinds, kinds.Order(name="a"), kinds.Order(name="bé"))
    check({"blob": np.array([b"a", b"bc"])}, kinds, kinds.Order(blob=b"a"), kinds.Order(blob=b"bc"))


def test_repeated_fields(kinds):
    want = [kinds.Order(deltas=[1, -2]), kinds.Order(), kinds.Order(deltas=[300])]
    check({"deltas": [[1, -2], [], [300]]}, kinds, *want)
    check({"deltas": [np.array([1, -2]), None, (300,)]}, kinds, *want)
    check({"deltas": (np.array([1, -2, 300]), np.array([0, 2, 2, 3]))}, kinds, *want)
    check({"deltas": ([1, -2, 300], [0, 2, 2, 3])}, kinds, *want)
    check({"deltas": np.array([[1, 2], [3, 4]])}, kinds,
          kinds.Order(deltas=[1, 2]), kinds.Order(deltas=[3, 4]))  # fmt: skip
    check({"deltas": np.zeros((2, 0), "i4")}, kinds, kinds.Order(), kinds.Order())


def test_messages_in_lists(kinds):
    item = kinds.Item
    want = [
        kinds.Order(items=[item(price=1.5, label="a"), item(label="b", codes=[1, 2])]),
        kinds.Order(),
        kinds.Order(items=[item(price=2, codes=[3])]),
    ]
    offsets = np.array([0, 2, 2, 3])
    check({
        "items.price": (np.array([1.5, 0, 2]), offsets),
        "items.label": [["a", "b"], [], [""]],
        "items.codes": ([1, 2, 3], (offsets, np.array([0, 0, 2, 3]))),
    }, kinds, *want)  # fmt: skip
    check({"items.codes": [[[], [1, 2]], None, [[3]]],
           "items.label": (["a", "b", None], offsets),
           "items.price": [[1.5, None], [], [2]]}, kinds, *want)  # fmt: skip


def test_maps(kinds):
    want = [kinds.Order(counts={"a": 1}), kinds.Order(), kinds.Order(counts={"": 0})]
    check({"counts": [{"a": 1}, {}, {"": None}]}, kinds, *want)
    offsets = [0, 1, 1, 2]
    check({"counts.key": (["a", ""], offsets), "counts.value": ([1, 0], offsets)}, kinds, *want)
    key_only = proto.encode_batch({"counts.key": [["k"]]}, kinds.Order)
    assert kinds.Order.FromString(key_only[0]).counts == {"k": 0}
    users = {"users.key": [[3, 1]], "users.value.name": [["x", None]]}
    found = kinds.Order.FromString(proto.encode_batch(users, kinds.Order)[0]).users
    assert {number: user.name for number, user in found.items()} == {1: "", 3: "x"}


def test_the_order_of_a_map_stays(kinds):
    found = proto.encode_batch({"counts": [{"b": 1, "a": 2}]}, kinds.Order)[0]
    assert found.index(b"b") < found.index(b"a")


def test_timestamps_durations_and_wrappers(kinds):
    moment = np.array(["1969-12-31T23:59:59.25", "NaT", "2024-05-06T07:08:09.000000001"], "M8[ns]")
    span = np.array([-1_500_000_000, 0, 2_000_000_001], "m8[ns]")
    found = proto.encode_batch({"at": moment, "took": span, "wrapped": [0, None, 5]}, kinds.Order)
    first, second, third = map(kinds.Order.FromString, found)
    assert (first.at.seconds, first.at.nanos) == (-1, 250_000_000)
    assert (first.took.seconds, first.took.nanos) == (-1, -500_000_000)
    assert first.HasField("wrapped") and first.wrapped.value == 0
    assert not second.HasField("at") and second.HasField("took") and not second.HasField("wrapped")
    assert third.at.ToNanoseconds() == moment[2].astype("i8")
    assert (third.took.seconds, third.took.nanos, third.wrapped.value) == (2, 1, 5)


@pytest.mark.parametrize("unit", ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "25s"])
def test_times_in_any_unit(kinds, unit):
    times = np.array([10, -3], f"M8[{unit}]")
    found = [kinds.Order.FromString(one) for one in proto.encode_batch({"at": times}, kinds.Order)]
    exact = times.astype("M8[ms]").astype("i8")
    if unit in ("us", "ns"):
        exact = [0, -1]
    assert [one.at.seconds * 1000 + one.at.nanos // 10**6 for one in found] == list(exact)


def test_times_of_python(kinds):
    zone = dt.timezone(dt.timedelta(hours=2))
    moments = [dt.datetime(2024, 1, 2, 3, 4, 5, 6), None,
               dt.datetime(2024, 1, 2, 5, 4, 5, 6, tzinfo=zone)]  # fmt: skip
    spans = [dt.timedelta(seconds=-1, microseconds=-5), None, dt.timedelta(0)]
    found = proto.encode_batch({"at": moments, "took": spans}, kinds.Order)
    first, second, third = map(kinds.Order.FromString, found)
    assert first.at == third.at
    assert first.at.ToDatetime(tzinfo=UTC) == moments[0].replace(tzinfo=UTC)
    assert first.took.ToTimedelta() == spans[0]
    assert second == kinds.Order() and third.HasField("took")
    assert len(proto.encode_batch({"at": [None]}, kinds.Order)[0]) == 0
    times = proto.encode_batch({"times": [[moments[0]], []]}, kinds.Order)
    assert kinds.Order.FromString(times[0]).times[0] == first.at


def test_enums_by_name_and_number(kinds):
    want = [kinds.Order(color="GREEN"), kinds.Order(), kinds.Order(color="BLUE")]
    check({"color": ["GREEN", None, "BLUE"]}, kinds, *want)
    check({"color": [5, 0, -1]}, kinds, *want)
    check({"color": np.array([77])}, kinds, kinds.Order(color=77))  # open
    mixed = [kinds.Order(color="GREEN"), kinds.Order(color=77), kinds.Order(color=-(2**31))]
    check({"color": ["GREEN", 77, "-2147483648"]}, kinds, *mixed)


def test_large_numbers_of_python(kinds):
    check({"id": [2**63 - 1, -(2**63)], "wide": [2**70, math.inf]}, kinds,
          kinds.Order(id=2**63 - 1, wide=2.0**70),
          kinds.Order(id=-(2**63), wide=math.inf))  # fmt: skip


def test_floats_beyond_a_float_field_are_infinite_as_upstream_has_it(kinds):
    check({"real": np.array([1e300, -1e300, 1e-300])}, kinds,
          *[kinds.Order(real=one) for one in (1e300, -1e300, 1e-300)])  # fmt: skip


# -- what is there ---------------------------------------------------------------------------------


def test_a_message_is_written_where_any_column_below_it_has_something(kinds):
    columns = {
        "user.name": ["a", None, "", None],
        "user.tags": [None, ["t"], None, None],
        "user.boss.age": [None, None, None, None],
    }
    user = kinds.User
    check(columns, kinds, kinds.Order(user=user(name="a")), kinds.Order(user=user(tags=["t"])),
          kinds.Order(user=user()), kinds.Order())  # fmt: skip


def test_a_list_that_is_there_but_empty(kinds):
    there = kinds.Order(user=kinds.User())
    check({"user.tags": [[], None]}, kinds, there, kinds.Order())
    check({"user.tags": [[]], "user.name": [None]}, kinds, there)
    check({"user.tags": ([], [0, 0])}, kinds, there)


def test_two_levels_of_messages(kinds):
    check({"user.boss.name": ["x", None]}, kinds,
          kinds.Order(user=kinds.User(boss=kinds.User(name="x"))), kinds.Order())  # fmt: skip


def test_trees_by_hand(kinds):
    spans = np.array([(0, 2), (3, 1), (0, 0)], [("start", "<i8"), ("length", "<i8")])
    numbers = ScalarData(ScalarType("id", "int64"), np.array([7, 8, 9]))
    names = ScalarData(ScalarType("name", "string"), spans)
    user = tree(names, length=3, valid=np.array([True, False, True]), name="user")
    item = tree(ScalarData(ScalarType("label", "string"), spans[::-1]), length=3, name="items")
    items = ListData(ListType("items", item.type), np.array([0, 0, 3, 3]), item)
    data = tree(items, user, numbers, length=3, valid=np.array([True, True, False]))
    check(Given(data, [b"abc", b"d"]), kinds,
          kinds.Order(id=7, user=kinds.User(name="ab")),
          kinds.Order(id=8, items=[kinds.Item(), kinds.Item(label="d"), kinds.Item(label="ab")]),
          None)  # fmt: skip


def test_messages_without_columns(kinds):
    empty = tree(length=2, valid=np.array([True, False]), name="user")
    check(Given(tree(empty, length=2)), kinds, kinds.Order(user=kinds.User()), kinds.Order())
    check(Given(tree(length=2)), kinds, kinds.Order(), kinds.Order())


def test_paths_choose(kinds):
    columns = {"id": [1], "user.name": ["a"], "user.age": [3], "items.price": [[1.0]]}
    order, user = kinds.Order, kinds.User
    check(columns, kinds, order(id=1), paths=["id"])
    check(columns, kinds, order(user=user(name="a", age=3)), paths=["user"])
    check(columns, kinds, order(user=user(age=3), id=1), paths=["user.age", "id"])
    check(columns, kinds, order(user=user(name="a", age=3)), paths=["user.age", "user"])
    with pytest.raises(KeyError, match="no field 'nam'"):
        proto.encode_batch(columns, kinds.Order, ["user.nam"])
    with pytest.raises(TypeError, match="paths is a list of paths"):
        proto.encode_batch(columns, kinds.Order, "id")


def test_one_message_per_oneof(kinds):
    columns = {"card": [1, None, None], "cash": [None, "x", None], "friend.age": [None, None, 5]}
    check(columns, kinds, kinds.Order(card=1), kinds.Order(cash="x"),
          kinds.Order(friend=kinds.User(age=5)))  # fmt: skip


# -- proto2 ----------------------------------------------------------------------------------------


def test_groups_extensions_and_packed_runs():
    kinds = encode_orders.legacy()
    columns = {
        "must": [1, 2],
        "pair.left": [3, None],
        "pair.right": [[4, 5, 600], None],
        "[legacy_orders.extra]": [None, 9],
        "[legacy_orders.rows].must": [[], [7, 8]],
        "shuts": [[], ["ONE", "MANY"]],
        "by_number": [{1: "MANY"}, {}],
        "text": ["", None],
    }
    first, second = kinds.Row(must=1, text=""), kinds.Row(must=2, shuts=[1, 100])
    first.pair.left, first.by_number[1] = 3, 100
    first.pair.right.extend([4, 5, 600])
    extra = kinds.pool.FindExtensionByName("legacy_orders.extra")
    rows = kinds.pool.FindExtensionByName("legacy_orders.rows")
    for number in (7, 8):
        second.Extensions[rows].add().must = number
    second.Extensions[extra] = 9
    for cls in (kinds.Row, kinds.ours["Row"]):
        found = proto.encode_batch(columns, cls)
        assert found[0] == first.SerializeToString()
        assert kinds.Row.FromString(found[1]) == second  # upstream has no order of extensions
        assert len(found[1]) == second.ByteSize()


def test_no_number_of_another_kind(kinds):
    with pytest.raises(TypeError, match="id: a int64 field cannot hold Decimal"):
        proto.encode_batch({"id": [decimal.Decimal(1)]}, kinds.Order)
