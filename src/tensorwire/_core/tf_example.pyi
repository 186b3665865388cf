from typing import Any, final

from typing_extensions import Never

from tensorwire._core.block import Block
from tensorwire._core.rows import Rows

@final
class Parsed:
    def __init__(self, /, *args: Never, **kwargs: Never) -> None: ...
    @property
    def rows(self) -> int: ...
    def values(self, which: int, place: int) -> Block: ...
    def lengths(self, which: int, place: int) -> Block: ...
    def steps(self, place: int) -> Block: ...
    def count(self, which: int, place: int) -> int: ...
    def objects(self, which: int, place: int, out: Any) -> None: ...

def parse(
    rows: Rows,
    first: int,
    stop: int,
    features: tuple[tuple[Any, ...], ...],
    lists: tuple[tuple[Any, ...], ...],
    addresses: bool = False,
    origin: int = 0,
    before: int = 0,
) -> Parsed: ...
