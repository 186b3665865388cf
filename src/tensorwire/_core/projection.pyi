from typing import Any, final

from tensorwire._core.parse import MessageType
from tensorwire._core.plan import PlanSet

@final
class Projection:
    """What of the messages of one type goes into which array."""

    def __new__(
        cls, kind: MessageType, nodes: tuple[tuple[int, int, bool], ...]
    ) -> Projection: ...
    @property
    def kind(self) -> MessageType: ...
    @property
    def nodes(self) -> tuple[tuple[int, int, int, int], ...]: ...

def fields_of(plans: PlanSet, index: int) -> list[tuple[Any, ...]]: ...
