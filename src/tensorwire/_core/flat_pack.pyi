from types import FunctionType
from typing import Any, final

from tensorwire._core.flat_callable import FlatCallable
from tensorwire._core.flat_functions import BuilderFunction

NAMES: tuple[str | None, ...]
STEPS: dict[str, tuple[int, int | None]]

@final
class PackStep:
    def __new__(
        cls,
        doing: str,
        name: str,
        function: BuilderFunction | None = None,
        *,
        number: int = 0,
        arrays: bool = False,
        before: int = 0,
    ) -> PackStep: ...

@final
class Packer(FlatCallable):
    def __new__(
        cls,
        original: FunctionType,
        start: BuilderFunction | None,
        end: BuilderFunction,
        before: list[PackStep],
        inside: list[PackStep],
        paths: tuple[tuple[str, ...], ...] = (),
    ) -> Packer: ...
    def __get__(self, instance: Any, owner: type[Any] | None = None, /) -> Any: ...
