from collections.abc import Callable
from typing import Any

from typing_extensions import Buffer

def read(
    buffer: Buffer,
    depth: int,
    array: Callable[[int, int, int, int], Any] | None,
    origin: int,
    path: str,
) -> Any: ...
