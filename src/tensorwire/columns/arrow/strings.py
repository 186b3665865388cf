"""The buffers of strings and bytes, from spans on their sources."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire._core.span_source import SpanSource
    from tensorwire.columns.sources import Sources

    Spans = np.ndarray[Any, Any]

__all__ = ["Origin", "string_buffers"]

# Buffers that are handed on as they are. With more, as for a list of messages, each a buffer, long
# values are copied into one: consumers keep an entry per buffer and array.
BUFFERS_KEPT = 32

VIEW_INLINE = 12


class Origin:
    """Where the spans of several columns lie; the addresses are found when first asked for."""

    __slots__ = ("_found", "sources")

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._found: SpanSource | None = None

    @property
    def found(self) -> SpanSource:
        if self._found is None:
            import numpy as np

            from tensorwire._core.span_source import SpanSource

            starts = np.ascontiguousarray(self.sources.starts, "<i8")
            self._found = SpanSource(self.sources.buffers, starts)
        return self._found


def string_buffers(format: str, spans: Spans, origin: Origin) -> tuple[Any, ...]:
    """The buffers after the validity, for values of that format.

    Copies: of views, values of up to 12 bytes, and longer ones where the sources have more than 32
    buffers; of other strings, all. Raises: ``ValueError`` for a span that leaves its buffer,
    ``LimitError`` for more bytes than the format can count.
    """
    import numpy as np

    spans = np.ascontiguousarray(spans)
    if format.startswith("v"):
        return _view_buffers(spans, origin)
    return _offset_buffers(spans, origin, 64 if format.isupper() else 32)


def _view_buffers(spans: Spans, origin: Origin) -> tuple[Any, ...]:
    """Views, the buffers that they point into, and the sizes of those."""
    import numpy as np

    from tensorwire._core.arrow_views import span_totals, span_views

    source = origin.found
    views = np.empty(len(spans), "V16")
    gathered = None
    if len(source.buffers) > BUFFERS_KEPT:
        gathered = np.empty(span_totals(spans, VIEW_INLINE)[0], "u1")
    buffers = source.buffers if gathered is None else (gathered,)
    windows = span_views(source, spans, views, gathered)
    data = [memoryview(buffers[at]).cast("B")[start:stop] for at, start, stop in windows]
    return views, *data, np.array([len(window) for window in data], "<i8")


def _offset_buffers(spans: Spans, origin: Origin, bits: int) -> tuple[Any, ...]:
    """Offsets, and the values one behind the other."""
    import numpy as np

    from tensorwire._core.arrow_views import span_gather, span_offsets

    offsets = np.empty(len(spans) + 1, f"<i{bits // 8}")
    data = np.empty(span_offsets(spans, offsets, bits=bits), "u1")
    span_gather(origin.found, spans, data)
    return offsets, data
