"""The contract: messages that were built are equal if they hold the same, whatever the way."""

import pytest

NAN = float("nan")
VARIANTS = [
    {},
    {"f_int32": 1},
    {"f_int32": -1},
    {"f_int64": 1},
    {"f_int64": 1 + 2**32},
    {"f_uint64": 2**63},
    {"f_sint32": -1},
    {"f_sfixed32": -1},
    {"f_fixed32": 2**32 - 1},
    {"f_float": 1.0},
    {"f_float": NAN},
    {"f_double": 1.0},
    {"f_double": -1.0},
    {"f_double": NAN},
    {"f_double": -0.0},
    {"f_bool": True},
    {"f_string": "x"},
    {"f_string": "y"},
    {"f_string": "\u00e9"},
    {"f_string": "longer" * 9},
    {"f_bytes": b"x"},
    {"f_bytes": b"xy"},
    {"color": "BLUE"},
    {"f_int32": 1, "f_string": "x"},
    {"sub": {}},
    {"sub": {"a": 1}},
    {"sub": {"a": 2}},
    {"sub": {"sub": {"sub": {"b": "deep"}}}},
    {"subs": []},
    {"subs": [{}]},
    {"subs": [{}, {}]},
    {"subs": [{"a": 1}, {"b": "x"}]},
    {"subs": [{"a": 1}, {"b": "y"}]},
    {"subs": [{"b": "x"}, {"a": 1}]},
    {"r_int32": [1, 2]},
    {"r_int32": [1, 3]},
    {"r_int32": [1, 2, 3]},
    {"r_double": [NAN]},
    {"r_bool": [True, False]},
    {"r_string": ["a", "b"]},
    {"r_string": ["a", "c"]},
    {"r_bytes": [b"", b"\xff"]},
    {"m_text_int": {"a": 1, "b": 2}},
    {"m_text_int": {"a": 1, "b": 3}},
    {"m_int_sub": {1: {"a": 1}}},
    {"m_int_sub": {1: {"a": 2}}},
    {"p_int": 0},
    {"p_text": ""},
    {"p_sub": {}},
    {"p_other": {}},
]
SAME_AS_NOTHING = {"subs": []}


def same(a, b):
    """Whether the keywords come to the same message: one of them is another way to say nothing."""
    a, b = ({} if one == SAME_AS_NOTHING else one for one in (a, b))
    return a is b or repr(a) == repr(b)


def built(cls, keywords):
    return cls(**keywords)


def built_with_a_detour(cls, keywords):
    """Other fields were set before, and cleared."""
    message = cls(f_int32=7, f_string="other", subs=[{"a": 9}], r_int32=[9], m_text_int={"z": 1})
    message.Clear()
    message.sub.a = 5
    message.ClearField("sub")
    message.MergeFrom(cls(**keywords))
    return message


def parsed(cls, keywords):
    return cls.FromString(cls(**keywords).SerializeToString())


WAYS = (built, built_with_a_detour, parsed)


@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("first", WAYS)
def test_equality(each, first, second):
    right = [second(each.All, keywords) for keywords in VARIANTS]
    for keywords in VARIANTS:
        left = first(each.All, keywords)
        found = [other for other, message in zip(VARIANTS, right, strict=True) if left == message]
        assert [repr(one) for one in found] == [
            repr(one) for one in VARIANTS if same(keywords, one)
        ], keywords


def test_equality_far_down(each):
    def chain(levels, end):
        message = each.All()
        at = message.sub
        for _ in range(levels):
            at = at.sub
        at.b = end
        return message

    for levels in (1, 18, 19, 20, 21, 90):
        assert chain(levels, "x") == chain(levels, "x")
        assert chain(levels, "x") != chain(levels, "y")
        assert chain(levels, "x") != chain(levels + 1, "x")


def test_unknown_fields_count(each):
    left, right = each.All(f_int32=1), each.All(f_int32=1)
    left.MergeFromString(b"\xf8\x7f\x05")
    assert left != right
    right.MergeFromString(b"\xf8\x7f\x05")
    assert left == right
    left.DiscardUnknownFields()
    assert left != right


def test_set_to_zero(two, three):
    assert two.All(f_int32=0) != two.All() and two.All(f_string="") != two.All()
    assert three.All(f_int32=0) == three.All() and three.All(f_string="") == three.All()
    assert three.All(f_double=0.0) != three.All(f_double=-0.0)
    assert three.All(o_int32=0) != three.All()
