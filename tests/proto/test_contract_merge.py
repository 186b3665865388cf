"""The contract: MergeFrom, CopyFrom, equality, unknown fields."""

import math

import pytest
from google.protobuf import unknown_fields

from tensorwire import proto
from tensorwire._core.message import Message

from .refusal import refused

UNKNOWN = b"\xf8\x7f\x09"


def UnknownFieldSet(message):  # noqa: N802  upstream's name
    ours = isinstance(message, Message)
    return proto.unknown_fields(message) if ours else unknown_fields.UnknownFieldSet(message)


# -- merging -------------------------------------------------------------------------------------


def by_message(message, other):
    assert message.MergeFrom(other) is None


def by_bytes(message, other):
    message.MergeFromString(other.SerializePartialToString())


@pytest.fixture(params=[by_message, by_bytes])
def merge(request):
    """Both ways to merge one message into another."""
    return request.param


def test_scalars_last_one_wins(each, merge):
    message = each.All(f_int32=1, f_string="x", f_bool=True)
    merge(message, each.All(f_int32=2, f_bytes=b"b"))
    assert message == each.All(f_int32=2, f_string="x", f_bool=True, f_bytes=b"b")


def test_zeros_merge_where_presence_says_so(two, three, merge):
    message = two.All(f_int32=1)
    merge(message, two.All(f_int32=0))
    assert message.f_int32 == 0 and message.HasField("f_int32")
    message = three.All(f_int32=1, o_int32=1)
    merge(message, three.All(f_int32=0, o_int32=0))
    assert (message.f_int32, message.o_int32) == (1, 0)


def test_repeated_fields_append(each, merge):
    message = each.All(r_int32=[1], r_string=["a"], subs=[{"a": 1}])
    merge(message, each.All(r_int32=[2, 3], r_string=["b"], subs=[{"a": 2}], r_bytes=[b""]))
    assert message == each.All(r_int32=[1, 2, 3], r_string=["a", "b"], subs=[{"a": 1}, {"a": 2}],
                               r_bytes=[b""])  # fmt: skip


def test_messages_merge(each, merge):
    message = each.All(sub={"a": 1, "c": [1], "sub": {"a": 1}})
    merge(message, each.All(sub={"b": "x", "c": [2], "sub": {"b": "y"}}))
    assert message.sub == each.Sub(a=1, b="x", c=[1, 2], sub={"a": 1, "b": "y"})
    merge(message, each.All(all={}))
    assert message.HasField("all")


def test_maps_replace_by_key(each, merge):
    message = each.All(m_text_int={"a": 1, "b": 2}, m_text_sub={"a": {"a": 1}, "b": {"a": 2}})
    merge(message, each.All(m_text_int={"b": 3, "c": 4}, m_text_sub={"b": {"b": "x"}}))
    assert message.m_text_int == {"a": 1, "b": 3, "c": 4}
    assert dict(message.m_text_sub) == {"a": each.Sub(a=1), "b": each.Sub(b="x")}


def test_oneofs_switch(each, merge):
    message = each.All(p_int=1)
    merge(message, each.All(p_text="x"))
    assert message == each.All(p_text="x")
    merge(message, each.All(f_int32=1))
    assert message.p_text == "x"
    merge(message, each.All(p_sub={"a": 1}))
    merge(message, each.All(p_sub={"b": "x"}))
    assert message.p_sub == each.Sub(a=1, b="x")
    merge(message, each.All(p_other={"a": 3}))
    assert message == each.All(f_int32=1, p_other={"a": 3})


def test_unknown_fields_append(each, merge):
    message = each.All.FromString(UNKNOWN)
    merge(message, each.All.FromString(b"\xf8\x7f\x0a"))
    assert message.SerializeToString() == UNKNOWN + b"\xf8\x7f\x0a"


def test_the_source_stays_and_shares_nothing(each):
    source = each.All(sub={"a": 1}, subs=[{"a": 1}], m_text_sub={"a": {"a": 1}}, r_int32=[1])
    message = each.All()
    message.MergeFrom(source)
    message.sub.a = message.subs[0].a = message.m_text_sub["a"].a = message.r_int32[0] = 9
    assert source == each.All(sub={"a": 1}, subs=[{"a": 1}], m_text_sub={"a": {"a": 1}},
                              r_int32=[1])  # fmt: skip
    source.sub.a = 5
    assert message.sub.a == 9


