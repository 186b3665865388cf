from typing import final

from tensorwire._core.parse import MessageType

@final
class Projection:
    def __new__(
        cls,
        kind: MessageType,
        nodes: tuple[tuple[int, int, bool], ...],
        check_texts: bool = False,
    ) -> Projection: ...
    @property
    def kind(self) -> MessageType: ...
    @property
    def nodes(self) -> tuple[tuple[int, int, int, int], ...]: ...
    @property
    def reads_message_sets(self) -> bool: ...
    @property
    def row_bytes(self) -> int: ...
