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

__all__ = ["Entry", "Shelf"]

_FIELDS = (Table.type, Table.sparsity)


class Shelf:
    """What the constants of one subgraph have in common: its index, scope and tensors."""

    __slots__ = ("graph", "maker", "scope", "tensors")

    def __init__(self, maker: TensorMaker, scope: str, graph: int) -> None:
        self.maker = maker
        self.scope = scope
        self.graph = graph
        self.tensors: FlatVector = maker.graphs[graph].tensors


class Entry:
    """Called, it makes the tensor anew."""

    __slots__ = ("_index", "_name", "_place", "_shelf")

    def __init__(self, shelf: Shelf, place: Place, name: str, index: int) -> None:
        self._shelf = shelf
        self._place = place
        self._name = name
        self._index = index

    def __call__(self) -> Tensor:
        shelf = self._shelf
        return shelf.maker.make(self._place, self._name, shelf.scope, shelf.graph, self._index)

    def array(self) -> np.ndarray:
        """What `Tensor.numpy` gives; in one step where a view of plain elements is possible."""
        found = self._view()
        return self().numpy() if found is None else found

    def _view(self) -> np.ndarray | None:
        place = self._place
        if type(place) is not Span or not place.nbytes:
            return None
        table = self._shelf.tensors[self._index]
        number, sparsity = pick(table, _FIELDS)
        shape = integers(SHAPE, table, NUMPY_1_RANK)
        dtype = plain_type(number)
        if sparsity is not None or dtype is None or not shape or min(shape) < 0:
            return None
        if prod(shape) * dtype.itemsize != place.nbytes:
            return None
        return PLAIN.view(place, dtype, shape)
