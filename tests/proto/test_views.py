"""The reading contract: what a message answers, beside upstream where upstream has the same."""

import pickle
import types

import numpy as np
import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError as TheirDecodeError

from tensorwire import DecodeError, LayoutError, ModelError, proto
from tensorwire._core.source import Source

from . import schemas
from .encode import fixed32, number, run

All, Theirs = schemas.PROTO2.ours["All"], schemas.PROTO2.theirs["All"]
All3, Theirs3 = schemas.PROTO3.ours["All"], schemas.PROTO3.theirs["All"]
FIVE = number(5, 5)


@pytest.fixture
def message():
    return All.FromString(FIVE)


# -- defaults and presence -----------------------------------------------------------------------


@pytest.mark.parametrize("name", schemas.BY_NAME)
def test_an_empty_message_reads_as_upstreams_does(name):
    ours = schemas.BY_NAME[name].ours["All"].FromString(b"")
    theirs = schemas.BY_NAME[name].theirs["All"]()
    for field in theirs.DESCRIPTOR.fields:
        got, expected = getattr(ours, field.name), getattr(theirs, field.name)
        if field.is_repeated:
            assert (len(got), bool(got), list(got)) == (0, False, [])
        elif field.message_type is None:
            assert (type(got), got) == (type(expected), expected)
        if field.has_presence:
            assert ours.HasField(field.name) is False


def test_declared_defaults(message):
    assert (message.d_int32, message.d_uint64, message.d_string) == (-42, 2**64 - 1, "hé")
    assert (message.d_bytes, message.d_enum, message.d_bool) == (b"\0\xffx", 1000, True)
    assert (message.d_double, message.d_float) == (float("inf"), -1.5)


def test_an_absent_submessage_is_empty_and_has_defaults_all_the_way(message):
    assert message.sub.sub.group.all.need.need.must == 0
    assert message.sub.sub.sub.d_string == "hé"
    assert list(message.sub.sub.subs) == []
    assert dict(message.sub.m_int32_int64) == {}


def test_explicit_and_implicit_presence():
    zero = number(5, 0)
    assert All.FromString(zero).HasField("s_int32")
    for has_field in (All3.FromString(zero).HasField, Theirs3.FromString(zero).HasField):
        with pytest.raises(ValueError, match="presence"):
            has_field("s_int32")
    assert All3.FromString(number(schemas.OPTIONAL + 5, 0)).HasField("o_int32")
    assert not All3.FromString(b"").HasField("o_int32")


@pytest.mark.parametrize("name", ["r_int32", "subs", "m_int32_int64", "nope", "", 5, b"\xff"])
def test_has_field_raises_for_what_has_no_presence(message, name):
    for has_field in (message.HasField, Theirs().HasField):
        with pytest.raises(ValueError):  # noqa: PT011  (the texts differ, and are no contract)
            has_field(name)


def test_oneofs():
    switched = All.FromString(number(schemas.C_INT, 1) + run(schemas.C_TEXT, b"x"))
    assert switched.WhichOneof("choice") == "c_text"
    assert (switched.HasField("choice"), switched.HasField("c_int")) == (True, False)
    assert (switched.c_int, switched.c_text) == (0, "x")
    assert All.FromString(b"").WhichOneof("choice") is None
    assert All3.FromString(number(schemas.OPTIONAL + 5, 0)).WhichOneof("_o_int32") == "o_int32"
    with pytest.raises(ValueError, match="no oneof 'nope'"):
        switched.WhichOneof("nope")


# -- classes -------------------------------------------------------------------------------------


def test_a_class_is_made_once_and_belongs_to_its_schema():
    assert proto.message_class(Theirs) is All
    assert proto.message_class(Theirs.DESCRIPTOR) is All
    assert type(All.FromString(b"").sub) is All
    assert (All.__name__, All.__module__) == ("All", "tests.proto2_pb2")


def test_the_class_has_numbers_of_fields_and_no_fields():
    assert (All.S_INT32_FIELD_NUMBER, All.FARTHEST_FIELD_NUMBER) == (5, 2**29 - 1)
    with pytest.raises(AttributeError, match="belong to messages"):
        All.s_int32


@pytest.mark.parametrize("wrong", [5, None, "x", All3.FromString(b""), object()])
def test_a_descriptor_reads_messages_of_its_own_type_only(wrong):
    with pytest.raises(TypeError, match=r"belongs to tests\.proto2\.All"):
        All.__dict__["s_int32"].__get__(wrong, type(wrong)) if wrong is not None else (
            All.__dict__["s_int32"].__get__(0, int)
        )


@pytest.mark.parametrize("wrong", [int, 5, object, descriptor_pb2])
def test_message_class_needs_a_message_type(wrong):
    with pytest.raises(TypeError, match="upstream message class"):
        proto.message_class(wrong)


@pytest.mark.parametrize("name", ["r_int32", "subs", "m_int32_int64"])
def test_nor_is_a_repeated_field(message, name):
    with pytest.raises(TypeError, match="cannot create"):
        type(getattr(message, name))()


