from collections.abc import Sequence
from typing import Any, final

from typing_extensions import Buffer

@final
class Held:
    def __new__(cls, owner: Buffer, writable: bool) -> Held: ...

@final
class SpanSource:
    def __new__(cls, buffers: Sequence[Any], starts: Buffer, /) -> SpanSource: ...
    @property
    def buffers(self) -> tuple[Any, ...]: ...
    @property
    def end(self) -> int: ...
    def sizes(self) -> list[int]: ...

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
