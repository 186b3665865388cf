"""Tensors of TensorProto messages."""

from __future__ import annotations

from tensorwire import proto
from tensorwire._core.source import Source
from tensorwire.errors import UnsupportedError
from tensorwire.formats.onnx.element_types import element_type, raw_layout, typed_field
from tensorwire.formats.onnx.external_data import EXTERNAL, external_place
from tensorwire.layouts import PLAIN
from tensorwire.places import Joined, Listed, Refused, Span
from tensorwire.shapes import check_rank
from tensorwire.tensor import SparseTensor, Tensor
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.dtypes import DType
    from tensorwire.external import ExternalFiles
    from tensorwire.layouts import Layout
    from tensorwire.limits import Limits
    from tensorwire.places import Place

__all__ = ["TensorMaker"]


class TensorMaker:
    """Makes the tensors of one file; reads fields of messages, never payload."""

    __slots__ = ("files", "limits", "source")

    def __init__(self, source: Source, files: ExternalFiles, limits: Limits) -> None:
        self.source = source
        self.files = files
        self.limits = limits

    def make(self, message: Any, name: str, scope: str = "", path: str = "") -> Tensor:
        """The tensor of ``message`` under ``name``. Raises: ``LimitError`` for a rank too high."""
        dtype = element_type(message.data_type)
        shape = self.shape(message.dims, path)
        place, layout, field = self._stored(message, dtype, shape, path)
        stored_at = _below(path, field) if field else path
        return Tensor(
            name, dtype, shape, place, layout, scope=scope, path=path, stored_at=stored_at
        )

    def make_sparse(self, message: Any, name: str, scope: str = "", path: str = "") -> SparseTensor:
        """The pair of tensors that make up ``message``, a SparseTensorProto."""
        values = self.make(message.values, name, scope, f"{path}.values")
        name = text(message.indices.name) or f"{name}.indices"
        indices = self.make(message.indices, name, scope, f"{path}.indices")
        return SparseTensor(values, indices, self.shape(message.dims, path))

    def shape(self, dims: Any, path: str) -> tuple[int, ...]:
        """``dims`` as a tuple. Raises: ``LimitError`` for more of them than the limit ``rank``."""
        check_rank(len(dims), self.limits.rank, _below(path, "dims"))
        return tuple(dims)

    def _stored(
        self, message: Any, dtype: DType, shape: tuple[int, ...], path: str
    ) -> tuple[Place, Layout, str]:
        """(place, layout, field to name in errors). External goes before raw, raw before typed.

        That order is upstream's; `checks` reports tensors that have several.
        """
        if reason := _unsupported(message, dtype):
            return self._refused(reason, path), PLAIN, ""
        if message.data_location == EXTERNAL:
            place = external_place(message, self.files, dtype, shape, path)
            return place, raw_layout(dtype), ""
        if message.HasField("raw_data"):
            return self._field_place(message, "raw_data"), raw_layout(dtype), "raw_data"
        return self._typed(message)

    def _typed(self, message: Any) -> tuple[Place, Layout, str]:
        stored = typed_field(message.data_type)
        if stored is None:
            return Span(self.source, 0, 0), PLAIN, ""
        field, layout = stored
        if field == "string_data":
            return Listed(lambda: list(message.string_data), self.source.path), layout, field
        return self._field_place(message, field), layout, field

    def _field_place(self, message: Any, field: str) -> Place:
        run = proto.run(message, field)
        if run is None:
            return Joined(lambda: proto.gather(message, field), self.source.path)
        owner, offset, nbytes = run
        return Span(self._source_of(owner), offset, nbytes)

    def _source_of(self, owner: Any) -> Source:
        """Of a field that was changed, what it was given: nothing of the file."""
        if owner is self.source or not len(owner):
            return self.source
        return owner if isinstance(owner, Source) else Source(owner, borrow=True)

    def _refused(self, reason: str, path: str) -> Refused:
        return Refused(lambda: UnsupportedError(reason, path=path), self.source.path)


def _below(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _unsupported(message: Any, dtype: DType) -> str | None:
    if message.HasField("segment"):
        return "the tensor is one segment of another; segments are not read"
    elsewhere = message.data_location == EXTERNAL or message.HasField("raw_data")
    if dtype.kind == "string" and elsewhere:
        return "strings are stored as raw or external data, which ONNX does not define"
    return None
