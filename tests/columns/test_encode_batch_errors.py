"""What cannot be encoded is an error that says which row, field and value; nothing else happens."""

import encode_orders
import numpy as np
import pytest
from google.protobuf import message as upstream

from tensorwire import proto
from tensorwire._core.batch_encode import BatchEncoder, Space
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import ListType, ScalarType, StructType
from tensorwire.errors import EncodeError, LimitError

SPAN = [("start", "<i8"), ("length", "<i8")]


@pytest.fixture(scope="module")
def kinds():
    return encode_orders.orders()


def fails(columns, cls, text, row=None, path=None, kind=EncodeError, **options):
    with pytest.raises(kind) as caught:
        proto.encode_batch(columns, cls, **options)
    assert text in str(caught.value)
    if row is not None:
        assert caught.value.row == row and f"row {row}" in str(caught.value)
    if path is not None:
        assert caught.value.path == path
    return caught.value


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "value", "text"), [
    ("opt", 2**31, "2147483648 in row 1 does not fit int32, which goes from -2147483648 to"),
    ("opt", -(2**31) - 1, "-2147483649 in row 1 does not fit int32"),
    ("small", -1, "-1 in row 1 does not fit uint32, which goes from 0 to 4294967295"),
    ("small", 2**32, "4294967296 in row 1 does not fit uint32"),
    ("color", 2**31, "2147483648 in row 1 does not fit enum"),
    ("ok", 2, "2 in row 1 does not fit bool, which goes from 0 to 1"),
])  # fmt: skip
def test_numbers_out_of_range(kinds, name, value, text):
    fails({name: np.array([0, value])}, kinds.Order, text, 1, name)


def test_unsigned_numbers_for_signed_fields(kinds):
    fails({"id": np.array([2**63], np.uint64)}, kinds.Order, "9223372036854775808 in row 0", 0)
    fails({"small": np.array([-1], np.int8)}, kinds.Order, "-1 in row 0", 0, "small")


def test_null_numbers_may_be_anything(kinds):
    values = np.ma.MaskedArray([2**40, 1], mask=[True, False])
    assert proto.encode_batch({"opt": values}, kinds.Order).to_pylist() == [b"", b"\x40\x01"]


def test_numbers_in_lists_are_found_with_their_place(kinds):
    columns = {"items.codes": (np.array([1, 2, 3, 2**40]), ([0, 0, 1, 3], [0, 1, 2, 4]))}
    error = fails(columns, kinds.Order, "1099511627776 in row 2 does not fit int32", 2)
    assert error.path == "items[1].codes[1]"
    fails({"deltas": [[], [1, 2**31]]}, kinds.Order, "value 1, 2147483648, does not fit sint32")


def test_strings_that_are_no_utf8(kinds):
    fails({"name": ["a", b"\xff\xfe", b"\x80"]}, kinds.Order, r"b'\xff\xfe' in row 1 is not UTF-8",
          1, "name")  # fmt: skip
    error = fails({"user.tags": [["a"], ["a", "\ud800"]]}, kinds.Order, "is not UTF-8", 1)
    assert error.path == "user.tags[1]"
    fails({"name": [b"x{0}" * 30 + b"\xff"]}, kinds.Order, "... (121 bytes) in row 0", 0)
    legacy = encode_orders.legacy()
    assert proto.encode_batch({"text": [b"\xff"], "must": [1]}, legacy.Row)[0][-1] == 0xFF


def test_two_members_of_a_oneof(kinds):
    columns = {"cash": [None, None, "x"], "card": [1, 2, 3], "friend.age": [None, 1, 1]}
    fails(columns, kinds.Order, "row 1 also has card; a oneof has one member at most", 1, "friend")
    fails({"cash": ["x"], "card": [0]}, kinds.Order, "row 0 also has card", 0, "cash")


def test_nulls_in_repeated_fields(kinds):
    fails({"deltas": [[1], [1, None]]}, kinds.Order,
          "this item of row 1 is null, and a repeated field holds no nulls",
          1, "deltas[1]")  # fmt: skip


