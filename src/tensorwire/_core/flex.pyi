from collections.abc import Callable
from typing import Any, final

from typing_extensions import Buffer

@final
class Walk: ...

def read(
    buffer: Buffer,
    depth: int,
    array: Callable[[int, int, int, int], Any] | None,
    origin: int,
    path: str,
) -> Any: ...
