"""The contract: parsing, serialising, sizes, required fields."""

import numpy as np
import pytest
from google.protobuf import message as upstream_message

from tensorwire import DecodeError

from .refusal import refused

FIVE = b"\x08\x05"


# -- parsing -------------------------------------------------------------------------------------


def test_parse_clears_and_merge_does_not(each):
    message = each.All(f_string="gone")
    assert message.ParseFromString(FIVE) == 2
    assert message == each.All(f_int32=5)
    assert message.MergeFromString(b"\x10\x07") == 2
    assert message == each.All(f_int32=5, f_int64=7)
    assert message.ParseFromString(b"") == 0 and message == each.All()
    assert message.MergeFromString(b"") == 0 and message == each.All()


def test_from_string(each):
    message = each.All.FromString(FIVE)
    assert message.f_int32 == 5 and type(message) is each.All
    assert message.FromString(b"\x08\x06").f_int32 == 6
    assert message.f_int32 == 5


@pytest.mark.parametrize(
    "wrap",
    [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data)),
     lambda data: memoryview(data + data)[: len(data)],
     lambda data: memoryview(bytes(b for byte in data for b in (byte, 0xFF)))[::2]],
)  # fmt: skip
def test_what_is_parsed(each, wrap):
    data = each.All(f_int32=5, sub={"b": "text"}).SerializeToString()
    for parse in (each.All().ParseFromString, each.All().MergeFromString):
        assert parse(wrap(data)) == len(data)
    message = each.All.FromString(wrap(data))
    assert (message.f_int32, message.sub.b) == (5, "text")


def test_a_buffer_may_change_after_parsing(each):
    buffer = bytearray(each.All(f_bytes=b"before", sub={"b": "before"}).SerializeToString())
    message = each.All()
    message.ParseFromString(buffer)
    other = each.All.FromString(memoryview(buffer))
    buffer[:] = bytes(len(buffer))
    assert (message.f_bytes, message.sub.b) == (b"before", "before")
    assert other == message
    buffer.clear()  # and nobody holds it


WRONG = ["text", None, 5, [8, 5], (8, 5), pytest.param(object(), id="object()")]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_what_is_not_parsed(each, wrong):
    message = each.All(f_int32=1)
    for parse in (message.ParseFromString, message.MergeFromString, each.All.FromString):
        with refused(TypeError):
            parse(wrong)
    message.Clear()
    assert message.f_int32 == 0


def test_arrays_of_bytes_are_parsed_by_ours_alone(each, kind):
    """Upstream refuses any buffer but three; taking all is a superset."""
    array = np.frombuffer(FIVE, np.uint8)
    if kind == "upb":
        with refused(TypeError):
            each.All.FromString(array)
    else:
        assert each.All.FromString(array).f_int32 == 5


@pytest.mark.parametrize("data", [b"\x08", b"\xff", b"\x0f", b"\xc2\x02\x05\x08", b"\x04", b"\x00"])
def test_bytes_that_are_no_message(each, kind, data):
    message = each.All(f_int32=1)
    for parse in (message.ParseFromString, message.MergeFromString, each.All.FromString):
        with refused(upstream_message.DecodeError):
            parse(data)
        with refused(upstream_message.Error):
            parse(data)
        if kind == "ours":
            with refused(DecodeError):
                parse(data)
    message.f_int32 = 3
    message.r_int32.append(3)
    assert each.All.FromString(message.SerializeToString()) == message


def test_a_failed_parse_forgets_what_was_before(each):
    message = each.All(f_string="before", sub={"a": 1})
    with refused(upstream_message.DecodeError):
        message.ParseFromString(b"\xff")
    assert not message.HasField("sub") and message.f_string == ""


# -- serialising ---------------------------------------------------------------------------------


def test_serialize_is_repeatable(each):
    message = each.All(f_int32=5)
    for write in (message.SerializeToString, message.SerializePartialToString):
        assert write() == FIVE and type(write()) is bytes
        assert write(deterministic=True) == write(deterministic=False) == FIVE
        assert write(deterministic=None) == write(deterministic="yes") == FIVE
        with refused(TypeError):
            write(no_such_keyword=True)
    assert message.SerializeToString(True) == FIVE


def test_known_fields_in_order_and_then_unknown_ones(each):
    unknown = b"\xf8\x7f\x09"
    message = each.All.FromString(unknown + b"\x10\x07" + b"\x0a\x01x" + FIVE)
    assert message.SerializeToString() == FIVE + b"\x10\x07" + unknown + b"\x0a\x01x"


def test_every_field_survives(each):
    message = each.All(f_int32=-1, f_sint64=-(2**63), f_fixed32=7, f_float=1.5, f_string="hé",
                       r_bool=[True, False], r_double=[1.5], r_bytes=[b"", b"x"], sub={"a": 1},
                       subs=[{}, {"b": "x"}], p_sub={"c": [1]}, q_bool=False, colors=[0, -1],
                       m_text_int={"": 0, "a": 1}, m_int_sub={-1: {}}, m_big_bytes={2**64 - 1: b""},
                       m_bool_double={True: 0.0})  # fmt: skip
    data = message.SerializeToString()
    assert len(data) == message.ByteSize()
    assert each.All.FromString(data) == message


@pytest.mark.parametrize("value", [0, 1, -1, 127, 128, 2**31 - 1, -(2**31)])
def test_integers_on_the_wire(each, value):
    for scalar in ("int32", "sint32", "int64", "sint64", "sfixed32", "sfixed64"):
        for name, held in ((f"f_{scalar}", value), (f"r_{scalar}", [value, 0])):
            message = each.All(**{name: held})
            again = each.All.FromString(message.SerializeToString())
            assert getattr(again, name) == held
            assert message.ByteSize() == len(message.SerializeToString())


