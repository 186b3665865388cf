"""The contract: repeated scalars, a list and not quite a list."""

import collections.abc
import copy
import operator
import pickle
import weakref

import pytest

from .contract_schemas import KINDS
from .refusal import refused

VALUES = {"bool": [True, False, True], "string": ["a", "", "hé"], "bytes": [b"a", b"", b"\xff"],
          "float": [1.5, 0.0, -2.0], "double": [1.5, 0.0, -2.0]}  # fmt: skip


@pytest.fixture(params=["built", "parsed", "edited", "detached"])
def numbers(request, each):
    """A function that makes a list of 32-bit numbers from values, in some state of its message."""

    def make(*values):
        message = each.All(r_int32=values)
        if request.param == "parsed":
            message = each.All.FromString(message.SerializeToString())
        if request.param == "edited":
            message = each.All.FromString(each.All(r_int32=[9, *values]).SerializeToString())
            del message.r_int32[0]
        field = message.r_int32
        if request.param == "detached":
            message.ClearField("r_int32")
        return field

    return make


@pytest.mark.parametrize("scalar", KINDS)
@pytest.mark.parametrize("name", ["r_{}", "{}s"])
def test_a_list_of_each_kind(each, scalar, name):
    values = VALUES.get(scalar, [1, 0, 127])
    if name == "{}s" and scalar in ("string", "bytes"):
        return
    cls, name = (each.All if name == "r_{}" else each.Packed), name.format(scalar)
    message = cls(**{name: values})
    for one in (message, cls.FromString(message.SerializeToString())):
        field = getattr(one, name)
        assert list(field) == values and field == values and len(field) == 3
        assert [type(value) for value in field] == [type(value) for value in values]
        field.append(values[0])
        field[1] = values[0]
        field.extend(values[:2])
        del field[2]
        assert list(field) == [values[0]] * 3 + values[:2]
        again = getattr(cls.FromString(one.SerializeToString()), name)
        assert again == field


def test_it_is_a_mutable_sequence(numbers):
    field = numbers(1, 2)
    assert isinstance(field, collections.abc.MutableSequence)
    assert not isinstance(field, list)
    for attempt in (hash, weakref.ref, lambda f: f + f, lambda f: f * 2, lambda f: f < f,
                    lambda f: operator.iadd(f, [1])):  # fmt: skip
        with refused(TypeError):
            attempt(field)


def test_reading(numbers):
    field = numbers(1, 2, 3, 2)
    assert (field[0], field[-1], field[2]) == (1, 2, 3)
    assert (3 in field, 9 in field, "a" in field) == (True, False, False)
    assert list(reversed(field)) == [2, 3, 2, 1] and (min(field), sum(field)) == (1, 8)
    assert bool(field) is True and bool(numbers()) is False
    for at in (4, -5, 2**31, -(2**31)):
        with refused(IndexError):
            field[at]
    for at in ("a", 1.0, None, b""):
        with refused(TypeError):
            field[at]
    with refused(IndexError, OverflowError, TypeError):
        field[2**70]


def test_slices_are_plain_lists(numbers):
    field, plain = numbers(*range(10)), list(range(10))
    for part in (slice(1, 3), slice(None), slice(None, None, -1), slice(-3, None), slice(8, 2),
                 slice(0, 100, 3), slice(100, None), slice(9, 0, -4)):  # fmt: skip
        assert field[part] == plain[part] and type(field[part]) is list
    with refused(ValueError):
        field[::0]


def test_equality(numbers, each):
    field = numbers(1, 2, 3)
    assert field == [1, 2, 3] and [1, 2, 3] == field and field == numbers(1, 2, 3)
    assert field == field and field == each.All(r_int64=[1, 2, 3]).r_int64
    assert field == [1.0, 2.0, 3.0]
    for other in ((1, 2, 3), [1, 2], [1, 2, 4], None, "abc", {1, 2, 3}, numbers(1, 2)):
        assert (field == other) is False and (field != other) is True


def test_text_of_a_list(numbers, each):
    assert repr(numbers(1, 2)) == str(numbers(1, 2)) == "[1, 2]"
    assert repr(each.All(r_string=["a"]).r_string) == "['a']"


# -- writing -------------------------------------------------------------------------------------


def test_append_insert_and_extend(numbers):
    field, plain = numbers(5), [5]
    for edit in (
        lambda f: f.append(1),
        lambda f: f.insert(0, 2),
        lambda f: f.insert(-1, 3),
        lambda f: f.insert(100, 4),
        lambda f: f.insert(-100, 6),
        lambda f: f.extend([7, 8]),
        lambda f: f.extend(()),
        lambda f: f.extend(i for i in range(3)),
        lambda f: f.extend({1: 2}),
        lambda f: f.extend(f),
        lambda f: f.extend(range(100)),
    ):
        assert edit(field) is None
        edit(plain)
        assert field == plain


def test_pop_remove_and_reverse(numbers):
    field, plain = numbers(1, 2, 3, 2, 5, 6), [1, 2, 3, 2, 5, 6]
    for edit in (
        lambda f: f.pop(),
        lambda f: f.pop(0),
        lambda f: f.pop(-2),
        lambda f: f.remove(5),
        lambda f: f.reverse(),
        lambda f: f.clear(),
    ):
        assert edit(field) == edit(plain)
        assert field == plain
    for arguments in ((), (0,)):
        with refused(IndexError):
            field.pop(*arguments)
    with refused(ValueError):
        field.remove(1)


def test_pop_out_of_range(numbers, kind):
    """Upstream warns and takes the last element: a slip of its C code; ours refuses."""
    for at in (99, 3, -4):
        field = numbers(1, 2, 3)
        if kind == "upb":
            with pytest.warns(FutureWarning):
                field.pop(at)
        else:
            with refused(IndexError):
                field.pop(at)
            assert field == [1, 2, 3]