@pytest.mark.parametrize("name", ["GREAN", "", "-", "077", "+5", "2147483648", "9" * 40])
def test_names_that_no_enum_has(kinds, name):
    fails({"color": ["GREEN", name]}, kinds.Order, "is no name of enum", 1, "color")


def test_closed_enums_and_required_fields():
    row = encode_orders.legacy().Row
    fails({"must": [1, 1], "shut": [1, 7]}, row,
          "7 in row 1 is no number of the closed enum legacy_orders.Shut", 1, "shut")  # fmt: skip
    fails({"must": [1], "shuts": [[0, 1, 2]]}, row, "2 in row 0 is no number", 0, "shuts[2]")
    fails({"must": [1, None]}, row, "row 1 lacks this required field", 1, "must")
    fails({"shut": [1]}, row, "row 0 lacks this required field", 0, "must")
    fails({"must": [1, 1], "row.shut": [None, 1]}, row, "row 1 lacks", 1, "row.must")
    found = proto.encode_batch({"must": [1, None], "row.shut": [None, 1]}, row, partial=True)
    assert found.to_pylist() == [b"\x08\x01", b"\x22\x02\x10\x01"]
    fails({"must": [1], "shut": ["TWO"]}, row, "'TWO' in row 0 is no name of enum", 0, "shut")


def test_the_first_of_many_bad_rows_is_named_whatever_the_threads(kinds):
    names = ["a"] * 30_000
    for row in (29_999, 12_345, 12_346, 20_000):
        names[row] = b"\xff"
    for threads in (1, 2, 5):
        fails({"name": names}, kinds.Order, "row 12345", 12345, "name", threads=threads)


def test_upstreams_classes_raise_what_is_also_upstreams_error(kinds):
    columns = {"name": [b"\xff"]}
    fails(columns, kinds.Order, "row 0", kind=upstream.EncodeError)
    assert not isinstance(fails(columns, kinds.ours["Order"], "row 0"), upstream.EncodeError)


# -- shapes ----------------------------------------------------------------------------------------


def test_unknown_names(kinds):
    fails({"nam": [1]}, kinds.Order, "no field 'nam'; near: 'name'", kind=KeyError)
    fails(
        {"user.nam": [1]}, kinds.Order, "no field 'nam' in path 'user.nam'; near", kind=ValueError
    )
    fails({"id.x": [1]}, kinds.Order, "no field 'x' in path 'id.x'", kind=KeyError)
    fails({"[orders.no]": [1]}, kinds.Order, "no field '[orders.no]'", kind=KeyError)
    fails({"user..name": [1]}, kinds.Order, "malformed", kind=ValueError)
    fails({"": [1]}, kinds.Order, "a path is empty", kind=ValueError)


def test_columns_of_different_length(kinds):
    fails({"id": [1, 2], "user.name": ["a"]}, kinds.Order,
          "columns 'id' and 'user.name' have 2 and 1 rows", kind=ValueError)  # fmt: skip
    data = struct(numbers("id", 2), numbers("opt", 3), length=2)
    fails(data, kinds.Order, "column 'opt' has 3 rows, and the others have 2", kind=ValueError)


def test_columns_below_one_list_that_differ(kinds):
    columns = {"items.price": ([1.0], [0, 1]), "items.label": (["a", "b"], [0, 2])}
    error = fails(columns, kinds.Order, "their offsets differ", kind=ValueError)
    assert "'items.price' and 'items.label'" in str(error)


def test_lists_where_there_are_none_and_the_reverse(kinds):
    fails(
        {"id": ([1], [0, 1])}, kinds.Order, "1 arrays of offsets for a field in 0", kind=ValueError
    )
    fails({"deltas": [1, 2]}, kinds.Order, "needs a list for each row, not 1", kind=TypeError)
    fails({"deltas": np.array([1])}, kinds.Order, "an array of 1 dimensions", kind=ValueError)
    fails({"deltas": ["ab"]}, kinds.Order, "needs a list for each row", kind=TypeError)
    fails(struct(numbers("deltas", 1), length=1), kinds.Order, "needs a list", kind=TypeError)
    data = ListData(ListType("id", ScalarType("id", "int64")), np.array([0, 1]), numbers("id", 1))
    fails(struct(data, length=1), kinds.Order, "the field is not repeated", kind=TypeError)
    inner = struct(numbers("x", 1), length=1, name="id").data
    fails(
        struct(inner, length=1), kinds.Order, "a struct for a field of type int64", kind=TypeError
    )


