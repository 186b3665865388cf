"""The contract: identity of children and containers, and what becomes of detached ones."""

import gc

import pytest

from .refusal import refused

SUB_5 = b"\xc2\x02\x02\x08\x05"  # sub { a: 5 }


def test_children_are_the_same_while_held(each):
    message = each.All(sub={"a": 1}, subs=[{"a": 1}], m_text_sub={"k": {"a": 1}})
    assert message.sub is message.sub
    assert message.subs is message.subs and message.subs[0] is message.subs[0]
    assert message.subs[0] is message.subs[-1] is next(iter(message.subs)) is message.subs[:][0]
    assert message.m_text_sub is message.m_text_sub
    assert message.m_text_sub["k"] is message.m_text_sub["k"]
    assert message.r_int32 is message.r_int32 and message.m_text_int is message.m_text_int
    assert message.all is message.all


def test_children_of_parsed_messages_are_the_same_while_held(each):
    data = each.All(sub={"a": 1}, subs=[{"a": 1}, {}], m_text_sub={"k": {"a": 1}},
                    r_int32=[1]).SerializeToString()  # fmt: skip
    message = each.All.FromString(data)
    child, element, value, numbers = (
        message.sub, message.subs[1], message.m_text_sub["k"], message.r_int32,
    )  # fmt: skip
    gc.collect()
    message.f_int32 = 1
    message.subs.add()
    message.m_text_sub["new"]
    numbers.append(2)
    assert message.sub is child and message.subs[1] is element
    assert message.m_text_sub["k"] is value and message.r_int32 is numbers
    child.a, element.a, value.a = 7, 8, 9
    expected = each.All(f_int32=1, sub={"a": 7}, subs=[{"a": 1}, {"a": 8}, {}], r_int32=[1, 2],
                        m_text_sub={"k": {"a": 9}, "new": {}})  # fmt: skip
    assert message == expected


def test_children_outlive_their_parents(each):
    message = each.All(sub={"a": 1, "c": [1]}, subs=[{"a": 2}], m_text_sub={"k": {"a": 3}})
    child, element, value = message.sub, message.subs[0], message.m_text_sub["k"]
    numbers, elements, mapping = message.sub.c, message.subs, message.m_text_sub
    del message
    gc.collect()
    child.a = 5
    numbers.append(2)
    elements.add(a=4)
    mapping["new"].a = 6
    assert child == each.Sub(a=5, c=[1, 2]) and child.c is numbers
    assert (element.a, value.a, len(elements), len(mapping)) == (2, 3, 2, 2)
    assert elements[0] is element and mapping["k"] is value


DETACHING = {
    "ClearField": lambda message: message.ClearField("sub"),
    "Clear": lambda message: message.Clear(),
    "ParseFromString": lambda message: message.ParseFromString(SUB_5),
    "CopyFrom": lambda message: message.CopyFrom(type(message)(sub={"a": 5})),
}


@pytest.mark.parametrize("detach", DETACHING.values(), ids=DETACHING)
def test_a_detached_child_lives_on(each, detach):
    message = each.All(sub={"a": 1, "sub": {"b": "x"}, "c": [1]})
    child, grandchild, numbers = message.sub, message.sub.sub, message.sub.c
    detach(message)
    after = message.SerializeToString()
    assert child == each.Sub(a=1, sub={"b": "x"}, c=[1])
    child.a = 9
    grandchild.b = "y"
    numbers.append(2)
    assert child == each.Sub(a=9, sub={"b": "y"}, c=[1, 2])
    assert message.SerializeToString() == after
    assert message.sub is not child
    message.sub.a = 3
    assert child.a == 9


@pytest.mark.parametrize("detach", DETACHING.values(), ids=DETACHING)
def test_a_detached_child_of_a_parsed_message_lives_on(each, detach):
    data = each.All(sub={"a": 1, "sub": {"b": "x"}, "c": [1]}).SerializeToString()
    message = each.All.FromString(data)
    child, numbers = message.sub, message.sub.c
    grandchild = child.sub
    detach(message)
    grandchild.b = "y"
    numbers.append(2)
    assert child == each.Sub(a=1, sub={"b": "y"}, c=[1, 2])
    assert child.sub is grandchild and child.c is numbers and message.sub is not child


