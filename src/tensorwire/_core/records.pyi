from typing import Literal

from typing_extensions import Buffer

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
def strip_prefixes(
    data: Buffer, starts: Buffer, lengths: Buffer, /, skip: int, confluent: bool
) -> int: ...
def prefix_fault(record: Buffer, /, skip: int, confluent: bool) -> int | tuple[str, int]: ...
