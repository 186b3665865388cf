from collections.abc import Callable
from typing import Any, final

from tensorwire.errors import DecodeError

KINDS: dict[str, int]
MAX_FIELD_NUMBER: int
REPEATED: int
REQUIRED: int
PACKED: int
PRESENCE: int
UTF8: int
CLOSED: int
MAP: int

@final
class PlanSet:
    def __new__(
        cls,
        messages: tuple[tuple[str, tuple[tuple[Any, ...], ...], bool], ...],
        enumerations: tuple[tuple[str, bool, tuple[tuple[str, int], ...]], ...],
        factory: Callable[[PlanSet, int], type[Any]],
        error: type[DecodeError] = ...,
    ) -> PlanSet: ...
    @property
    def messages(
        self,
    ) -> tuple[tuple[str, tuple[tuple[Any, ...], ...], tuple[str, ...], bool], ...]: ...
    @property
    def enumerations(self) -> tuple[tuple[str, bool, tuple[tuple[str, int], ...]], ...]: ...
    @property
    def classes(self) -> list[type[Any] | None]: ...
    @property
    def error(self) -> type[DecodeError]: ...
    def index_of(self, name: str, /) -> int: ...
    def class_of(self, index: int, /) -> type[Any]: ...
