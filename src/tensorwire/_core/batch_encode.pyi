from typing import Any, final

from typing_extensions import Buffer

from tensorwire._core.parse import MessageType

REASONS: dict[int, str]

def message_of(owner: MessageType, number: int, /) -> MessageType | None: ...
def labels_of(owner: MessageType, number: int, /) -> dict[str, int]: ...
@final
class Space:
    def __new__(cls, buffers: tuple[Any, ...], starts: Buffer) -> Space: ...

@final
class BatchEncoder:
    def __new__(
        cls,
        type: MessageType,
        fields: tuple[tuple[Any, ...], ...],
        rows: int,
        valid: Buffer | None = None,
        place: Any = None,
        partial: bool = False,
    ) -> BatchEncoder: ...
    @property
    def places(self) -> list[Any]: ...
    def write(self, first: int, last: int, sizes: Any, expected: int = 0, /) -> Block: ...

@final
class Block:
    @property
    def size(self) -> int: ...
    @property
    def fault(self) -> tuple[str, int, int, int] | None: ...
    def move_into(self, target: Any, start: int, /) -> None: ...
