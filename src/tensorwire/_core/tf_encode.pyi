from typing import Any

from typing_extensions import Buffer

def encode(
    sizes: Buffer, outputs: int, fields: tuple[tuple[Any, ...], ...], rows: int
) -> list[bytes]: ...
