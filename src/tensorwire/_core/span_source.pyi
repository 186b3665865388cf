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
