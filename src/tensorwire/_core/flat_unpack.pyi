from typing import Any, final

from tensorwire._core.flat_callable import FlatCallable
from tensorwire._core.flat_targets import Target

STEPS: dict[str, int]

@final
class Step:
    def __new__(
        cls, doing: str, place: int, *, read: str | None = None, none: str | None = None,
        count: str | None = None, array: str | None = None, other: int = 0,
        target: Target | None = None, struct: Target | None = None,
    ) -> Step: ...

@final
class Natives:
    def __new__(cls, step: Step, owner: type[Any]) -> Natives: ...

@final
class Unpacker(FlatCallable):
    def __new__(
        cls, original: Any, init: Any, names: list[str], defaults: list[Any], steps: list[Step],
        module: dict[str, Any],
    ) -> Unpacker: ...
    @property
    def init(self) -> Any: ...
    def __get__(self, instance: Any, owner: type[Any] | None = None, /) -> Any: ...

@final
class Maker(FlatCallable):
    def __new__(cls, owner: type[Any], original: Any, kind: str, target: Target) -> Maker: ...
    @property
    def owner(self) -> type[Any]: ...
    @property
    def kind(self) -> str: ...
    def __get__(self, instance: Any, owner: type[Any] | None = None, /) -> Any: ...