def test_edits_of_a_parsed_source_are_merged(each):
    source = each.All.FromString(each.All(sub={"a": 1}, subs=[{}, {}]).SerializeToString())
    source.sub.b = "x"
    source.subs[1].a = 2
    source.subs.add(a=3)
    message = each.All(subs=[{"a": 0}])
    message.MergeFrom(source)
    assert message == each.All(sub={"a": 1, "b": "x"}, subs=[{"a": 0}, {}, {"a": 2}, {"a": 3}])


@pytest.mark.parametrize("method", ["MergeFrom", "CopyFrom"])
def test_only_the_same_class(each, method):
    message = each.All(f_int32=1)
    for wrong in (each.Sub(), None, {}, b"", 3, each.All):
        with refused(TypeError):
            getattr(message, method)(wrong)
    assert message == each.All(f_int32=1)


# -- itself and its own parts --------------------------------------------------------------------


def test_a_message_and_itself(each):
    message = each.All(f_int32=1, r_int32=[1, 2], subs=[{"a": 1}], sub={"c": [1]})
    message.CopyFrom(message)
    assert message == each.All(f_int32=1, r_int32=[1, 2], subs=[{"a": 1}], sub={"c": [1]})
    message.MergeFrom(message)
    assert message == each.All(f_int32=1, r_int32=[1, 2, 1, 2], subs=[{"a": 1}, {"a": 1}],
                               sub={"c": [1, 1]})  # fmt: skip


def test_a_message_becomes_its_own_child(each):
    message = each.All(f_int32=1, all={"f_int64": 2, "all": {"f_string": "x"}})
    child = message.all
    message.CopyFrom(child)
    assert message == each.All(f_int64=2, all={"f_string": "x"})
    assert child == message and message.all is not child
    message = each.All(alls=[{"f_int32": 5, "alls": [{}]}])
    message.MergeFrom(message.alls[0])
    assert message == each.All(f_int32=5, alls=[{"f_int32": 5, "alls": [{}]}, {}])


def test_a_child_becomes_its_parent(each, kind):
    """What the parent was before; upstream never ends, or takes in what it writes itself."""
    if kind == "ours":
        message = each.All(f_int32=1, all={"f_int64": 2})
        message.all.CopyFrom(message)
        assert message == each.All(f_int32=1, all={"f_int32": 1, "all": {"f_int64": 2}})
        message = each.All(alls=[{"f_int32": 1}])
        message.alls.append(message)
        assert message == each.All(alls=[{"f_int32": 1}, {"alls": [{"f_int32": 1}]}])
    message = each.All(f_int32=1, all={"f_int64": 2})
    message.all.MergeFrom(message)
    assert message.all.f_int32 == 1 and message.all.all.f_int64 == 2


# -- equality ------------------------------------------------------------------------------------


def test_equal_and_not(each):
    message = each.All(f_int32=1, sub={"a": 1}, m_text_int={"a": 1, "b": 2})
    assert message == each.All(f_int32=1, sub={"a": 1}, m_text_int={"b": 2, "a": 1})
    assert (message != each.All()) is True and (message == each.All()) is False
    assert message != each.All(f_int32=1, sub={"a": 2}, m_text_int={"a": 1, "b": 2})
    assert message != each.All(f_int32=1, sub={"a": 1}, m_text_int={"a": 1, "b": 3})
    assert message == each.All.FromString(message.SerializeToString())


def test_other_things_are_never_equal(two, three):
    message = two.All()
    assert message.__eq__(5) is NotImplemented
    for other in (5, None, "", {}, b"", two.Sub(), three.All(), two.All):
        assert (message == other) is False and (message != other) is True


def test_presence_counts(two, three):
    assert two.All(f_int32=0) != two.All() and two.All(sub={}) != two.All()
    assert three.All(f_int32=0) == three.All()
    assert three.All(o_int32=0) != three.All() and three.All(p_int=0) != three.All()
    message = two.All()
    message.r_int32.append(1)
    del message.r_int32[:]
    assert message == two.All()


def test_floats_are_equal_by_their_bits_and_nan_to_nan(each):
    for name in ("f_double", "f_float"):
        assert each.All(**{name: math.nan}) == each.All(**{name: math.nan})
        assert each.All(**{name: 0.0}) != each.All(**{name: -0.0})
    assert each.All(r_double=[math.nan]) == each.All(r_double=[math.nan])


