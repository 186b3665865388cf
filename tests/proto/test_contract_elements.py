"""The contract: repeated messages."""

import collections.abc
import copy
import pickle

import pytest

from .refusal import refused


@pytest.fixture(params=["built", "parsed", "edited", "detached"])
def subs(request, each):
    """A function that makes a list of messages, each with a number, in some state."""

    def make(*values):
        message = each.All(subs=[{"a": value} for value in values])
        if request.param == "parsed":
            message = each.All.FromString(message.SerializeToString())
        if request.param == "edited":
            message.subs.insert(0, each.Sub(a=77))
            message = each.All.FromString(message.SerializeToString())
            del message.subs[0]
        field = message.subs
        if request.param == "detached":
            message.ClearField("subs")
        return field

    return make


def values(field):
    return [child.a for child in field]


def test_it_is_a_mutable_sequence(subs):
    field = subs(1, 2)
    assert isinstance(field, collections.abc.MutableSequence)
    for attempt in (hash, lambda f: f + f, lambda f: f * 2, lambda f: f < f):
        with refused(TypeError):
            attempt(field)
    assert bool(field) and not subs()
    assert repr(subs(1)) == "[a: 1\n]"


def test_reading(subs, each):
    field = subs(1, 2, 3)
    assert (len(field), field[0].a, field[-1].a) == (3, 1, 3)
    assert values(field[1:]) == [2, 3] and type(field[1:]) is list
    assert values(field[::-1]) == [3, 2, 1] and values(reversed(field)) == [3, 2, 1]
    assert each.Sub(a=2) in field and each.Sub(a=9) not in field and 3 not in field
    for at, error in ((3, IndexError), (-4, IndexError), ("a", TypeError), (1.0, TypeError)):
        with refused(error):
            field[at]


def test_add(subs, each):
    field = subs(1)
    child = field.add(a=5, b="x", c=[1], sub={"a": 1})
    assert child is field[1] and child == each.Sub(a=5, b="x", c=[1], sub={"a": 1})
    field.add().a = 7
    assert values(field) == [1, 5, 7]
    for arguments in ((5,), ({"a": 1},), (each.Sub(),)):
        with refused(TypeError):
            field.add(*arguments)
    assert len(field) == 3


def test_a_failed_add(subs):
    field = subs(1)
    with refused(ValueError):
        field.add(no_such_field=1)
    with refused(TypeError):
        field.add(a="x")
    assert values(field) == [1]


def test_append_insert_and_extend_copy(subs, each):
    field, child = subs(1), each.Sub(a=5)
    field.append(child)
    field.insert(0, child)
    field.insert(-1, child)
    field.insert(100, child)
    field.extend([child, child])
    field.extend(child for _ in range(2))
    field.extend([])
    assert values(field) == [5, 1, 5, 5, 5, 5, 5, 5, 5]
    child.a = 6
    field[1].a = 2
    assert values(field) == [5, 2, 5, 5, 5, 5, 5, 5, 5]
    assert not any(one is child for one in field)


def test_elements_of_another_list(subs, each):
    field, other = subs(1), each.All(subs=[{"a": 2}, {"a": 3}])
    field.extend(other.subs)
    field.MergeFrom(other.subs)
    field.append(other.subs[0])
    field.MergeFrom([each.Sub(a=9)])
    other.subs[0].a = 7
    assert values(field) == [1, 2, 3, 2, 3, 2, 9]
    field.append(field[0])
    field[0].a = 8
    assert values(field) == [8, 2, 3, 2, 3, 2, 9, 1]


def test_a_list_and_itself(subs, kind):
    """Upstream's runs until memory ends."""
    if kind == "ours":
        field = subs(1, 2)
        field.extend(field)
        assert values(field) == [1, 2, 1, 2]
        field.MergeFrom(field)
        assert values(field) == [1, 2, 1, 2] * 2
    field = subs(1, 2)
    field.extend(list(field))
    assert values(field) == [1, 2, 1, 2]


@pytest.mark.parametrize("wrong", [{"a": 1}, None, 3, "a", "All"], ids=repr)
def test_what_is_no_element(subs, each, kind, wrong):
    wrong = each.All() if wrong == "All" else wrong
    field = subs(1)
    for edit in (
        lambda: field.append(wrong),
        lambda: field.insert(0, wrong),
        lambda: field.extend([wrong]),
        lambda: field.MergeFrom([wrong]),
    ):
        with refused(TypeError):
            edit()
    if kind == "ours":  # upstream leaves an element behind
        assert values(field) == [1]


def test_what_comes_before_what_is_no_element_is_added(subs, each):
    field = subs(1)
    with refused(TypeError):
        field.extend([each.Sub(b="new"), 3, each.Sub()])
    assert len(field) >= 2 and field[1].b == "new"


def test_what_is_no_iterable(subs):
    for wrong in (3, None):
        with refused(TypeError):
            subs(1).extend(wrong)
        with refused(TypeError):
            subs(1).MergeFrom(wrong)


