"""Tensor tables as `Tensor`."""

from __future__ import annotations

from functools import partial

from tensorwire._core.flat_pick import integers, pick
from tensorwire.errors import UnsupportedError
from tensorwire.formats.tflite.element_types import element_type, layout_of
from tensorwire.formats.tflite.quantizing import quantization
from tensorwire.formats.tflite.strings import StringPlace
from tensorwire.formats.tflite.tables import Tensor as Table
from tensorwire.formats.tflite.tables import numbers
from tensorwire.layouts import STRINGS
from tensorwire.places import Refused
from tensorwire.shapes import check_rank
from tensorwire.tensor import Tensor

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.formats.tflite.buffers import Buffers
    from tensorwire.layouts import Layout
    from tensorwire.limits import Limits
    from tensorwire.places import Place

__all__ = ["SHAPE", "TensorMaker"]

SHAPE = Table.shape
_FIELDS = (Table.type, Table.sparsity, Table.quantization)


class TensorMaker:
    """Makes the tensors of one model; reads tables, never payload.

    A *constant* has data in the file, or in another one that the file names; what has none is a
    value that operators compute, or an input.
    """

    __slots__ = ("buffers", "graphs", "limits")

    def __init__(self, root: Any, buffers: Buffers, limits: Limits) -> None:
        self.graphs = root.subgraphs
        self.buffers = buffers
        self.limits = limits

    def place(self, graph: int, index: int) -> Place | None:
        """Where the elements of a tensor are; None for one that is no constant."""
        table = self.graphs[graph].tensors[index]
        return self.stored(graph, index, table.buffer, table.external_buffer)

    def stored(self, graph: int, index: int, buffer: int, external: int) -> Place | None:
        """The same, of a tensor with such a buffer and external buffer.

        A buffer without bytes makes a constant only where there are no elements to store.
        """
        if external:
            return self.buffers.external(external)
        place = self.buffers.place(buffer)
        if place is not None and place.nbytes == 0:
            table = self.graphs[graph].tensors[index]
            nothing = 0 in numbers(table, "shape") or table.sparsity is not None
            return place if nothing else None
        return place

    def make(self, place: Place, name: str, scope: str, graph: int, index: int) -> Tensor:
        """The constant at ``index`` of the subgraph ``graph``, under ``name``.

        Raises: ``LimitError`` for a rank too high.
        """
        table = self.graphs[graph].tensors[index]
        path = f"subgraphs[{graph}].tensors[{index}]"
        number, sparsity, quantized = pick(table, _FIELDS)
        dtype = element_type(number)
        shape = self.shape(table, path)
        layout = layout_of(dtype)
        if sparsity is not None:
            place, layout = self._sparse(sparsity, place, shape, layout, path)
        if layout is STRINGS:
            place = StringPlace(place)
        return Tensor(
            name, dtype, shape, place, layout, scope=scope, path=path,
            stored_at=_stored_at(table),
            quantization=quantized and partial(quantization, self, table, graph, path),
        )  # fmt: skip

    def shape(self, table: Any, path: str) -> tuple[int, ...]:
        """Raises: ``LimitError`` for more dimensions than the limit ``rank``."""
        found = integers(SHAPE, table, self.limits.rank)
        if found is None:
            check_rank(len(numbers(table, "shape")), self.limits.rank, f"{path}.shape")
        return found or ()

    def other(self, graph: int, index: int) -> Tensor | None:
        """The constant at ``index`` of a subgraph, under its own name; None if it is none."""
        tensors = self.graphs[graph].tensors
        if not 0 <= index < len(tensors):
            return None
        table, place = tensors[index], self.place(graph, index)
        if place is None:
            return None
        path = f"subgraphs[{graph}].tensors[{index}]"
        dtype = element_type(table.type)
        return Tensor(
            table.name or f"#{index}", dtype, self.shape(table, path), place, layout_of(dtype),
            path=path, stored_at=_stored_at(table),
        )  # fmt: skip

    def _sparse(
        self, table: Any, place: Place, shape: tuple[int, ...], layout: Layout, path: str
    ) -> tuple[Place, Layout]:
        if layout is STRINGS:
            reason = "strings are sparse, which TensorFlow Lite does not define"
            return Refused(lambda: UnsupportedError(reason, path=path), place.file), layout
        from tensorwire.formats.tflite.sparsity import sparsity
        from tensorwire.layouts.sparse import Sparse

        return place, Sparse(sparsity(table, shape, f"{path}.sparsity", self.limits))


def _stored_at(table: Any) -> str:
    if table.external_buffer:
        return "external_buffers"
    return f"buffers[{table.buffer}].data"
