"""Which records a thread parses at a time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from tensorwire._core.rows import Rows

__all__ = ["Range", "ranges_of", "workers"]

# Parts per thread: what one thread has left over, another takes. More of them cost more than they
# even out: 4 gave a quarter less on two threads (measured).
PARTS_PER_THREAD = 2
# A part has at least so many rows, or the arrays to be joined are too small.
ROWS_PER_PART = 1024


@dataclass(frozen=True, slots=True)
class Range:
    """Rows [first, stop) of a chunk."""

    rows: Rows
    first: int
    stop: int
    origin: int  # address of the chunk's first byte
    before: int  # rows of the chunks before


def ranges_of(chunks: list[Rows], threads: int) -> list[Range]:
    """What is parsed at a time."""
    total = sum(map(len, chunks))
    step = max(total, 1)
    if threads > 1:
        step = max(ROWS_PER_PART, -(-total // (threads * PARTS_PER_THREAD)))
    found = []
    origin = before = 0
    for chunk in chunks:
        count = len(chunk)
        found += [
            Range(chunk, first, min(first + step, count), origin, before)
            for first in range(0, count, step)
        ]
        origin += chunk.nbytes
        before += count
    return found


@contextmanager
def workers(count: int) -> Iterator[Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]]]:
    """A function that maps another over items, on ``count`` threads; results in order."""
    if count <= 1:
        yield lambda call, items: [call(item) for item in items]
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(count, "tensorwire") as pool:
        yield lambda call, items: list(pool.map(call, items))
