from typing_extensions import Buffer

from tensorwire._core.span_source import SpanSource

def span_totals(spans: Buffer, longer: int, /) -> tuple[int, int]: ...
def span_views(
    source: SpanSource,
    spans: Buffer,
    out: Buffer,
    gathered: Buffer | None = None,
    /,
    *,
    step: int = ...,
    limit: int = ...,
) -> list[tuple[int, int, int]]: ...
def span_offsets(spans: Buffer, out: Buffer, /, *, bits: int) -> int: ...
def span_gather(source: SpanSource, spans: Buffer, out: Buffer, /) -> None: ...
