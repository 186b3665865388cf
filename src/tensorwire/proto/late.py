"""Class attributes that are made when they are first asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Late:
    """Reads, on a class and its instances, as what ``make()`` returned the first time.

    Threads: ``make`` may run twice, and must then return the same object.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made
