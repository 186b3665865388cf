from typing import Any, final

from tensorwire._core.flat_callable import FlatCallable
from tensorwire._core.flat_targets import Target

SHAPES: dict[str, int]

@final
class Accessor(FlatCallable):
    def __new__(
        cls, owner: type[Any], original: Any, shape: str, *, slot: int = 0, base: int = 0,
        stride: int = 0, length: int = 0, default: Any = None, target: Target | None = None,
    ) -> Accessor: ...
    @property
    def shape(self) -> str: ...
    @property
    def owner(self) -> type[Any]: ...
    def __get__(self, instance: Any, owner: type[Any] | None = None, /) -> Any: ...