def test_nor_is_an_iterator():
    many = All.FromString(number(schemas.NEAR_REPEATED, 1) * 100 + run(21, b"") * 100)
    for field in (many.near_repeated, many.subs):
        with pytest.raises(TypeError, match=r"iter\(\)"):
            type(iter(field))()


# -- what cannot be changed ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sub", "r_int32", "m_int32_int64", "nope", "HasField"])
def test_attributes_cannot_be_set_or_deleted(message, name):
    with pytest.raises(AttributeError):
        setattr(message, name, 1)
    with pytest.raises(AttributeError):
        delattr(message, name)
    assert not hasattr(message, "__dict__")


def test_a_repeated_field_has_no_hash():
    held = All.FromString(run(schemas.REPEATED + 5, b"\1\2"))
    with pytest.raises(TypeError, match="unhashable"):
        hash(held.r_int32)
    assert list(held.r_int32) == [1, 2]


def test_arrays_and_views_are_read_only():
    held = All.FromString(run(schemas.PACKED + 7, bytes(8)) + run(12, b"abc"))
    array = np.asarray(held.p_fixed32)
    assert not array.flags.writeable
    with pytest.raises(ValueError, match="WRITEABLE"):
        array.flags.writeable = True
    assert proto.view(held, "s_bytes").readonly


# -- sequences -----------------------------------------------------------------------------------


def test_sequences():
    held = All.FromString(run(schemas.REPEATED + 5, b"\1\2\3\2"))
    numbers = held.r_int32
    assert (numbers[0], numbers[-1], numbers[1:3], numbers[::-2]) == (1, 2, [2, 3], [2, 2])
    assert (numbers[np.int64(2)], numbers[True]) == (3, 2)
    assert (2 in numbers, 9 in numbers) == (True, False)
    assert (numbers.index(2), numbers.index(2, 2), numbers.count(2)) == (1, 3, 2)
    assert list(reversed(numbers)) == [2, 3, 2, 1]
    assert numbers == [1, 2, 3, 2]
    assert numbers == held.r_int32
    assert numbers != (1, 2, 3, 2)
    assert repr(numbers) == "[1, 2, 3, 2]"
    with pytest.raises(ValueError, match="not in list"):
        numbers.index(9)


@pytest.mark.parametrize("key", ["a", 1.0, None, (1,), b"\0"])
def test_an_index_is_an_integer(message, key):
    for field in (message.r_int32, message.subs, Theirs().r_int32):
        with pytest.raises(TypeError):
            field[key]


@pytest.mark.parametrize("key", [0, -1, 5, 2**70, -(2**70)])
def test_an_index_out_of_range(message, key):
    for field in (message.r_int32, message.subs, message.r_string):
        with pytest.raises(IndexError):
            field[key]


def test_maps():
    held = All.FromString(
        run(schemas.NEAR_MAP, number(1, 1) + number(2, 2)) + run(schemas.NEAR_MAP, number(2, 7))
    )
    mapping = held.m_int32_int64
    assert dict(mapping) == {1: 2, 0: 7}
    assert mapping == {1: 2, 0: 7}
    assert (mapping[1], mapping.get(5), mapping.get(5, 9), 5 in mapping) == (2, None, 9, False)
    assert (sorted(mapping), list(mapping.items())) == ([0, 1], [(1, 2), (0, 7)])
    assert (set(mapping.keys()), list(mapping.values())) == ({0, 1}, [2, 7])
    assert mapping[5] == 0 and mapping == {1: 2, 0: 7, 5: 0}


# -- what can be parsed --------------------------------------------------------------------------

BUFFERS = {
    "bytes": bytes,
    "subclass of bytes": type("Sub", (bytes,), {}),
    "bytearray": bytearray,
    "memoryview": memoryview,
    "memoryview of a bytearray": lambda data: memoryview(bytearray(data)),
    "strided memoryview": lambda data: memoryview(b"".join(bytes([b, 0]) for b in data))[::2],
    "array": lambda data: np.frombuffer(data, "u1"),
    "strided array": lambda data: np.repeat(np.frombuffer(data, "u1"), 2)[::2],
}


@pytest.mark.parametrize("make", BUFFERS.values(), ids=BUFFERS)
def test_any_buffer_is_parsed(make):
    assert All.FromString(make(FIVE)).s_int32 == 5


@pytest.mark.parametrize("wrong", [None, "text", 5, 5.0, [40, 5], object(), All])
def test_what_is_no_buffer_is_a_type_error(wrong):
    with pytest.raises(TypeError, match="bytes-like"):
        All.FromString(wrong)


@pytest.mark.parametrize("make", [bytearray, lambda data: np.array(np.frombuffer(data, "u1"))])
def test_what_can_change_is_copied(make):
    changing = make(FIVE)
    parsed = All.FromString(changing)
    changing[1] = 9
    assert parsed.s_int32 == 5


def test_parsing_a_part_of_a_source():
    source = Source(b"\xff\xff" + run(20, FIVE) + b"\xff")
    parsed = proto.parse(All, source, 2, source.size - 1)
    assert parsed.sub.s_int32 == 5
    assert proto.run(parsed, "sub") == (source, 5, 2)
    with pytest.raises(DecodeError) as caught:
        proto.parse(All, source, 2)
    assert caught.value.offset == source.size - 1


