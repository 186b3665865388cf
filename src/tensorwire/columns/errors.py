"""What was wrong with a row."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RowError"]


@dataclass(frozen=True, slots=True)
class RowError:
    """One bad row: ``row`` counts the input's records, ``offset`` bytes from the record's start.

    ``path`` is the field's, or ``""``. Rows that are left out of the result count, too.
    """

    row: int
    offset: int
    path: str
    reason: str

    def __str__(self) -> str:
        """``row 3: user.name: reason at byte 4 (0x4)``."""
        path = f"{self.path}: " if self.path else ""
        return f"row {self.row}: {path}{self.reason} at byte {self.offset} ({self.offset:#x})"