def test_sorting(numbers):
    for arguments in ({}, {"reverse": True}, {"key": lambda x: -x}, {"key": None},
                      {"key": lambda x: x % 2, "reverse": True}):  # fmt: skip
        field, plain = numbers(3, 1, 2, 5, 4, 1), [3, 1, 2, 5, 4, 1]
        assert field.sort(**arguments) is None
        plain.sort(**arguments)
        assert field == plain
    field = numbers(3, 1, 2)
    with refused(ZeroDivisionError):
        field.sort(key=lambda x: 1 / (x - 1))
    assert sorted(field) == [1, 2, 3]
    with refused(TypeError):
        field.sort(lambda x: x)
    with refused(TypeError):
        field.sort(no_such_keyword=1)


def test_items_are_set(numbers):
    field = numbers(1, 2, 3)
    field[0], field[-1] = 7, 9
    assert field == [7, 2, 9]
    for at, value, error in ((3, 1, IndexError), (-4, 1, IndexError), ("a", 1, TypeError),
                             (0, "a", TypeError), (0, 2**31, ValueError)):  # fmt: skip
        with refused(error):
            field[at] = value
    assert field == [7, 2, 9]


SLICES = [(slice(0, 2), [7, 8, 9]), (slice(0, 2), []), (slice(1, 1), [5, 6]), (slice(3, 1), [7]),
          (slice(None), [4]), (slice(-2, None), (9, 9, 9)), (slice(None, None, -1), range(5)),
          (slice(None, None, 2), [7, 7, 7]), (slice(100, 200), [1]),
          (slice(4, 0, -2), [8, 9])]  # fmt: skip


@pytest.mark.parametrize(("part", "values"), SLICES, ids=repr)
def test_slices_are_set_and_deleted(numbers, part, values):
    field, plain = numbers(*range(5)), list(range(5))
    field[part] = values
    plain[part] = values
    assert field == plain
    field, plain = numbers(*range(5)), list(range(5))
    field[part] = (value for value in values)
    plain[part] = values
    assert field == plain
    field, plain = numbers(*range(5)), list(range(5))
    del field[part]
    del plain[part]
    assert field == plain


def test_a_slice_of_itself(numbers, kind):
    field = numbers(1, 2, 3)
    field[0:2] = field
    assert field == [1, 2, 3, 3]
    field[:] = field
    assert field == [1, 2, 3, 3]
    if kind == "ours":  # upstream reads what it has just written
        field[::-1] = field
        assert field == [3, 3, 2, 1]


def test_extended_slices_demand_their_length(numbers):
    field = numbers(1, 2, 3)
    for values in ([], [1], [1, 2, 3]):
        with refused(ValueError):
            field[::2] = values
    assert field == [1, 2, 3]


def test_deleting(numbers):
    field = numbers(1, 2, 3)
    del field[1]
    del field[-1]
    assert field == [1]
    for at, error in ((1, IndexError), (-2, IndexError), ("a", TypeError), (1.0, TypeError)):
        with refused(error):
            del field[at]
    assert field == [1]


def test_merge_from(numbers, each):
    field = numbers(1)
    field.MergeFrom([2])
    field.MergeFrom(each.All(r_int32=[3]).r_int32)
    field.MergeFrom(each.All(r_int64=[4]).r_int64)
    field.MergeFrom(field)
    assert field == [1, 2, 3, 4, 1, 2, 3, 4]
    for wrong, error in ((None, TypeError), (3, TypeError), ([2**40], ValueError)):
        with refused(error):
            field.MergeFrom(wrong)


BAD = [([4, "a"], TypeError), ([4, 2**31], ValueError), ([4, None], TypeError),
       ([4, True], TypeError), (None, TypeError), (3, TypeError), ([1.0], TypeError)]  # fmt: skip


@pytest.mark.parametrize(("values", "error"), BAD, ids=repr)
def test_all_or_nothing(numbers, kind, values, error):
    field = numbers(1, 2, 3)
    with refused(error):
        field.extend(values)
    with refused(error):
        field.MergeFrom(values)
    assert field == [1, 2, 3]
    with refused(error):
        field[0:2] = values
    if kind == "ours":  # upstream has taken out and put in what came before the bad value
        assert field == [1, 2, 3]


def test_an_iterator_that_fails(numbers):
    def failing():
        yield 4
        raise KeyError("mine")

    field = numbers(1, 2)
    with refused(KeyError):
        field.extend(failing())
    assert field == [1, 2]


def test_a_failed_append_changes_nothing(numbers):
    field = numbers(1)
    for edit in (lambda: field.append("a"), lambda: field.insert(0, None), field.append,
                 lambda: field.insert("a", 1), lambda: field.insert(1.0, 1),
                 lambda: field.append(True), lambda: field.append(value=3)):  # fmt: skip
        with refused(TypeError):
            edit()
    assert field == [1]


# -- copies --------------------------------------------------------------------------------------


def test_copies(numbers):
    field = numbers(1, 2)
    twin = copy.deepcopy(field)
    twin.append(3)
    assert type(twin) is type(field) and (twin, field) == ([1, 2, 3], [1, 2])
    for attempt in (copy.copy, pickle.dumps):
        with refused(pickle.PickleError):
            attempt(field)


def test_iterating_sees_what_is_appended(numbers):
    """Iteration goes by position, as a list's does."""
    field, seen = numbers(1, 2, 3), []
    for value in field:
        seen.append(value)
        if value < 3:
            field.append(value + 10)
    assert seen == [1, 2, 3, 11, 12]
    for value in field:
        field.remove(value)
    assert field == [2, 11]
