"""The contract: ``keys()``, ``values()`` and ``items()`` of a map, which show what changes."""

import collections.abc

import pytest

from .refusal import refused

NAMES = ("keys", "values", "items")
KINDS = {
    "keys": collections.abc.KeysView,
    "values": collections.abc.ValuesView,
    "items": collections.abc.ItemsView,
}


@pytest.fixture(params=["built", "parsed", "absent"])
def message(request, each):
    """A message with a map of one or no entry."""
    if request.param == "absent":
        return each.All()
    built = each.All(m_int_text={1: "one"}, m_int_sub={1: {"a": 1}})
    return built if request.param == "built" else each.All.FromString(built.SerializeToString())


def shown(message, name):
    """What the view of that name has to show now."""
    field = message.m_int_text
    expected = {"keys": list(field), "values": [field[key] for key in field]}
    return sorted(expected[name] if name != "items" else [(key, field[key]) for key in field])


CHANGES = {
    "nothing": lambda message: None,
    "an assignment": lambda message: message.m_int_text.__setitem__(77, "new"),
    "a read": lambda message: message.m_int_text[78],
    "a removal": lambda message: message.m_int_text.pop(1, None),
    "a clearing": lambda message: message.m_int_text.clear(),
    "a merge": lambda message: message.MergeFrom(type(message)(m_int_text={5: "five"})),
    "a merge of bytes": lambda message: message.MergeFromString(b"\xea\x03\x05\x08\x05\x12\x01x"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", CHANGES)
def test_a_view_shows_what_changes(message, kind, name, change):
    if change == "a removal" and kind == "upb":
        message.m_int_text[1]  # upstream's pop takes no default
        message.m_int_text.setdefault(1, "x")
        view = getattr(message.m_int_text, name)()
        del message.m_int_text[1]
    else:
        view = getattr(message.m_int_text, name)()  # the map itself is held by nobody else
        CHANGES[change](message)
    assert len(view) == len(message.m_int_text)
    assert sorted(view) == shown(message, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_view_of_messages_shows_what_changes(message, name):
    view = getattr(message.m_int_sub, name)()
    message.m_int_sub[9].a = 90
    assert len(view) == len(message.m_int_sub) == len(list(view))


@pytest.mark.parametrize("name", NAMES)
def test_a_view_outlives_the_message(message, name):
    view, expected = getattr(message.m_int_text, name)(), shown(message, name)
    del message
    assert sorted(view) == expected


@pytest.mark.parametrize("name", NAMES)
def test_its_type(message, name):
    assert isinstance(getattr(message.m_int_text, name)(), KINDS[name])


def test_sets(each):
    field = each.All(m_int_text={1: "one", 2: "two"}).m_int_text
    assert field.keys() & {2, 3} == {2} and field.keys() | {3} == {1, 2, 3}
    assert field.items() - {(1, "one")} == {(2, "two")} and {1} < field.keys()
    assert 1 in field.keys() and 3 not in field.keys()  # noqa: SIM118
    assert (1, "one") in field.items() and (1, "two") not in field.items()
    assert "one" in field.values() and "three" not in field.values()


@pytest.mark.parametrize("name", NAMES)
def test_changes_while_iterating(each, name):
    field = each.All(m_int_text={1: "one", 2: "two", 3: "three"}).m_int_text
    for change in (lambda: field[9], lambda: field.pop(1), field.clear):
        iterator = iter(getattr(field, name)())
        next(iterator)
        change()
        with refused(RuntimeError, KeyError):
            list(iterator)
        field.update({1: "one", 2: "two", 3: "three"})


@pytest.mark.parametrize("name", ["m_int_text", "m_text_int", "m_int_sub", "m_text_sub"])
def test_a_key_of_another_type_is_in_no_empty_map(each, name):
    for key in (None, 1.5, b"\xff", object(), [], 2**70, "x", True):
        assert key not in getattr(each.All(), name)


def test_keys_come_first_where_messages_are_assigned(each):
    for value in (each.Sub(), None, 5):
        with refused(TypeError):
            each.All().m_int_sub["a"] = value
        with refused(ValueError):
            each.All().m_int_sub[1] = value


@pytest.mark.parametrize("name", ["m_int_text", "m_int_sub"])
def test_no_copies_of_maps(each, name):
    import copy
    import pickle

    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with refused(TypeError):
            attempt(getattr(each.All(m_int_text={1: "x"}, m_int_sub={1: {}}), name))
