"""How much may be read of what tables share.

Tables may share strings and vectors, so that a small file can list the same long name ever again.
Whatever is listed as a whole is counted against the size of the file.
"""

from __future__ import annotations

from tensorwire.errors import LimitError

__all__ = ["Budget", "allowed"]

# Characters and numbers listed for each byte of the file. Without sharing there is less than one.
TIMES = 16
LEAST = 1 << 16


def allowed(nbytes: int) -> int:
    """What one listing of a file of that size may take."""
    return max(nbytes * TIMES, LEAST)


class Budget:
    """What one listing may take."""

    __slots__ = ("_allowed", "_left")

    def __init__(self, nbytes: int) -> None:
        self._allowed = self._left = allowed(nbytes)

    def spend(self, units: int, path: str) -> None:
        """Raises: ``LimitError``, about ``path``, if more was listed than is allowed."""
        self._left -= units
        if self._left < 0:
            reason = f"more than {self._allowed} characters and numbers to list, shared ones anew"
            raise LimitError(reason, path=path)
