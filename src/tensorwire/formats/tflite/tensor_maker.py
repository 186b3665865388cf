"""Tensor tables as `Tensor`."""

from __future__ import annotations

from tensorwire.errors import UnsupportedError
from tensorwire.formats.tflite.element_types import element_type, layout_of
from tensorwire.formats.tflite.strings import StringPlace
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
    from tensorwire.quantization import Quantization

__all__ = ["TensorMaker"]


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

    def place(self, table: Any) -> Place | None:
        """Where the elements are; None for a tensor that is no constant.

        A buffer without bytes makes a constant only where the shape has no elements.
        """
        number = table.external_buffer
        place = self.buffers.external(number) if number else self.buffers.place(table.buffer)
        if getattr(place, "nbytes", 1) == 0 and 0 not in numbers(table, "shape"):
            return None
        return place

    def make(
        self, table: Any, place: Place, name: str, scope: str, graph: int, index: int
    ) -> Tensor:
        """The constant at ``index`` of the subgraph ``graph``, under ``name``.

        Raises: ``LimitError`` for a rank too high.
        """
        path = f"subgraphs[{graph}].tensors[{index}]"
        dtype = element_type(table.type)
        shape = self.shape(table, path)
        layout = layout_of(dtype)
        if table.sparsity is not None:
            place, layout = self._sparse(table, place, shape, layout, path)
        if layout is STRINGS:
            place = StringPlace(place)
        return Tensor(
            name, dtype, shape, place, layout, scope=scope, path=path,
            stored_at=_stored_at(table), quantization=self.quantization(table, graph, path),
        )  # fmt: skip

    def shape(self, table: Any, path: str) -> tuple[int, ...]:
        """Raises: ``LimitError`` for more dimensions than the limit ``rank``."""
        stored = numbers(table, "shape")
        check_rank(len(stored), self.limits.rank, f"{path}.shape")
        return tuple(stored)

    def quantization(self, table: Any, graph: int, path: str) -> Quantization | None:
        """What the table says of codes and real numbers, if it says anything."""
        if table.quantization is None:
            return None
        from tensorwire.formats.tflite.quantizing import quantization

        return quantization(self, table, graph, f"{path}.quantization")

    def other(self, graph: int, index: int) -> Tensor | None:
        """The constant at ``index`` of a subgraph, under its own name; None if it is none."""
        tensors = self.graphs[graph].tensors
        if not 0 <= index < len(tensors):
            return None
        table = tensors[index]
        place = self.place(table)
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

        return place, Sparse(sparsity(table.sparsity, shape, f"{path}.sparsity", self.limits))


def _stored_at(table: Any) -> str:
    if table.external_buffer:
        return "external_buffers"
    return f"buffers[{table.buffer}].data"
