from typing import Any

from typing_extensions import disjoint_base

@disjoint_base
class Message:
    def HasField(self, name: str, /) -> bool: ...
    def WhichOneof(self, name: str, /) -> str | None: ...

def seal(cls: type[Any], /) -> None: ...
