"""Text that files hold: UTF-8 by convention, any bytes in fact."""

from __future__ import annotations

__all__ = ["one_line", "text"]


def text(stored: bytes | str) -> str:
    """``stored`` as UTF-8; bytes that are not become lone surrogates, so that none is lost.

    ``text(b).encode("utf-8", "surrogateescape") == b`` for all ``b``. A `str`, as messages give
    for strings that are sound, stays itself.
    """
    return stored if isinstance(stored, str) else stored.decode("utf-8", "surrogateescape")


def one_line(text: str) -> str:
    """``text`` with everything escaped that is not one printable character; fit for any terminal.

    Nobody has looked at what files hold: an escape sequence would drive the terminal, a line break
    forge a line, a bidirectional mark show letters in another order.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
