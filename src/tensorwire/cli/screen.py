"""Where verbs show what they found: aligned text, or rich tables where a terminal and rich are.

Everything shown is made harmless here (`one_line`), so that no verb can forget it.
"""

from __future__ import annotations

import os
import sys

from tensorwire.cli.text import width
from tensorwire.text import one_line

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from typing_extensions import Self

    from tensorwire.cli.rich_screen import RichScreen

    #: Title of a column -> "left" or "right".
    Columns = Mapping[str, str]

__all__ = ["LEFT", "RIGHT", "Mark", "Screen", "screen"]

LEFT, RIGHT = "left", "right"
GAP = "  "
# Cells beyond this width push the rest of their own row aside; aligned, they would widen all rows.
WIDEST = 300


class Mark(str):
    """Text that stands out where there are colours; ``role``: "good", "bad" or "faint"."""

    __slots__ = ("role",)
    role: str

    def __new__(cls, text: str, role: str) -> Self:
        """A `str` as any other, with a role."""
        made = super().__new__(cls, text)
        made.role = role
        return made


class Screen:
    """Plain text on standard output, columns aligned by blanks."""

    def line(self, text: str = "") -> None:
        """One line, never wrapped."""
        print(one_line(text))

    def gap(self, wanted: bool = True) -> None:
        """An empty line, if wanted."""
        if wanted:
            self.line()

    def heading(self, text: str) -> None:
        """A line above what belongs together."""
        self.line(text)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Labels and what they stand for, one below the other."""
        self._rows([LEFT, LEFT], [list(pair) for pair in pairs], indent=GAP)

    def table(self, columns: Columns, rows: Sequence[Sequence[str]]) -> None:
        """Rows under the titles of their columns."""
        titles = [title.upper() for title in columns]
        self._rows(list(columns.values()), [titles, *rows], indent=GAP)

    def _rows(self, sides: Sequence[str], rows: Sequence[Sequence[str]], indent: str) -> None:
        cells = [[one_line(cell) for cell in row] for row in rows]
        widths = [min(max(map(width, column)), WIDEST) for column in zip(*cells, strict=True)]
        for row in cells:
            padded = map(_padded, row, widths, sides)
            print(f"{indent}{GAP.join(padded)}".rstrip())


def screen(color: str) -> Screen:
    """The screen for ``--color auto|always|never``. ``NO_COLOR``: tables yes, colours no.

    Source: no-color.org: NO_COLOR counts when it is set and not empty, but a command line wins.
    """
    wanted = color == "always" or (color == "auto" and sys.stdout.isatty())
    if wanted:
        try:
            made = _rich_screen()
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != "rich":
                raise
        else:
            return made(colors=color == "always" or not os.environ.get("NO_COLOR"))
    return Screen()


def _rich_screen() -> type[RichScreen]:
    """Without collecting garbage meanwhile, of which imports make none: 7 of 40 ms are saved.

    Raises: ``ModuleNotFoundError`` where rich is not installed.
    """
    import gc

    collecting = gc.isenabled()
    gc.disable()
    try:
        from tensorwire.cli.rich_screen import RichScreen
    finally:
        if collecting:
            gc.enable()
    return RichScreen


def _padded(cell: str, columns: int, side: str) -> str:
    blanks = " " * (columns - width(cell))
    return blanks + cell if side == RIGHT else cell + blanks
