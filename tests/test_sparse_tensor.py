"""Values and where they belong, made dense."""

import numpy as np
import pytest

import tensorwire as tw
from tensorwire._core.source import Source
from tensorwire.dtypes import of_numpy
from tensorwire.places import Span
from tensorwire.tensor import SparseTensor, Tensor


def held(name, array):
    place = Span(Source(array.tobytes()), 0, array.nbytes)
    return Tensor(name, of_numpy(array.dtype), array.shape, place, path=name)


def sparse(values, indices, shape):
    made = [np.asarray(values, "f4"), np.asarray(indices, "i8")]
    return SparseTensor(held("v", made[0]), held("i", made[1]), shape)


def test_positions_in_c_order():
    assert sparse([5, 7], [1, 4], (2, 3)).to_dense().tolist() == [[0, 5, 0], [0, 7, 0]]


def test_a_row_of_indices_for_each_value():
    assert sparse([5, 7], [[0, 1], [1, 1]], (2, 3)).to_dense().tolist() == [[0, 5, 0], [0, 7, 0]]


def test_a_position_given_twice_has_the_last_value():
    assert sparse([5, 7], [1, 1], (3,)).to_dense().tolist() == [0, 7, 0]


def test_no_values():
    assert sparse([], [], (2,)).to_dense().tolist() == [0, 0]
    assert sparse([], np.empty((0, 2), "i8"), (2, 1)).to_dense().shape == (2, 1)
    assert sparse([], [], (0, 5)).to_dense().shape == (0, 5)


@pytest.mark.parametrize(
    ("values", "indices", "shape", "reason"),
    [
        ([1], [3], (3,), "outside of"),
        ([1], [-1], (3,), "outside of"),
        ([1], [[0, 3]], (2, 3), "outside of"),
        ([1, 2], [0], (3,), r"indices of shape \[1\] for \[2\] values"),
        ([1], [[0, 0, 0]], (2, 3), r"indices of shape \[1, 3\]"),
        ([[1]], [0], (2, 3), r"for \[1, 1\] values"),
    ],
)
def test_indices_that_do_not_fit(values, indices, shape, reason):
    with pytest.raises(tw.ModelError, match=reason):
        sparse(values, indices, shape).to_dense()


def test_a_shape_far_beyond_what_is_stored():
    with pytest.raises(tw.LimitError, match="the limit is 1000 times"):
        sparse([1], [3], (1 << 40,)).to_dense()
