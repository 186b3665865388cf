"""Limits: defaults, overriding, being frozen."""

import copy
import pickle

import pytest

from tensorwire.limits import DEFAULT, Limits

NAMES = ("depth", "rank")


def test_defaults_are_the_documented_ones():
    assert DEFAULT == Limits()
    assert [getattr(DEFAULT, name) for name in NAMES] == [100, 64]


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_can_be_overridden(name):
    changed = Limits(**{name: 7})
    assert getattr(changed, name) == 7
    assert [n for n in NAMES if getattr(changed, n) != getattr(DEFAULT, n)] == [name]
    assert changed == DEFAULT.replace(**{name: 7})
    assert changed != DEFAULT


@pytest.mark.parametrize("name", NAMES)
def test_limits_are_frozen(name):
    with pytest.raises(AttributeError, match="frozen"):
        setattr(DEFAULT, name, 1)
    with pytest.raises(AttributeError, match="frozen"):
        delattr(DEFAULT, name)
    assert DEFAULT == Limits()


def test_no_other_attribute_can_be_set():
    with pytest.raises(AttributeError):
        Limits().deptth = 3


def test_an_unknown_limit_is_refused():
    with pytest.raises(TypeError, match="deptth"):
        Limits(deptth=3)
    with pytest.raises(TypeError, match="deptth"):
        DEFAULT.replace(deptth=3)


def test_limits_are_given_by_keyword_only():
    with pytest.raises(TypeError):
        Limits(100)


@pytest.mark.parametrize("value", [-1, 1 << 63])
def test_a_value_out_of_range_is_named(value):
    with pytest.raises(ValueError, match=f"rank must be from 0 to .*, not {value}"):
        Limits(rank=value)


def test_depth_and_rank_fit_a_c_int():
    assert Limits(depth=2**31 - 1, rank=2**31 - 1).depth == 2**31 - 1
    for name in ("depth", "rank"):
        with pytest.raises(ValueError, match=name):
            Limits(**{name: 2**31})


@pytest.mark.parametrize("value", [1.0, "1", None, True])
def test_a_value_of_another_type_is_refused(value):
    with pytest.raises(TypeError, match=f"depth must be an int, not {type(value).__name__}"):
        Limits(depth=value)


def test_zero_is_a_limit():
    assert Limits(depth=0).depth == 0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_keeps_the_values(protocol):
    limits = Limits(depth=3, rank=9)
    assert pickle.loads(pickle.dumps(limits, protocol)) == limits


def test_copies_are_equal_and_hash_alike():
    limits = Limits(rank=5)
    assert copy.copy(limits) == copy.deepcopy(limits) == limits
    assert {limits: 1}[Limits(rank=5)] == 1
    assert limits != 5


def test_the_repr_can_be_evaluated():
    limits = Limits(depth=3)
    assert eval(repr(limits)) == limits