def test_packed_and_unpacked(each):
    assert each.Packed(int32s=[1, 300, -1], colors=[1, 2]).SerializeToString() == (
        b"\x0a\x0d\x01\xac\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + b"\x72\x02\x01\x02"
    )
    assert each.Unpacked(int32s=[1, 300]).SerializeToString() == b"\x08\x01\x08\xac\x02"
    message = each.Packed.FromString(b"\x08\x01\x0a\x02\x02\x03\x08\x04")
    assert message.int32s == [1, 2, 3, 4]
    assert message.SerializeToString() == b"\x0a\x04\x01\x02\x03\x04"
    message.int32s.append(5)
    assert message.SerializeToString() == b"\x0a\x05\x01\x02\x03\x04\x05"
    del message.int32s[:]
    assert message.SerializeToString() == b""
    assert each.Packed.FromString(b"\x0a\x00").SerializeToString() == b""


def test_deterministic_maps(each):
    """The order in which entries were put in does not show."""
    names, numbers = [f"k{i}" for i in range(50)], list(range(-25, 25))
    written = set()
    for step in (1, -1, 7):
        message = each.All()
        for i in range(50):
            message.m_text_int[names[i * step % 50]] = 1
            message.m_int_text[numbers[i * step % 50]] = "x"
            message.m_text_sub[names[i * step % 50]].a = 1
        written.add(message.SerializeToString(deterministic=True))
    assert len(written) == 1
    again = each.All.FromString(written.pop())
    assert again == message and len(again.m_text_sub) == 50


def test_byte_size_after_each_edit(each):
    message = each.All()

    def check():
        assert message.ByteSize() == len(message.SerializeToString())

    for edit in (
        lambda: setattr(message, "f_string", "x" * 200),
        lambda: message.sub.subs.add(b="y" * 200),
        lambda: message.r_int32.extend([1, 2**20]),
        lambda: message.m_text_sub["k"].c.append(-1),
        lambda: message.sub.subs[0].ClearField("b"),
        message.r_int32.pop,
        lambda: message.MergeFromString(b"\xf8\x7f\x09"),
        message.m_text_sub.clear,
        lambda: message.ClearField("f_string"),
        message.DiscardUnknownFields,
        message.Clear,
    ):
        edit()
        check()


def test_nesting_beyond_the_limit_is_written_but_not_read(each):
    message = each.Sub(a=1)
    for _ in range(150):
        outer = each.Sub()
        outer.sub.CopyFrom(message)
        message = outer
    data = message.SerializeToString()
    assert len(data) == message.ByteSize() > 300
    with refused(upstream_message.DecodeError):
        each.Sub.FromString(data)


# -- required ------------------------------------------------------------------------------------


def missing(two):
    message = two.Required(may=1)
    message.sub.may = 1
    message.subs.add(must=1)
    message.subs.add(last="x")
    message.m["k"].may = 2
    message.keeper.keepers.add().need.may = 1
    return message


def test_missing_required_fields_are_parsed(two):
    assert two.Required.FromString(b"").may == 0
    assert two.Required().ParseFromString(b"\x10\x01") == 2
    assert not two.Required.FromString(b"\x10\x01").IsInitialized()


def test_missing_required_fields_are_named(two):
    message = missing(two)
    paths = message.FindInitializationErrors()
    assert sorted(paths) == sorted(
        ["must", "last", "sub.must", "sub.last", "subs[0].last", "subs[1].must", 'm["k"].must',
         'm["k"].last', "keeper.keepers[0].need.must", "keeper.keepers[0].need.last"]
    )  # fmt: skip
    assert paths[:2] == ["must", "last"]
    errors = ["before"]
    assert message.IsInitialized(errors) is False and errors == ["before", *paths]
    assert message.IsInitialized() is False


def test_missing_required_fields_are_not_written(two, kind):
    message = missing(two)
    for write in (message.SerializeToString, lambda: message.SerializeToString(deterministic=True)):
        with pytest.raises(upstream_message.EncodeError, match=r"subs\[0\]\.last"):
            write()
    data = message.SerializePartialToString()
    if kind == "ours":  # upstream serialises to find the size, and refuses here too
        assert len(data) == message.ByteSize()
    assert two.Required.FromString(data) == message


def test_nothing_is_missing(each):
    assert each.All().IsInitialized() is True
    assert each.All().FindInitializationErrors() == []
    errors = []
    assert each.All(sub={}).IsInitialized(errors) is True and errors == []


def test_required_of_an_edition(edition):
    message = edition.Required(may=1)
    assert message.FindInitializationErrors() == ["must"]
    with refused(upstream_message.EncodeError):
        message.SerializeToString()
    message.must = 0
    message.sub.may = 2
    assert message.FindInitializationErrors() == ["sub.must"]
    message.sub.must = 2
    assert edition.Required.FromString(message.SerializeToString()) == message


def test_what_becomes_complete_and_incomplete_again(two):
    message = two.Required(must=1, last="x", sub={"must": 1, "last": "x"})
    data = message.SerializeToString()
    again = two.Required.FromString(data)
    assert again.IsInitialized() and again.SerializeToString() == data
    again.sub.ClearField("last")
    assert again.FindInitializationErrors() == ["sub.last"]
    with refused(upstream_message.EncodeError):
        again.SerializeToString()
    again.sub.last = ""
    assert again.IsInitialized()
    assert two.Keeper(keepers=[{"a": 1}]).IsInitialized()
    with refused(upstream_message.EncodeError):
        two.Keeper(keepers=[{"need": {}}]).SerializeToString()
