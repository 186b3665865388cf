from tensorwire._core.decoded import Decoded
from tensorwire._core.projection import Projection
from tensorwire._core.rows import Rows

RAISE: int
NULL_ROW: int
DROP: int
VISITED: int
ALL: int
TRUSTED: int

def without_message_sets(projection: Projection, rows: Rows, /) -> Rows: ...
def project(
    projection: Projection,
    inputs: tuple[Rows, ...],
    on_error: int,
    check: int,
    depth: int,
    threads: int,
    limit: int,
    sees_signals: bool,
    /,
) -> Decoded: ...
