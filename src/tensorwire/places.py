"""Where the bytes of a tensor are: one run of a source, several runs, or nowhere we would look.

Every place answers ``locate()`` with a `Span` (for strings: a list of `bytes`). Before that,
without touching payload, it says whether the span will lie on the stored bytes (``in_place``),
whether they can be had (``available``), in which ``file``, and from which ``offset`` on (None where
they are split). A place in another file is `tensorwire.external.External`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Protocol

    from tensorwire._core.source import Source
    from tensorwire.errors import ModelError

    class Place(Protocol):
        in_place: bool

        @property
        def available(self) -> bool: ...
        @property
        def file(self) -> str | None: ...
        @property
        def offset(self) -> int | None: ...
        def locate(self) -> Span | list[bytes]: ...


__all__ = ["Joined", "Listed", "Refused", "Span"]


class Span:
    """``nbytes`` bytes of ``source`` from ``offset`` on."""

    __slots__ = ("nbytes", "offset", "source")

    in_place = True
    available = True

    def __init__(self, source: Source, offset: int, nbytes: int) -> None:
        self.source = source
        self.offset = offset
        self.nbytes = nbytes

    @property
    def file(self) -> str | None:
        """The file of the source, if it has one."""
        return self.source.path

    def locate(self) -> Span:
        """Itself."""
        return self

    def part(self, start: int, nbytes: int) -> Span:
        """``nbytes`` of these bytes, from ``start`` on."""
        return Span(self.source, self.offset + start, nbytes)

    def view(self) -> memoryview:
        """The bytes themselves, read-only. Lifetime: holds the source."""
        return self.source.span(self.offset, self.nbytes)


class Joined:
    """Bytes stored in several runs of ``file``, joined in memory each time they are asked for."""

    __slots__ = ("_join", "file")

    in_place = False
    available = True
    offset = None

    def __init__(self, join: Callable[[], bytes], file: str | None) -> None:
        self._join = join
        self.file = file

    def locate(self) -> Span:
        """The runs, joined anew."""
        from tensorwire._core.source import Source

        joined = self._join()
        return Span(Source(joined), 0, len(joined))


class Listed:
    """Byte strings, each stored by itself in ``file``, listed each time they are asked for."""

    __slots__ = ("_strings", "file")

    in_place = False
    available = True
    offset = None

    def __init__(self, strings: Callable[[], list[bytes]], file: str | None) -> None:
        self._strings = strings
        self.file = file

    def locate(self) -> list[bytes]:
        """The strings, listed anew."""
        return self._strings()


class Refused:
    """No place: the file describes one that is not legal. ``error`` makes the error saying why."""

    __slots__ = ("_error", "file")

    in_place = True  # asking for it tells why there is none
    available = False
    offset = nbytes = None

    def __init__(self, error: Callable[[], ModelError], file: str | None) -> None:
        self._error = error
        self.file = file

    def locate(self) -> NoReturn:
        """Raises: the error."""
        raise self._error()
