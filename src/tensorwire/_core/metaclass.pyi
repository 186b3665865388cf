from typing import Any, Final, final

TYPE_KEY: Final[str]

@final
class MessageClass(type):
    def __new__(
        cls, name: str, bases: tuple[type[Any], ...], namespace: dict[str, Any], /
    ) -> Any: ...
