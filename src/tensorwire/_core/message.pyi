from typing import Any

from typing_extensions import disjoint_base

from tensorwire._core.node import Node

@disjoint_base
class Message(Node):
    def HasField(self, name: str, /) -> bool: ...
    def WhichOneof(self, name: str, /) -> str | None: ...

def seal(cls: type[Any], /) -> None: ...
