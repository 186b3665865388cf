from collections.abc import Iterable
from typing import final

from typing_extensions import Buffer

@final
class Rows:
    count: int
    nbytes: int
    @staticmethod
    def of_list(records: Iterable[Buffer | None], /) -> Rows: ...
    @staticmethod
    def of_offsets(
        buffer: Buffer, offsets: Buffer, validity: Buffer | None = None, bit_offset: int = 0
    ) -> Rows: ...
    @staticmethod
    def of_spans(buffer: Buffer, starts: Buffer, lengths: Buffer) -> Rows: ...
    @staticmethod
    def of_views(
        views: Buffer,
        buffers: Iterable[Buffer],
        validity: Buffer | None = None,
        bit_offset: int = 0,
    ) -> Rows: ...
    def sources(self) -> tuple[tuple[Buffer, ...], bytearray]: ...
    def __len__(self) -> int: ...
