from collections.abc import Sequence
from types import FunctionType
from typing import Any, final

from tensorwire._core.flat_callable import FlatCallable

KINDS: tuple[str, ...]
STEPS: tuple[str, ...]
NAMES: tuple[str | None, ...]

@final
class BuilderFunction(FlatCallable):
    def __init__(
        self,
        original: FunctionType,
        kind: str,
        *,
        slot: int = 0,
        number: int = 0,
        size: int = 0,
        align: int = 0,
        forced: int = 0,
        default: Any = None,
        arguments: int = 0,
        steps: Sequence[tuple[str, int, int]] = (),
    ) -> None: ...
    @property
    def kind(self) -> int: ...
    @property
    def slot(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def align(self) -> int: ...
    @property
    def forced(self) -> int: ...
    @property
    def default(self) -> Any: ...
    @property
    def arguments(self) -> int: ...
    def renamed(self, original: FunctionType) -> BuilderFunction: ...
