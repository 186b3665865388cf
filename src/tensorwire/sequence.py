"""A list whose items are made when they are looked at."""

from __future__ import annotations

from collections.abc import Sequence

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["LazySequence"]


class LazySequence(Sequence):  # type: ignore[type-arg]  # see errors.py: no `typing` at run time
    """``make(item)`` for every item of ``stored``, made anew on each access."""

    __slots__ = ("_make", "_stored")

    def __init__(self, stored: Sequence[Any], make: Callable[[Any], Any]) -> None:
        self._stored = stored
        self._make = make

    def __len__(self) -> int:
        return len(self._stored)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._make(item) for item in self._stored[index]]
        return self._make(self._stored[index])

    def __iter__(self) -> Iterator[Any]:
        return map(self._make, self._stored)

    def __repr__(self) -> str:
        return f"<{len(self)} items>"
