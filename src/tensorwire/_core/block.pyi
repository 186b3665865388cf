from typing import final

from typing_extensions import Buffer

@final
class Block(Buffer):
    @property
    def nbytes(self) -> int: ...
    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