@pytest.mark.parametrize("parsed", [False, True])
def test_detached_containers_live_on(each, parsed):
    message = each.All(r_int32=[1], subs=[{"a": 1}], m_text_int={"a": 1}, m_text_sub={"a": {}},
                       r_string=["x"])  # fmt: skip
    if parsed:
        message = each.All.FromString(message.SerializeToString())
    held = [message.r_int32, message.subs, message.m_text_int, message.m_text_sub, message.r_string]
    element = message.subs[0]
    for name in ("r_int32", "subs", "m_text_int", "m_text_sub", "r_string"):
        message.ClearField(name)
    held[0].append(2)
    held[1].add(a=2)
    held[2]["b"] = 2
    held[3]["b"].a = 2
    held[4].append("y")
    element.a = 9
    assert held[0] == [1, 2] and held[2] == {"a": 1, "b": 2} and held[4] == ["x", "y"]
    assert [child.a for child in held[1]] == [9, 2] and held[1][0] is element
    assert (len(held[3]), held[3]["b"].a) == (2, 2)
    assert message == each.All()
    assert message.r_int32 is not held[0] and message.subs is not held[1]
    assert message.m_text_int is not held[2] and message.m_text_sub is not held[3]


@pytest.mark.parametrize("clear", [False, True])
def test_empty_containers_are_detached_too(each, kind, clear):
    message = each.All()
    held = message.r_int32, message.subs, message.m_text_int
    for name in ("r_int32", "subs", "m_text_int"):
        message.ClearField(name)
    if clear:
        message.Clear()
    held[0].append(1)
    held[1].add()
    assert message == each.All()
    if kind == "ours":  # upstream's empty map stays where it was
        held[2]["a"] = 1
    assert message == each.All()


REMOVALS = {
    "del": lambda field: field.__delitem__(0),
    "del of a slice": lambda field: field.__delitem__(slice(0, 1)),
    "pop": lambda field: field.pop(0),
    "remove": lambda field: field.remove(field[0]),
}


@pytest.mark.parametrize("removal", REMOVALS.values(), ids=REMOVALS)
@pytest.mark.parametrize("parsed", [False, True])
def test_a_removed_element_lives_on(each, removal, parsed):
    message = each.All(subs=[{"a": 1}, {"a": 2}, {"a": 3}])
    if parsed:
        message = each.All.FromString(message.SerializeToString())
    element, other = message.subs[0], message.subs[2]
    removal(message.subs)
    element.a, other.a = 9, 8
    assert element == each.Sub(a=9)
    assert message == each.All(subs=[{"a": 2}, {"a": 8}])
    assert message.subs[1] is other


def test_pop_returns_the_element_itself(each):
    message = each.All(subs=[{"a": 1}, {"a": 2}])
    held = message.subs[1]
    popped = message.subs.pop()
    popped.a = 7
    assert popped is held
    assert message == each.All(subs=[{"a": 1}])


def test_a_removed_value_of_a_map_lives_on(each):
    message = each.All(m_text_sub={"a": {"a": 1}, "b": {"a": 2}})
    value, other = message.m_text_sub["a"], message.m_text_sub["b"]
    del message.m_text_sub["a"]
    value.a, other.a = 9, 8
    assert value == each.Sub(a=9)
    assert message == each.All(m_text_sub={"b": {"a": 8}})
    assert message.m_text_sub["a"] is not value
    message.m_text_sub.clear()
    other.b = "still"
    assert (other.a, other.b, len(message.m_text_sub)) == (8, "still", 0)


def test_elements_move_with_their_identity(each):
    message = each.All(subs=[{"a": 3}, {"a": 1}, {"a": 2}])
    held = {child.a: child for child in message.subs}
    message.subs.sort(key=lambda child: child.a)
    assert [child.a for child in message.subs] == [1, 2, 3]
    assert all(message.subs[a - 1] is held[a] for a in held)
    message.subs.reverse()
    message.subs.insert(0, each.Sub(a=0))
    assert all(message.subs[4 - a] is held[a] for a in held)
    held[2].a = 20
    assert [child.a for child in message.subs] == [0, 3, 20, 1]


# -- oneofs --------------------------------------------------------------------------------------


def test_a_replaced_member_is_detached(each):
    message = each.All(p_sub={"a": 1})
    child = message.p_sub
    message.p_int = 3
    child.a = 5
    assert (child.a, message.WhichOneof("pick"), message.p_sub.a) == (5, "p_int", 0)
    assert message.p_sub is not child


