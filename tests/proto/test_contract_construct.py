"""The contract: what a constructor takes, and what it refuses."""

import numpy as np
import pytest


def test_empty(each):
    assert each.All().ByteSize() == 0
    assert each.Empty() == each.Empty()


def test_every_scalar_by_keyword(each):
    message = each.All(f_int32=-1, f_uint64=2**64 - 1, f_bool=True, f_float=1.5, f_string="hé",
                       f_bytes=b"\xff", color=2, mood=-3)  # fmt: skip
    assert (message.f_int32, message.f_uint64, message.f_bool) == (-1, 2**64 - 1, True)
    assert (message.f_float, message.f_string, message.f_bytes) == (1.5, "hé", b"\xff")
    assert (message.color, message.mood) == (2, -3)
    assert len(message.ListFields()) == 8


def test_keywords_only(two):
    with pytest.raises(TypeError):
        two.All(1)
    with pytest.raises(TypeError):
        two.All(two.All())


def test_none_leaves_a_field_unset(each):
    names = ("f_int32", "f_string", "sub", "subs", "r_int32", "m_text_int", "m_text_sub", "color",
             "p_int", "p_sub")  # fmt: skip
    assert each.All(**dict.fromkeys(names)) == each.All()


def test_an_unknown_name(each):
    with pytest.raises(ValueError, match="no_such_field"):
        each.All(no_such_field=1)
    with pytest.raises(ValueError, match="no_such_field"):
        each.All(sub={"no_such_field": 1})
    with pytest.raises(ValueError, match="pick"):
        each.All(pick=1)


def test_a_message_field_takes_its_class_or_a_dict(each):
    child = each.Sub(a=1)
    message = each.All(sub=child, p_sub={"b": "x", "sub": {"c": [1, 2]}})
    child.a = 2
    assert message.sub.a == 1 and message.sub is not child
    assert message.p_sub == each.Sub(b="x", sub=each.Sub(c=[1, 2]))
    assert each.All(sub={}).HasField("sub")
    assert each.All(sub=each.Sub()).HasField("sub")


@pytest.mark.parametrize("wrong", [3, "a", [], b"", 1.5, "All", [("a", 1)]])
def test_a_message_field_takes_nothing_else(two, wrong):
    wrong = two.All() if wrong == "All" else wrong
    with pytest.raises(TypeError):
        two.All(sub=wrong)


def test_the_classes_of_other_pools_are_other_classes(kind, two, three):
    """Upstream's of the same name and content are taken; a class of another name is not."""
    with pytest.raises(TypeError):
        two.All(sub=three.Sub(a=1))


@pytest.mark.parametrize(
    "values", [[1, 2], (1, 2), {1: 0, 2: 0}, range(1, 3), np.array([1, 2]), iter([1, 2])]
)
def test_a_repeated_field_takes_any_iterable(each, values):
    values = (value for value in [1, 2]) if not hasattr(values, "__len__") else values
    assert each.All(r_int32=values).r_int32 == [1, 2]


def test_a_repeated_field_takes_a_container(each):
    source = each.All(r_int32=[1], subs=[{"a": 1}], m_text_int={"a": 1}, m_text_sub={"a": {}})
    copy = each.All(r_int64=source.r_int32, subs=source.subs, m_text_int=source.m_text_int,
                    m_text_sub=source.m_text_sub)  # fmt: skip
    source.subs[0].a = 5
    source.m_text_sub["a"].a = 5
    assert copy == each.All(r_int64=[1], subs=[{"a": 1}], m_text_int={"a": 1},
                            m_text_sub={"a": {}})  # fmt: skip


def test_a_text_is_an_iterable_of_texts(each):
    assert each.All(r_string="abc").r_string == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [("r_int32", 3, TypeError), ("subs", 3, TypeError), ("r_int32", ["a"], TypeError),
     ("r_int32", [2**31], ValueError), ("subs", [3], TypeError), ("subs", [None], TypeError),
     ("subs", [{"no": 1}], ValueError), ("r_string", [b"\xff"], ValueError),
     ("r_string", [3], TypeError), ("r_bytes", ["a"], TypeError), ("m_text_int", 3, TypeError),
     ("m_text_int", {"a": "x"}, TypeError), ("m_text_int", {3: 1}, TypeError),
     ("m_text_int", {"a": 2**31}, ValueError), ("m_text_sub", {"a": 3}, TypeError),
     ("m_text_sub", {"a": None}, TypeError), ("colors", ["NOPE"], ValueError),
     ("color", "NOPE", ValueError), ("f_int32", "x", TypeError), ("f_int32", 2**31, ValueError)],
)  # fmt: skip
def test_what_no_field_takes(each, field, value, error):
    with pytest.raises(error):
        each.All(**{field: value})


def test_repeated_messages_take_dicts_and_messages(each):
    message = each.All(subs=[{"a": 1}, each.Sub(a=2)])
    assert [child.a for child in message.subs] == [1, 2]


def test_repeated_messages_take_no_single_message(each):
    with pytest.raises(TypeError):
        each.All(subs=each.Sub())


def test_maps_take_mappings_and_pairs(each):
    assert each.All(m_text_int={"a": 1}).m_text_int == {"a": 1}
    assert each.All(m_text_int=[("a", 1)]).m_text_int == {"a": 1}
    message = each.All(m_text_sub={"a": {"a": 1}, "b": each.Sub(a=2)})
    assert {key: value.a for key, value in message.m_text_sub.items()} == {"a": 1, "b": 2}


def test_enums_by_label(each):
    message = each.All(color="GREEN", colors=["BLUE", 1], m_int_color={1: "FAR"}, mood="DARK",
                       p_color="BLUE")  # fmt: skip
    assert (message.color, message.mood, message.p_color) == (1, -3, 2)
    assert message.colors == [2, 1]
    assert message.m_int_color == {1: 70000}


def test_of_a_oneof_the_last_keyword_wins(each):
    assert each.All(p_int=1, p_text="x").WhichOneof("pick") == "p_text"
    assert each.All(p_text="x", p_int=1).WhichOneof("pick") == "p_int"
    assert each.All(p_text="x", p_sub={"a": 1}, p_int=None).WhichOneof("pick") == "p_sub"


def test_presence_of_what_was_given(two, three):
    assert two.All(f_int32=0).HasField("f_int32")
    assert two.All(f_int32=0) != two.All()
    assert three.All(f_int32=0) == three.All()
    assert three.All(o_int32=0).HasField("o_int32")
    assert three.All(p_int=0).WhichOneof("pick") == "p_int"


def test_groups(two, edition):
    message = two.All(group={"a": 1}, groups=[{"b": "x"}, two.AllGroups(a=2)])
    assert (message.group.a, message.groups[0].b, message.groups[1].a) == (1, "x", 2)
    message = edition.All(framed={"a": 1}, frameds=[{"a": 2}])
    assert message.SerializePartialToString() == b"\xdb\x06\x08\x01\xdc\x06\xe3\x06\x08\x02\xe4\x06"


def test_errors_leave_nothing_behind(two):
    """A failed constructor is no message, and its arguments are as they were."""
    child, values = two.Sub(a=1), [1, 2]
    for _ in range(3):
        with pytest.raises(TypeError):
            two.All(sub=child, r_int32=values, f_int32="x")
    assert child == two.Sub(a=1) and values == [1, 2]
