"""Lines of text, indented by the braces around them."""

from __future__ import annotations

from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Lines:
    """Text under construction."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0

    def add(self, text: str) -> None:
        """One line."""
        self._lines.append("  " * self._depth + text)

    def space(self) -> None:
        """An empty line, unless a block has just begun or there is one already."""
        if self._lines and self._lines[-1] and not self._lines[-1].endswith("{"):
            self._lines.append("")

    def space_after_block(self) -> None:
        """An empty line if a block has just ended."""
        if self._lines and self._lines[-1].endswith("}"):
            self.space()

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """What is added inside stands between braces."""
        start = len(self._lines)
        self.add(f"{head} {{")
        self._depth += 1
        yield
        self._depth -= 1
        if len(self._lines) == start + 1:
            self._lines[start] += "}"
        else:
            self.add("}")

    def text(self) -> str:
        """Everything so far."""
        return "\n".join([*self._lines, ""])
