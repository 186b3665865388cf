from typing import final

from tensorwire._core.block import Block
from tensorwire._core.projection import Projection
from tensorwire._core.rows import Rows
from tensorwire.errors import DecodeError

RAISE: int
NULL_ROW: int
DROP: int
VISITED: int
ALL: int
TRUSTED: int

@final
class Whole:
    def __new__(cls, projection: Projection, count: int) -> Whole: ...
    @property
    def projection(self) -> Projection: ...
    @property
    def count(self) -> int: ...

@final
class Part:
    @property
    def projection(self) -> Projection: ...
    @property
    def nulls(self) -> int: ...
    @property
    def whole(self) -> Whole | None: ...
    @property
    def failed(self) -> int: ...
    def fault(self, i: int, /) -> tuple[int, DecodeError]: ...

@final
class Decoded:
    def __new__(
        cls, projection: Projection, parts: list[Part], whole: Whole | None = None
    ) -> Decoded: ...
    @property
    def projection(self) -> Projection: ...
    @property
    def nulls(self) -> int: ...
    def take(self, k: int, /) -> None: ...
    def rows(self, table: int, /) -> int: ...
    def array(self, number: int, /) -> Block: ...
    def starts(self, number: int, /) -> Block: ...

def project(
    projection: Projection,
    rows: Rows,
    first: int,
    stop: int,
    origin: int,
    on_error: int,
    check: int,
    depth: int,
    whole: Whole | None = None,
    place: int = 0,
    /,
) -> Part: ...
