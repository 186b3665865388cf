"""A progress bar on standard error, for work that takes long and a person who waits."""

from __future__ import annotations

import sys
from time import monotonic

from tensorwire.cli.text import nbytes_text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Progress"]

PATIENCE = 0.5  # seconds before a bar appears: shorter work would only flicker
PERIOD = 0.1  # seconds between two pictures of it
CELLS = 30


class Progress:
    """Counts bytes up to ``total``; shows nothing where standard error is no terminal.

    Used in ``with``: leaving it, also by an error, wipes the line.
    """

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = max(total, 1)
        self._done = self._step = 0
        self._shown = False
        self._next = monotonic() + PATIENCE
        self._watched = sys.stderr.isatty()

    def advance(self, nbytes: int) -> None:
        """``nbytes`` more are done."""
        self._done += nbytes
        self._step += nbytes
        if self._watched and monotonic() >= self._next:
            self._draw()

    def set(self, done: int, total: int) -> None:
        """So many bytes of so many are done."""
        self._total = max(total, 1)
        self.advance(done - self._done)

    def reach(self, nbytes: int) -> None:
        """A step of ``nbytes`` is over, whatever of it was done."""
        self.advance(nbytes - self._step)
        self._step = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._shown:
            sys.stderr.write("\r\033[K")  # ECMA-48, EL: erases the line from here on
            sys.stderr.flush()

    def _draw(self) -> None:
        share = min(self._done / self._total, 1.0)
        bar = ("#" * round(share * CELLS)).ljust(CELLS, ".")
        amounts = f"{nbytes_text(self._done)} of {nbytes_text(self._total)}"
        sys.stderr.write(f"\r\033[K{self._what} [{bar}] {share:4.0%}  {amounts}")
        sys.stderr.flush()
        self._shown = True
        self._next = monotonic() + PERIOD
