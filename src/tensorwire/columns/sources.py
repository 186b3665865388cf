"""The buffers that spans of strings and bytes lie on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np


class Sources:
    """Buffers laid one behind the other in one space of addresses, which spans count in.

    ``buffers``: objects with the buffer protocol, immutable for as long as this lives; ``starts``:
    int64, the address of the first byte of each, ascending, and one more: the end of the last.
    A span never crosses from one buffer into the next. Copies: nothing.
    """

    __slots__ = ("buffers", "starts")

    def __init__(self, buffers: Sequence[Any], starts: np.ndarray[Any, Any]) -> None:
        self.buffers = buffers
        self.starts = starts

    @classmethod
    def of(cls, buffers: Sequence[Any]) -> Sources:
        """These buffers in this order. Cost: a look at each one."""
        import numpy as np

        starts = np.zeros(len(buffers) + 1, dtype=np.int64)
        sizes = (
            len(buffer) if type(buffer) is bytes else memoryview(buffer).nbytes
            for buffer in buffers
        )
        np.cumsum(np.fromiter(sizes, np.int64, len(buffers)), out=starts[1:])
        return cls(buffers, starts)
