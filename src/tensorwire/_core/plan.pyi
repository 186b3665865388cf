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
MAP_ENTRY: int
RANGES: int
MESSAGE_SET: int

@final
class PlanSet:
    def __new__(
        cls,
        messages: tuple[tuple[str, tuple[tuple[Any, ...], ...], int], ...],
        enumerations: tuple[tuple[str, bool, tuple[tuple[str, int], ...]], ...],
        factory: Callable[[PlanSet, int], type[Any]],
        error: type[DecodeError] = ...,
        imports: tuple[PlanSet, ...] = ...,
    ) -> PlanSet: ...
    @property
    def messages(
        self,
    ) -> tuple[tuple[str, tuple[tuple[Any, ...], ...], tuple[str, ...], int], ...]: ...
    @property
    def enumerations(self) -> tuple[tuple[str, bool, tuple[tuple[str, int], ...]], ...]: ...
    @property
    def imports(self) -> tuple[PlanSet, ...]: ...
    @property
    def classes(self) -> list[type[Any] | None]: ...
    @property
    def error(self) -> type[DecodeError]: ...
    def index_of(self, name: str, /) -> int: ...
    def class_of(self, index: int, /) -> type[Any]: ...
    def needs_required(self, index: int, /) -> bool: ...
    def extend(
        self, index: int, specs: tuple[tuple[Any, ...], ...], origin: PlanSet | None = None
    ) -> None: ...
    def extensions(self, index: int, /) -> tuple[tuple[Any, ...], ...]: ...