def test_unknown_fields_count(each):
    message = each.All.FromString(UNKNOWN)
    assert message != each.All() and message == each.All.FromString(UNKNOWN)
    message.sub.MergeFromString(UNKNOWN)
    assert message != each.All.FromString(UNKNOWN + b"\xc2\x02\x00")
    assert message == each.All.FromString(UNKNOWN + b"\xc2\x02\x03" + UNKNOWN)


def test_encodings_do_not_count(each):
    """Equal is what is held, however it was written."""
    split = b"\xc2\x02\x02\x08\x01" + b"\xc2\x02\x04\x08\x05\x12\x00" + b"\x08\x85\x80\x00"
    assert each.All.FromString(split) == each.All(sub={"a": 5, "b": ""}, f_int32=5)
    assert each.All.FromString(b"\x0a\x01x") != each.All()


# -- unknown fields ------------------------------------------------------------------------------


def test_the_set_of_unknown_fields(each):
    data = (b"\xf8\x7f\x01" + b"\xfa\x7f\x02ab" + b"\xfd\x7f\x01\0\0\0"
            + b"\xf9\x7f\x01" + bytes(7) + b"\xfb\x7f\x08\x05\xfc\x7f")  # fmt: skip
    message = each.All.FromString(b"\x08\x05" + data)
    unknown = UnknownFieldSet(message)
    assert len(unknown) == 5 and len(list(unknown)) == 5
    assert [(field.field_number, field.wire_type) for field in unknown] == [
        (2047, 0), (2047, 2), (2047, 5), (2047, 1), (2047, 3),
    ]  # fmt: skip
    assert [field.data for field in unknown][:4] == [1, b"ab", 1, 1]
    assert [(field.field_number, field.data) for field in unknown[4].data] == [(1, 5)]
    assert unknown[0].data == 1 and unknown[-1].wire_type == 3
    with refused(IndexError):
        unknown[5]
    assert message.SerializeToString() == b"\x08\x05" + data
    with refused(NotImplementedError):
        message.UnknownFields()


def test_unknown_values_of_closed_enums(two):
    message = two.All.FromString(b"\x80\x01\x09" + b"\xa0\x02\x09\xa0\x02\x02\xa0\x02\x08")
    assert not message.HasField("color") and message.colors == [2]
    assert [field.data for field in UnknownFieldSet(message)] == [9, 9, 8]
    message = two.All.FromString(b"\x92\x04\x04\x08\x02\x10\x09")
    assert len(message.m_int_color) == 0
    assert message.SerializeToString() == b"\x92\x04\x04\x08\x02\x10\x09"


def test_unknown_fields_are_discarded_everywhere(each):
    message = each.All.FromString(UNKNOWN)
    for part in (message.sub, message.subs.add(), message.m_text_sub["k"], message.all.all):
        part.MergeFromString(UNKNOWN)
    message.f_int32 = 5
    assert message.DiscardUnknownFields() is None
    assert len(UnknownFieldSet(message)) == 0 and len(UnknownFieldSet(message.subs[0])) == 0
    expected = each.All(f_int32=5, sub={}, subs=[{}], m_text_sub={"k": {}}, all={"all": {}})
    assert message == expected
    message.MergeFromString(UNKNOWN)
    assert message.SerializeToString().endswith(UNKNOWN)


def test_unknown_fields_of_a_parsed_message_are_discarded(each):
    data = UNKNOWN + b"\xc2\x02\x05\x08\x05" + UNKNOWN + b"\xca\x02\x03" + UNKNOWN
    message = each.All.FromString(data)
    child = message.sub
    message.DiscardUnknownFields()
    assert message == each.All(sub={"a": 5}, subs=[{}])
    assert message.sub is child and child.ByteSize() == 2
    untouched = each.All.FromString(data)
    untouched.DiscardUnknownFields()
    assert untouched.SerializeToString() == b"\xc2\x02\x02\x08\x05\xca\x02\x00"


def test_unknown_fields_are_cleared_and_copied(each):
    message = each.All.FromString(UNKNOWN)
    other = each.All(f_int32=1)
    other.CopyFrom(message)
    assert other.SerializeToString() == UNKNOWN
    other.Clear()
    assert other.ByteSize() == 0 and len(UnknownFieldSet(other)) == 0