def test_elements_are_not_assigned(subs, each):
    field = subs(1, 2)
    for at in (0, -1, slice(0, 1), slice(None)):
        for value in (each.Sub(), [each.Sub()], [], None):
            with refused(TypeError):
                field[at] = value
    assert values(field) == [1, 2]


def test_pop_remove_and_delete(subs, each):
    field = subs(1, 2, 3, 4, 5, 6)
    assert (field.pop().a, field.pop(0).a, field.pop(-2).a) == (6, 1, 4)
    field.remove(each.Sub(a=3))
    assert values(field) == [2, 5]
    for wrong in (each.Sub(a=3), 3, None):
        with refused(ValueError):
            field.remove(wrong)
    del field[0]
    assert values(field) == [5]
    for at, error in ((1, IndexError), (-2, IndexError), ("a", TypeError)):
        with refused(error):
            del field[at]
    field.clear()
    assert len(field) == 0
    with refused(IndexError):
        field.pop()


def test_pop_out_of_range(subs, kind):
    field = subs(1, 2)
    if kind == "upb":
        with pytest.warns(FutureWarning):
            assert field.pop(99).a == 2
    else:
        with refused(IndexError):
            field.pop(99)
        assert values(field) == [1, 2]


@pytest.mark.parametrize(
    "part", [slice(0, 2), slice(None), slice(None, None, 2), slice(None, None, -1), slice(3, 1),
             slice(-2, None), slice(4, 0, -2)], ids=repr,
)  # fmt: skip
def test_slices_are_deleted(subs, part):
    field, plain = subs(*range(5)), list(range(5))
    del field[part]
    del plain[part]
    assert values(field) == plain


def test_sorting(subs):
    for arguments in ({"key": lambda c: c.a}, {"key": lambda c: -c.a}, {"key": lambda c: c.a % 2},
                      {"key": lambda c: c.a % 2, "reverse": True}):  # fmt: skip
        field, plain = subs(3, 1, 2, 5, 4), [3, 1, 2, 5, 4]
        field.sort(**arguments)
        plain.sort(key=lambda a, k=arguments["key"]: k(Number(a)), reverse="reverse" in arguments)
        assert values(field) == plain
    with refused(TypeError):
        field.sort()
    with refused(TypeError):
        field.sort(lambda c: c.a)
    with refused(AttributeError):
        field.sort(key=lambda c: c.no_such_field)
    assert sorted(values(field)) == [1, 2, 3, 4, 5]
    field.reverse()
    assert sorted(values(field)) == [1, 2, 3, 4, 5]


class Number:
    def __init__(self, a):
        self.a = a


def test_equality(subs, each):
    field = subs(1, 2)
    assert field == [each.Sub(a=1), each.Sub(a=2)] and field == subs(1, 2) and field == field
    for other in ((each.Sub(a=1), each.Sub(a=2)), [], [each.Sub(a=1)], None, 3, [1, 2], subs(1, 3)):
        assert (field == other) is False and (field != other) is True


def test_copies(subs):
    field = subs(1, 2)
    twin = copy.deepcopy(field)
    twin[0].a = 9
    twin.add()
    assert type(twin) is type(field) and (values(twin), values(field)) == ([9, 2, 0], [1, 2])
    for attempt in (copy.copy, pickle.dumps):
        with refused(TypeError):
            attempt(field)


def test_edits_of_elements_are_written(each):
    message = each.All(subs=[{"a": value} for value in range(50)])
    message = each.All.FromString(message.SerializeToString())
    message.subs[25].a = 500
    message.subs[49].sub.a = 1
    message.subs.add(b="new")
    del message.subs[0]
    expected = [{"a": value} for value in range(1, 50)]
    expected[24], expected[48] = {"a": 500}, {"a": 49, "sub": {"a": 1}}
    assert message == each.All(subs=[*expected, {"b": "new"}])
    assert each.All.FromString(message.SerializeToString()) == message
    assert message.ByteSize() == len(message.SerializeToString())


def test_nested_lists(each):
    message = each.All(alls=[{"alls": [{"subs": [{"a": 1}]}]}])
    message = each.All.FromString(message.SerializeToString())
    message.alls[0].alls[0].subs[0].c.append(5)
    message.alls[0].alls.add().subs.add()
    expected = [{"subs": [{"a": 1, "c": [5]}]}, {"subs": [{}]}]
    assert message == each.All(alls=[{"alls": expected}])
    assert each.All.FromString(message.SerializeToString()) == message


def test_groups(two, edition):
    for cls, name in ((two.All, "groups"), (edition.All, "frameds")):
        message = cls(**{name: [{"a": 1}, {"b": "x"}]})
        message = cls.FromString(message.SerializePartialToString())
        getattr(message, name)[0].b = "y"
        getattr(message, name).add(a=3)
        assert message == cls(**{name: [{"a": 1, "b": "y"}, {"b": "x"}, {"a": 3}]})