def test_a_member_replaced_by_another_message_is_detached(each):
    message = each.All()
    first, second = message.p_sub, message.p_other
    first.a = 1
    second.a = 2
    first.a = 9
    assert message == each.All(p_other={"a": 2}) and first.a == 9


def test_an_absent_member_that_is_held_switches_when_written(each):
    message = each.All()
    child = message.p_sub
    message.p_int = 3
    child.a = 7
    assert message == each.All(p_sub={"a": 7}) and message.p_sub is child


# -- children that were read while absent --------------------------------------------------------


def test_an_absent_child_becomes_what_is_merged(each):
    for fill in (
        lambda message: message.MergeFromString(SUB_5),
        lambda message: message.ParseFromString(SUB_5),
        lambda message: message.MergeFrom(type(message)(sub={"a": 5})),
        lambda message: message.CopyFrom(type(message)(sub={"a": 5})),
    ):
        message = each.All()
        child = message.sub
        fill(message)
        assert message == each.All(sub={"a": 5})
        message.sub.b = "x"
        assert message.sub.b == "x" and child.a in (0, 5)


def test_an_absent_member_becomes_what_is_merged_between_switches(each):
    """p_other twice, with p_int between: the first is dropped, the held child gets the second."""
    data = each.All(p_other={"a": 5}).SerializeToString()
    data += each.All(p_int=7).SerializeToString() + each.All(p_other={"b": "x"}).SerializeToString()
    for start in ({}, {"p_int": 3}, {"p_sub": {"a": 4}}):
        message = each.All(**start)
        child = message.p_other
        message.MergeFromString(data)
        assert message == each.All(p_other={"b": "x"}) and child == each.Sub(b="x")
        assert message.p_other is child
    message = each.All(p_other={"a": 1})
    child = message.p_other
    message.MergeFromString(data)
    assert message == each.All(p_other={"b": "x"}) and message.p_other is not child


def test_merging_keeps_the_children_that_are_there(each):
    message = each.All(sub={"a": 1}, r_int32=[1], subs=[{"a": 1}])
    child, numbers, elements, element = message.sub, message.r_int32, message.subs, message.subs[0]
    message.MergeFromString(SUB_5 + each.All(r_int32=[2], subs=[{"a": 2}]).SerializeToString())
    assert message.sub is child and child.a == 5
    assert message.r_int32 is numbers and numbers == [1, 2]
    assert message.subs is elements and elements[0] is element and elements[1].a == 2
    message.MergeFrom(each.All(sub={"b": "x"}, subs=[{"a": 3}]))
    assert child == each.Sub(a=5, b="x") and message.sub is child
    assert [one.a for one in elements] == [1, 2, 3]


def test_a_merged_map_replaces_its_values(each):
    for merge in (
        lambda message, other: message.MergeFrom(other),
        lambda message, other: message.MergeFromString(other.SerializeToString()),
    ):
        message = each.All(m_text_sub={"a": {"a": 1}})
        mapping, value = message.m_text_sub, message.m_text_sub["a"]
        merge(message, each.All(m_text_sub={"a": {"b": "x"}}))
        value.c.append(3)
        assert message.m_text_sub is mapping and mapping["a"] is not value
        assert message == each.All(m_text_sub={"a": {"b": "x"}})
        assert value == each.Sub(a=1, c=[3])


def test_children_of_detached_children(each):
    message = each.All(all={"all": {"sub": {"a": 1}}})
    middle, leaf = message.all.all, message.all.all.sub
    message.ClearField("all")
    leaf.a = 2
    middle.subs.add(a=3)
    assert middle == each.All(sub={"a": 2}, subs=[{"a": 3}])
    assert message == each.All()


def test_an_absent_grandchild_of_a_detached_child(each):
    message = each.All()
    child = message.sub
    grandchild = child.sub
    message.ClearField("sub")
    grandchild.a = 1
    assert child == each.Sub(sub={"a": 1})
    assert message == each.All()


def test_a_failed_parse_leaves_a_valid_message(each):
    """What was read until then, or less; the child held before is no part of it."""
    message = each.All(sub={"a": 1}, r_int32=[1])
    child, numbers = message.sub, message.r_int32
    with refused(ValueError, Exception):
        message.ParseFromString(SUB_5 + b"\xff")
    child.a = 9
    numbers.append(2)
    assert message.f_string == ""
    assert each.All.FromString(message.SerializeToString()) == message
    message.Clear()
    assert message == each.All()
