from typing import Any, final

@final
class FlatTree:
    def __new__(
        cls, part: tuple[Any, ...], scalar: type[Any], struct: type[Any], listed: type[Any]
    ) -> FlatTree: ...
    @property
    def part(self) -> tuple[Any, ...]: ...
    def rows(self, arrays: list[Any], counts: tuple[int, ...], valid: Any, /) -> Any: ...
