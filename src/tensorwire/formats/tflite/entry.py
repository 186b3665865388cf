"""One constant of an open file, for `Tensors`: where it is, and what makes it."""

from __future__ import annotations

from math import prod

from tensorwire._core.flat_pick import integers, pick
from tensorwire.formats.tflite.element_types import plain_type
from tensorwire.formats.tflite.tables import Tensor as Table
from tensorwire.formats.tflite.tensor_maker import SHAPE
from tensorwire.layouts import PLAIN
from tensorwire.places import Span
from tensorwire.tensor import NUMPY_1_RANK

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    import numpy as np

    from tensorwire._core.flat_vector import FlatVector
    from tensorwire.formats.tflite.tensor_maker import TensorMaker
    from tensorwire.places import Place
    from tensorwire.tensor import Tensor

__all__ = ["Entry"]

_FIELDS = (Table.type, Table.sparsity)


class Entry:
    """Called, it makes the tensor anew."""

    __slots__ = ("_graph", "_index", "_maker", "_name", "_place", "_scope", "_tensors")

    def __init__(
        self,
        maker: TensorMaker,
        place: Place,
        name: str,
        scope: str,
        tensors: FlatVector,
        graph: int,
        index: int,
    ) -> None:
        self._tensors = tensors
        self._maker = maker
        self._place = place
        self._name = name
        self._scope = scope
        self._graph = graph
        self._index = index

    def __call__(self) -> Tensor:
        return self._maker.make(self._place, self._name, self._scope, self._graph, self._index)

    def array(self) -> np.ndarray:
        """What `Tensor.numpy` gives; in one step where a view of plain elements is possible."""
        place = self._place
        if type(place) is not Span or not place.nbytes:
            return self().numpy()
        table = self._tensors[self._index]
        number, sparsity = pick(table, _FIELDS)
        shape = integers(SHAPE, table, NUMPY_1_RANK)
        dtype = plain_type(number)
        if sparsity is not None or shape is None or dtype is None or min(shape, default=0) < 0:
            return self().numpy()
        if prod(shape) * dtype.itemsize != place.nbytes:
            return self().numpy()
        return PLAIN.view(place, dtype, shape)
