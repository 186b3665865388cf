"""What `install` and `adopt` return: what they have done, and how to end it."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class Report:
    """What was replaced, and what was not. Ends itself after a ``with`` block.

    Threads: `undo` takes the lock that its maker took.
    """

    __slots__ = ("_adopted", "_end", "_left_alone", "_what")

    def __init__(
        self,
        what: str,
        adopted: list[str],
        left_alone: list[tuple[str, str]],
        end: Callable[[Report], None],
    ) -> None:
        self._what = what
        self._adopted = adopted  # may grow: an adopted package adopts what is imported later
        self._left_alone = left_alone
        self._end: Callable[[Report], None] | None = end

    @property
    def adopted(self) -> tuple[str, ...]:
        """Dotted names of what is native now."""
        return tuple(self._adopted)

    @property
    def left_alone(self) -> tuple[tuple[str, str], ...]:
        """(dotted name, why) of what stays as it was."""
        return tuple(self._left_alone)

    def undo(self) -> None:
        """Puts back what stood there before, unless somebody else keeps it in force, or has put
        something else there since. Doing it again does nothing."""
        if self._end is not None:
            self._end(self)
            self._end = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.undo()

    def __repr__(self) -> str:
        state = "in force" if self._end is not None else "undone"
        counts = f"{len(self._adopted)} adopted, {len(self._left_alone)} left alone"
        return f"<flat.{self._what} {state}: {counts}>"