@pytest.mark.parametrize("bounds", [(0, 3), (3, 2), (3, 3), (-1, 2), (0, 2**64)])
def test_a_part_must_lie_in_its_source(bounds):
    with pytest.raises((ValueError, OverflowError)):
        proto.parse(All, Source(FIVE), *bounds)


def test_the_empty_part_is_a_message():
    assert not proto.parse(All, Source(FIVE), 2, 2).HasField("s_int32")


# -- errors --------------------------------------------------------------------------------------


def test_an_error_is_of_both_worlds_and_pickles():
    with pytest.raises(TheirDecodeError) as caught:
        All.FromString(run(20, b"\x2f"))
    error = caught.value
    assert isinstance(error, (DecodeError, ModelError, ValueError))
    copied = pickle.loads(pickle.dumps(error))
    for one in (error, copied):
        assert type(one) is type(error)
        assert (one.reason, one.offset) == ("wire type 7 does not exist", 3)
        assert one.path == "sub.s_int32"
        expected = "sub.s_int32: wire type 7 does not exist at byte 3 (0x3)"
        assert str(one) == f"Error parsing message: {expected}"


def test_a_schema_without_upstream_raises_its_own_error_alone():
    table = types.SimpleNamespace(
        SYNTAX="proto3",
        ENUMS=(),
        MESSAGES=(("t.M", ((1, "text", "optional", "string", "", False, None, ""),)),),
    )
    cls = proto.Schema.from_table(table)["t.M"]
    assert cls.FromString(run(1, b"x")).text == "x"
    with pytest.raises(DecodeError, match="not UTF-8") as caught:
        cls.FromString(run(1, b"\xff"))
    assert not isinstance(caught.value, TheirDecodeError)


# -- bytes without copying -----------------------------------------------------------------------


def test_the_bytes_of_a_message():
    data = FIVE + run(20, FIVE)
    message = All.FromString(data)
    assert proto.raw(message) is data
    assert proto.raw(message.sub) == FIVE
    assert proto.raw(message.need) == b""


def test_the_bytes_of_a_merged_message():
    merged = All.FromString(run(20, FIVE) + FIVE + run(20, number(3, 1))).sub
    assert proto.raw(merged) == FIVE + number(3, 1)
    assert All.FromString(proto.raw(merged)).s_int32 == 5


@pytest.mark.parametrize("name", ["s_bytes", "s_string", "sub", "p_int32", "r_int64", "s_fixed32"])
def test_the_run_of_a_field(name):
    parts = {
        "s_bytes": run(12, b"abc"), "s_string": run(9, b"abc"), "sub": run(20, FIVE),
        "p_int32": run(schemas.PACKED + 5, b"\1\2"), "r_int64": number(schemas.REPEATED + 3, 7),
        "s_fixed32": fixed32(7, 5),
    }  # fmt: skip
    data = b"".join(parts.values())
    message = All.FromString(data)
    owner, offset, nbytes = proto.run(message, name)
    assert owner is data
    assert parts[name].endswith(data[offset : offset + nbytes])
    assert nbytes == len(parts[name]) - (3 if name[0] in "pr" or name == "sub" else 2) + (
        name in ("r_int64", "s_fixed32")
    )
    assert proto.view(message, name) == data[offset : offset + nbytes]
    assert proto.gather(message, name) == data[offset : offset + nbytes]


def test_an_absent_field_is_an_empty_run(message):
    assert proto.run(message, "s_bytes")[2] == 0
    assert proto.view(message, "s_bytes") == b""
    assert proto.gather(message, "p_int32") == b""
    assert proto.view(message.sub, "s_bytes") == b""


def test_a_field_in_several_runs_is_gathered():
    at = schemas.PACKED + 5
    message = All.FromString(run(at, b"\1\2") + number(at, 3) + run(at, b"\4"))
    assert proto.run(message, "p_int32") is None
    with pytest.raises(LayoutError, match="gather"):
        proto.view(message, "p_int32")
    assert proto.gather(message, "p_int32") == b"\1\2\3\4"


@pytest.mark.parametrize("function", [proto.run, proto.view, proto.gather])
def test_an_unknown_name_is_a_value_error(message, function):
    with pytest.raises(ValueError, match='no "nope" field'):
        function(message, "nope")


def test_arrays_lie_on_the_bytes_where_they_can():
    data = bytearray(run(schemas.PACKED + 7, np.arange(3, dtype="<u4").tobytes()))
    message = proto.parse(All, Source(data, borrow=True))
    array = np.asarray(message.p_fixed32)
    data[3] = 9
    assert list(array) == [9, 1, 2]
    assert np.array(message.p_fixed32, copy=True).flags.writeable
    assert np.asarray(message.p_fixed32, dtype="f8").dtype == np.float64


def test_copy_false_where_a_copy_is_needed():
    message = All.FromString(run(schemas.PACKED + 5, b"\1\2"))
    with pytest.raises(ValueError, match="without being copied"):
        message.p_int32.__array__(copy=False)
