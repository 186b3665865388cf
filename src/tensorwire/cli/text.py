"""Text on its way to a terminal: its width, and numbers as people read them."""

from __future__ import annotations

__all__ = ["nbytes_text", "plural", "seconds_text", "width"]

UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def width(text: str) -> int:
    """Columns that ``text`` takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def nbytes_text(nbytes: int | None) -> str:
    """``102.4 MB``: decimal units, as file managers and the makers of disks count."""
    if nbytes is None:
        return "?"
    if nbytes < 1000:
        return f"{nbytes} B"
    value = float(nbytes)
    for unit in UNITS:
        value /= 1000
        if value < 999.95 or unit == UNITS[-1]:  # 999.95 would be written as 1000.0
            break
    return f"{value:.1f} {unit}"


def seconds_text(seconds: float) -> str:
    """``0.04 ms``, ``12.3 ms``, ``1.23 s``."""
    if seconds < 1e-3:
        return f"{seconds * 1e3:.2f} ms"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def plural(count: int, noun: str) -> str:
    """``1 tensor``, ``2,000 tensors``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
