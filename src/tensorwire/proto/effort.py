"""How much a decode may take: threads, and memory."""

from __future__ import annotations

import sys
from threading import get_ident, main_thread

from tensorwire.proto.arguments import processors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tensorwire._core.projection import Projection
    from tensorwire._core.rows import Rows
    from tensorwire.limits import Limits

__all__ = ["is_main_thread", "most_bytes", "threads_for"]

# Input for each thread, where nobody says how many: some 0.5 ms, beside which the 50 us of its
# start are little.
THREAD_BYTES = 512 << 10


def threads_for(chunks: list[Rows]) -> int:
    """As many as there are processors, if there is enough to do for each."""
    most = sum(chunk.nbytes for chunk in chunks) // THREAD_BYTES
    return 1 if most < 2 else min(most, processors())


def is_main_thread() -> bool:
    """Whether this thread is the one that handles signals."""
    return get_ident() == main_thread().ident


def most_bytes(chunks: list[Rows], projection: Projection, limits: Limits) -> int:
    """How many bytes the arrays of the rows' columns may take.

    Raises: ``LimitError`` if the rows alone take more, whatever is in them.
    """
    rows = sum(map(len, chunks))
    nbytes = sum(chunk.nbytes for chunk in chunks)
    what = f"columns of {rows} rows"
    return min(
        limits.require_columns(what, rows * projection.row_bytes, nbytes, rows), sys.maxsize
    )
