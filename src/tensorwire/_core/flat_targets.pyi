from typing import Any, final

@final
class Target:
    def __new__(
        cls, names: dict[str, Any] | None, module: str | None, name: str,
        attributes: tuple[str, ...] = (),
    ) -> Target: ...
    def find(self) -> Any: ...
