"""Absent values as the schema's defaults."""

from __future__ import annotations

from tensorwire.columns.compact import SPANS
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.validity import both

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.columns.data import AnyData
    from tensorwire.columns.types import ScalarType
    from tensorwire.columns.validity import Valid

    Array = np.ndarray[Any, Any]

__all__ = ["fill_defaults"]


def fill_defaults(data: StructData, sources: Sources) -> tuple[StructData, Sources]:
    """The tree in which whatever is absent reads as the schema reads it; null rows stay null.

    So messages that are absent become empty ones, lists in them empty lists, and times 1970 or no
    time at all. Default strings lie in one more buffer behind the others.
    Copies: arrays that something is absent from.
    """
    filling = _Filling(int(sources.starts[-1]))
    fields = tuple(filling.filled(field, data.valid, data.valid) for field in data.fields)
    made = StructData(data.type, data.length, fields, data.valid)
    return made, _appended(sources, bytes(filling.texts))


class _Filling:
    """One pass over a tree; collects the bytes of default strings, which begin at ``address``."""

    def __init__(self, address: int) -> None:
        self.address = address
        self.texts = bytearray()

    def filled(self, node: AnyData, rows: Valid, there: Valid) -> AnyData:
        """``rows``: which rows of the table are to be filled; ``there``: and which of them are."""
        if isinstance(node, ListData):
            return self._list(node)
        valid = both(there, node.valid)
        if isinstance(node, ScalarData):
            return ScalarData(node.type, self._values(node, rows, valid))
        fields = tuple(self.filled(field, rows, valid) for field in node.fields)
        return StructData(node.type, node.length, fields)

    def _list(self, node: ListData) -> ListData:
        item = self.filled(node.item, None, None)
        if isinstance(item, ListData):
            raise TypeError("a list of lists is no column")
        return ListData(node.type, node.offsets, item)

    def _values(self, node: ScalarData, rows: Valid, valid: Valid) -> Array:
        import numpy as np

        if valid is None:
            return node.values
        absent = ~valid if rows is None else rows & ~valid
        if not absent.any():
            return node.values
        default = np.zeros(1, dtype=node.values.dtype)
        default[0] = self._default(node.type)
        return np.where(absent, default, node.values)

    def _default(self, type: ScalarType) -> Any:
        default = type.default
        if type.kind not in SPANS:
            return 0 if default is None else default
        text = default.encode() if isinstance(default, str) else bytes(default or b"")
        if not text:
            return (0, 0)
        start = self.address + len(self.texts)
        self.texts += text
        return (start, len(text))


def _appended(sources: Sources, block: bytes) -> Sources:
    import numpy as np

    if not block:
        return sources
    starts = np.append(sources.starts, sources.starts[-1] + len(block))
    return Sources((*sources.buffers, block), starts)
