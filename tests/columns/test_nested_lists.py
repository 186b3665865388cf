"""Lists of lists, made at once."""

import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorwire._core.nested import nested_lists


@given(st.lists(st.lists(st.none() | st.text(max_size=2), max_size=5), max_size=8))
def test_lists_are_slices(lists):
    items = [one for each in lists for one in each]
    offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    made = nested_lists(items, offsets)
    assert made == lists
    assert gc.is_tracked(made) and all(map(gc.is_tracked, made))


def test_cycles_made_afterwards_are_collected():
    class Watched(list):
        pass

    import weakref

    watched = Watched()
    made = nested_lists([watched], np.array([0, 1]))
    watched.append(made)
    gone = weakref.ref(watched)
    del watched, made
    gc.collect()
    assert gone() is None


def test_many_lists_are_one_allocation_after_another():
    """Over the thresholds of every generation."""
    count = 200_000
    made = nested_lists(list(range(count)), np.arange(count + 1))
    assert made[0] == [0] and made[-1] == [count - 1] and len(made) == count
    assert all(map(gc.is_tracked, made))


@pytest.mark.parametrize("offsets", [[0, 3], [-1, 1], [1, 0], [0, 2, 1], [0, 1, 2**62], [3, 3]])
def test_offsets_that_lie(offsets):
    with pytest.raises(ValueError, match="lies outside of 2 items"):
        nested_lists([1, 2], np.array(offsets))


def test_no_offsets():
    with pytest.raises(ValueError, match="no offsets"):
        nested_lists([], np.array([], dtype=np.int64))
    with pytest.raises(TypeError):
        nested_lists(None, np.array([0]))
