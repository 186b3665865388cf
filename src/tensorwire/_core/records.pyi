from collections.abc import Iterable
from typing import Literal

from typing_extensions import Buffer

from tensorwire._core.rows import Rows

def find_frames(
    data: Buffer,
    framing: str,
    starts: Buffer,
    lengths: Buffer,
    /,
    *,
    at: int = 0,
    crc: bool = False,
) -> tuple[int, int, tuple[Literal["cut", "record", "frame"], str, int, int] | None]: ...
def strip_rows(
    rows: Rows, skip: int, confluent: bool, /, nulls: Iterable[int] = (), *, drop: bool = False
) -> tuple[Rows, list[tuple[int, int, str]]]: ...
