"""Text that files hold: UTF-8 by convention, any bytes in fact."""

from __future__ import annotations

__all__ = ["one_line", "text"]


def text(stored: bytes | str) -> str:
    """``stored`` as UTF-8; bytes that are not become lone surrogates, so that none is lost.

    ``text(b).encode("utf-8", "surrogateescape") == b`` for all ``b``. A `str`, as messages give
    for strings that are sound, stays itself.
    """
    return stored if isinstance(stored, str) else stored.decode("utf-8", "surrogateescape")


def one_line(name: str) -> str:
    """``name`` with line breaks, controls and undecodable bytes escaped, fit for any terminal."""
    return name if name.isprintable() else name.encode("unicode_escape").decode("ascii")
