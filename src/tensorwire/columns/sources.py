"""The buffers that spans of strings and bytes lie on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import numpy as np


class Sources:
    """Buffers laid one behind the other in one space of addresses, which spans count in.

    ``buffers``: objects with the buffer protocol, immutable for as long as this lives; ``starts``:
    int64, the address of the first byte of each, ascending, and one more: the end of the last.
    A span never crosses from one buffer into the next. Copies: nothing.
    """

    __slots__ = ("_later", "_made")

    def __init__(self, buffers: Sequence[Any], starts: np.ndarray[Any, Any]) -> None:
        self._made: tuple[Sequence[Any], np.ndarray[Any, Any]] | None = (buffers, starts)
        self._later: Callable[[], tuple[Sequence[Any], np.ndarray[Any, Any]]] | None = None

    @classmethod
    def later(cls, made: Callable[[], tuple[Sequence[Any], np.ndarray[Any, Any]]]) -> Sources:
        """What ``made`` gives when somebody asks: a million buffers take milliseconds to list, and
        numbers need none of them."""
        self = cls.__new__(cls)
        self._made, self._later = None, made
        return self

    @property
    def buffers(self) -> Sequence[Any]:
        """The buffers, in order."""
        return self._all()[0]

    @property
    def starts(self) -> np.ndarray[Any, Any]:
        """int64: the address of the first byte of each, and the end of the last."""
        return self._all()[1]

    def _all(self) -> tuple[Sequence[Any], np.ndarray[Any, Any]]:
        made, later = self._made, self._later
        if made is None:
            if later is None:
                raise AssertionError("sources without buffers")
            made = self._made = later()  # another thread makes the same
        return made

    def __reduce__(self) -> tuple[type[Sources], tuple[Any, ...]]:
        return Sources, self._all()

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
