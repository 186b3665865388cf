"""The screen of a terminal: tables by rich, which the extra ``cli`` brings."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tensorwire.cli.screen import Mark, Screen
from tensorwire.cli.text import width
from tensorwire.text import one_line

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from tensorwire.cli.screen import Columns

__all__ = ["RichScreen"]

STYLES = {"good": "green", "bad": "bold red", "faint": "dim"}
GAP = 2
LEAST = 16  # columns that a folded column keeps


class RichScreen(Screen):
    """Every cell is a `Text`: names from files are never taken for rich's own markup."""

    def __init__(self, colors: bool) -> None:
        self._colors = colors
        self._console = self._made()

    def _made(self, columns: int | None = None) -> Console:
        """A console on standard output, as wide as the terminal, or as is said."""
        color_system: Literal["auto"] | None = "auto" if self._colors else None
        return Console(
            file=sys.stdout,
            width=columns,
            force_terminal=True,
            color_system=color_system,
            no_color=not self._colors,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def heading(self, text: str) -> None:
        self._console.print(Text(one_line(text), "bold"), soft_wrap=True)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="cyan", no_wrap=True)
        grid.add_column(overflow="fold")
        for label, value in pairs:
            grid.add_row(_text(label), _text(value))
        self._print(grid)

    def table(self, columns: Columns, rows: Sequence[Sequence[str]]) -> None:
        """The widest column is folded where the terminal is narrow, no other is.

        Where that is not enough, lines are longer than the terminal: nothing is cut off.
        """
        widths = [
            max(width(one_line(cell)) for cell in column)
            for column in zip(columns, *rows, strict=True)
        ]
        widest = widths.index(max(widths))
        table = Table(box=None, header_style="bold cyan", pad_edge=False, padding=(0, 2, 0, 0))
        for i, (title, side) in enumerate(columns.items()):
            justify: Literal["left", "right"] = "right" if side == "right" else "left"
            least = min(widths[i], LEAST) if i == widest else widths[i]
            table.add_column(title, justify=justify, overflow="fold", min_width=least)
        for row in rows:
            table.add_row(*map(_text, row))
        needed = sum(widths) - max(widths[widest] - LEAST, 0) + GAP * (len(widths) + 1)
        self._print(table, needed)

    def _print(self, table: Table, needed: int = 0) -> None:
        from rich.padding import Padding

        fits = needed <= self._console.width
        console = self._console if fits else self._made(needed)
        console.print(Padding(table, (0, 0, 0, GAP), expand=False), crop=False)


def _text(cell: str) -> Text:
    style = STYLES[cell.role] if isinstance(cell, Mark) else ""
    return Text(one_line(cell), style)