def test_offsets_that_are_none(kinds):
    for offsets in ([0, 2], [1, 1], [0, 2, 1], [], [[0, 1]], [0.0, 1.0]):
        fails({"deltas": ([7], offsets)}, kinds.Order, "deltas: offsets", kind=ValueError)


def test_other_types(kinds):
    fails({"id": ["a"]}, kinds.Order, "a int64 field cannot hold 'a'", kind=TypeError)
    fails({"id": [1.5]}, kinds.Order, "a int64 field cannot hold 1.5", kind=TypeError)
    fails({"id": np.array([1.0])}, kinds.Order, "cannot hold float64 values", kind=TypeError)
    fails({"name": [1]}, kinds.Order, "a string field cannot hold 1", kind=TypeError)
    fails({"blob": ["a"]}, kinds.Order, "a bytes field cannot hold 'a'", kind=TypeError)
    fails({"name": np.array([1])}, kinds.Order, "cannot hold int64 values", kind=TypeError)
    fails({"user": [1]}, kinds.Order, "it needs columns of its fields", kind=TypeError)
    fails({"user": np.array([1])}, kinds.Order, "it needs columns of its fields", kind=TypeError)
    fails({"at": np.array([1])}, kinds.Order, "needs datetime64 values", kind=TypeError)
    fails({"at": np.array([1], "m8[s]")}, kinds.Order, "needs datetime64 values", kind=TypeError)
    fails({"id": 5}, kinds.Order, "an array, a list, (values, offsets)", kind=TypeError)
    fails({"at": np.array([1], "M8[ps]")}, kinds.Order, "convert them to ns", kind=TypeError)


def test_arguments_the_wrong_way_round(kinds):
    for cls in (kinds.Order, kinds.ours["Order"], kinds.Order()):
        with pytest.raises(
            TypeError, match=r"call encode_batch\(columns, .*\): the columns come first"
        ):
            proto.encode_batch(cls, {"id": [1]})
    with pytest.raises(TypeError, match="a message class is needed, not str"):
        proto.encode_batch({"id": [1]}, "Order")
    with pytest.raises(TypeError, match="columns are Columns, a dict"):
        proto.encode_batch([1, 2], kinds.Order)
    with pytest.raises(ValueError, match="there are no columns"):
        proto.encode_batch({}, kinds.Order)
    for threads in (0, -1, True, 1.5):
        with pytest.raises((TypeError, ValueError), match="threads must be"):
            proto.encode_batch({"id": [1]}, kinds.Order, threads=threads)


def test_both_a_message_and_its_fields(kinds):
    data = struct(numbers("wrapped", 1), numbers("wrapped.value", 1), length=1)
    fails(data, kinds.Order, "columns 'wrapped' and 'wrapped.value' are for the same field",
          kind=ValueError)  # fmt: skip


def test_columns_that_nest_too_deep(kinds):
    data = struct(numbers("age", 1), length=1, name="boss").data
    for _ in range(101):
        data = StructData(StructType("boss", (data.type,)), 1, (data,))
    fails(struct(StructData(StructType("user", (data.type,)), 1, (data,)), length=1), kinds.Order,
          "deeper than 100 levels", kind=LimitError)  # fmt: skip


# -- trees that lie --------------------------------------------------------------------------------


class Given:
    def __init__(self, data, buffers):
        self.data = data
        self.sources = Sources.of(buffers)


def struct(*fields, length, name="", buffers=(b"abc", b"", b"de")):
    kind = StructType(name, tuple([field.type for field in fields]))
    return Given(StructData(kind, length, fields), buffers)


def numbers(name, count):
    return ScalarData(ScalarType(name, "int64"), np.zeros(count, np.int64))


def texts(*spans):
    return ScalarData(ScalarType("name", "string"), np.array([*spans], SPAN))


