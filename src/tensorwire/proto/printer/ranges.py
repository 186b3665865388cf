"""Ranges and names that are set aside, and visibility."""

from __future__ import annotations

from tensorwire.proto.printer.options import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# descriptor.proto, SymbolVisibility
_VISIBILITY = {1: "local ", 2: "export "}


def range_texts(ranges: list[tuple[int, int]], stop: int) -> list[str]:
    """Half-open ranges as ``5``, ``10 to 20`` or ``100 to max``; ``stop`` is behind the last."""
    texts = []
    for start, end in ranges:
        last = "max" if end >= stop else str(end - 1)
        texts.append(str(start) if end == start + 1 and last != "max" else f"{start} to {last}")
    return texts


def reserved_names(declaration: Any, quote: bool) -> str:
    """Names that are set aside; editions write them without quotes."""
    names = [quoted(name) if quote else name for name in declaration.reserved_name]
    return ", ".join(names)


def visibility(description: Any) -> str:
    """``local`` or ``export`` where one was written, with a space behind it."""
    return _VISIBILITY.get(description.declaration.visibility, "")
