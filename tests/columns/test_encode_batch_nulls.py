"""Columns of nothing but nulls fit every field, whatever type they have been given."""

import encode_orders
import pytest

from tensorwire import proto
from tensorwire.errors import EncodeError

pa = pytest.importorskip("pyarrow")

FIELDS = (
    "opt", "name", "blob", "color", "ok", "real", "user", "user.name", "user.tags",
    "user.boss.age", "items", "items.label", "items.codes", "items.by.name", "counts", "users",
    "deltas", "at", "took", "times", "wrapped", "cash", "friend",
)  # fmt: skip
TYPES = (pa.null(), pa.int8(), pa.float64(), pa.string_view())


@pytest.fixture(scope="module")
def kinds():
    return encode_orders.orders()


def written(columns, kinds) -> list:
    return proto.encode_batch(columns, kinds.Order).to_pylist()


@pytest.mark.parametrize("name", FIELDS)
def test_a_column_of_nulls(kinds, name):
    want = written({"id": [1, 2]}, kinds)
    assert written({"id": [1, 2], name: [None, None]}, kinds) == want
    assert written({"id": [], name: []}, kinds) == []
    for kind in TYPES:
        nulls = pa.nulls(2, kind)
        assert written(pa.table({"id": [1, 2], name: nulls}), kinds) == want
        assert written({"id": [1, 2], name: nulls}, kinds) == want
        empty = {"id": pa.array([], pa.int64()), name: nulls[:0]}
        assert written(pa.table(empty), kinds) == []


@pytest.mark.parametrize("name", ["items", "items.label", "user.tags", "counts", "times", "deltas"])
def test_lists_of_type_null(kinds, name):
    lists = pa.array([[], None], pa.list_(pa.null()))
    found = written(pa.table({"id": [1, 2], name: lists}), kinds)
    assert found == written({"id": [1, 2]}, kinds)


def test_structs_and_maps_of_nulls(kinds):
    user = pa.array([{"name": None, "boss": None, "tags": None}, None])
    items = pa.array([[{"price": 1.5, "label": None, "codes": None}], None])
    found = written(pa.table({"user": user, "items": items}), kinds)
    want = kinds.Order(user={}, items=[{"price": 1.5}])
    assert found == encode_orders.encoded(want, kinds.Order())
    counts = pa.array([[("a", None)], []], pa.map_(pa.string(), pa.null()))
    found = written(pa.table({"counts": counts}), kinds)
    assert found == encode_orders.encoded(kinds.Order(counts={"a": 0}), kinds.Order())


def test_nulls_in_a_list_are_still_refused(kinds):
    for name in ("deltas", "times", "user.tags", "items"):
        nulls = pa.array([[None, None]], pa.list_(pa.null()))
        with pytest.raises(EncodeError, match="item of row 0 is null"):
            written(pa.table({name: nulls}), kinds)


def test_a_required_field_of_nulls_is_missing():
    row = encode_orders.legacy().Row
    with pytest.raises(EncodeError, match="row 0 lacks this required field"):
        proto.encode_batch(pa.table({"must": pa.nulls(1)}), row)
    nulls = {name: pa.nulls(1) for name in ("row", "shut", "pair", "rows")}
    nulls["[legacy_orders.rows]"] = nulls.pop("rows")
    found = proto.encode_batch(pa.table({"must": [1], **nulls}), row)
    assert found.to_pylist() == [b"\x08\x01"]


def test_types_count_as_soon_as_there_is_a_value(kinds):
    with pytest.raises(TypeError, match="a string field cannot hold int64 values"):
        written(pa.table({"name": pa.array([None, 1])}), kinds)