@pytest.mark.parametrize("span", [(0, 4), (2, 2), (3, 3), (5, 1), (6, 1), (-1, 1), (0, -1),
                                  (2**62, 5), (2**63 - 1, 2**63 - 1), (-(2**63), 1),
                                  (1, 2**63 - 1)])  # fmt: skip
def test_spans_outside_of_the_sources(kinds, span):
    data = struct(texts((0, 3), (3, 2), span), length=3)
    fails(data, kinds.Order, "a string of row 2 lies outside of its buffers", 2, "name")
    assert proto.encode_batch(struct(texts((0, 3), (3, 2)), length=2), kinds.Order)[1][2:] == b"de"


def test_spans_without_any_source(kinds):
    fails(struct(texts((0, 1)), length=1, buffers=()), kinds.Order, "outside of its buffers", 0)
    assert proto.encode_batch(struct(texts((9, 0)), length=1, buffers=()), kinds.Order)[0] == b""


@pytest.mark.parametrize("offsets", [[0, 2, 1], [0, 3, 3], [-1, 0, 2], [0, 2**62, 2]])
def test_offsets_outside_of_the_items(kinds, offsets):
    items = ScalarData(ScalarType("deltas", "int32"), np.zeros(2, np.int32))
    data = ListData(ListType("deltas", items.type), np.array(offsets), items)
    fails(struct(data, length=2), kinds.Order, "the offsets of a list descend or pass its items")


def test_offsets_of_another_length(kinds):
    items = ScalarData(ScalarType("deltas", "int32"), np.zeros(2, np.int32))
    data = ListData(ListType("deltas", items.type), np.array([0, 2]), items)
    with pytest.raises(ValueError, match=r"rows|bytes"):
        proto.encode_batch(struct(data, length=2), kinds.Order)


def test_the_compiled_encoder_checks_what_it_is_given(kinds):
    from tensorwire.proto.classes import type_of

    kind = type_of(kinds.ours["Order"])
    good = (1, None, 2, np.zeros(2, np.int64), None, None, None, None)
    assert BatchEncoder(kind, (good,), 2).write(0, 2, np.zeros(2, np.int64)).size == 0
    bad = [
        (1, None, 2, np.zeros(3, np.int64), None, None, None, None),
        (1, None, 2, np.zeros(2, np.int64), np.zeros(1, bool), None, None, None),
        (1, None, 3, np.zeros(3, np.int64), None, None, None, None),
        (1, None, 2**62, np.zeros(2, np.int64), None, None, None, None),
        (1, np.zeros(3, np.int64), 2, np.zeros(2, np.int64), None, None, None, None),
        (13, None, 2, np.zeros(2, np.int32), None, None, None, None),
        (13, np.zeros(2, np.int64), 2, np.zeros(2, np.int32), None, None, None, None),
        (13, np.zeros(3, np.int64), 2, None, None, None, None, None),
        (999, None, 2, np.zeros(2, np.int64), None, None, None, None),
    ]
    for spec in bad:
        with pytest.raises(ValueError, match=r"\d"):
            BatchEncoder(kind, (spec,), 2)
    with pytest.raises(TypeError):
        BatchEncoder(kind, ((2, None, 1, np.zeros(1, SPAN), None, None, None, None),), 1)
    encoder = BatchEncoder(kind, (good,), 2)
    for first, last, sizes in ((0, 3, 2), (2, 1, 2), (0, 2, 1)):
        with pytest.raises(ValueError, match=r"\d"):
            encoder.write(first, last, np.zeros(sizes, np.int64))
    one = (16, None, 1, np.ones(1, "u4"), None, None, None, None)
    block = BatchEncoder(kind, (one,), 1).write(0, 1, np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="bytes from 1 on"):
        block.move_into(np.zeros(3, "u1"), 1)


def test_spaces_are_checked():
    Space((b"ab", memoryview(b"c")), np.array([0, 2, 3]))
    for starts in ([0, 3, 4], [0, 2], [0, 2, 1], [-1, 0, 1], []):
        with pytest.raises(ValueError, match=r"\d|below"):
            Space((b"ab", b"c"), np.array(starts, np.int64))
