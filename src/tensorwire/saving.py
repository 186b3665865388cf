"""How a model is to be saved: what the caller wants, and the layout of a file of external data."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from typing_extensions import Buffer

    from tensorwire.atomic import PendingFile

    #: Told the bytes written so far, and those to be written in all.
    Progress = Callable[[int, int], object]

__all__ = ["INLINE", "DataFile", "Meter", "SaveOptions"]

INLINE = "inline"


class SaveOptions:
    """What `Model.save` was asked for, checked as far as that needs no model. Frozen.

    ``external``: None keeps every tensor where it is, `INLINE` puts all into the model's own file,
    anything else is the name of a file beside it.
    Raises: ``ValueError``, ``TypeError`` for what is no option.
    """

    __slots__ = ("align", "external", "large", "progress", "threshold")

    def __init__(
        self,
        external: str | None = None,
        threshold: int = 1024,
        align: int = 4096,
        large: bool = False,
        progress: Progress | None = None,
    ) -> None:
        if external is not None:
            _require_plain(external)
        if threshold < 0:
            raise ValueError(f"threshold must be 0 or more bytes, not {threshold}")
        if align < 1:
            raise ValueError(f"align must be 1 or more bytes, not {align}")
        self.external = external
        self.threshold = threshold
        self.align = align
        self.large = large
        self.progress = progress

    @property
    def data_file(self) -> str | None:
        """The name of the file of external data that is to be written, if one is."""
        return None if self.external == INLINE else self.external


class Meter:
    """Counts the bytes written, and tells whoever watches."""

    __slots__ = ("_done", "_progress", "_total")

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def advance(self, nbytes: int) -> None:
        """``nbytes`` more are written."""
        self._done += nbytes
        self._progress(self._done, self._total)


class DataFile:
    """Payloads one behind the other, each from a multiple of ``align`` on.

    The same payloads, placed in the same order, make the same bytes. A payload may be a function
    that makes it, called when it is written, so that one at a time is in memory.
    """

    def __init__(self, align: int) -> None:
        self._align = align
        self._payloads: list[tuple[int, Buffer | Callable[[], Buffer]]] = []
        self._known: dict[Hashable, int] = {}
        self.nbytes = 0

    def place(
        self, payload: Buffer | Callable[[], Buffer], nbytes: int, key: Hashable = None
    ) -> int:
        """The offset where ``payload`` will be; that of an earlier one of the same ``key``."""
        if key is not None and key in self._known:
            return self._known[key]
        offset = -(-self.nbytes // self._align) * self._align
        self._payloads.append((offset, payload))
        self.nbytes = offset + nbytes
        if key is not None:
            self._known[key] = offset
        return offset

    def __len__(self) -> int:
        return len(self._payloads)

    def write(self, file: PendingFile, advance: Callable[[int], object] | None = None) -> None:
        """Every payload, and zeros in between."""
        at = 0
        for offset, payload in self._payloads:
            file.write(bytes(offset - at), advance)
            made = payload() if callable(payload) else payload
            file.write(made, advance)
            at = offset + memoryview(made).nbytes


def _require_plain(name: str) -> None:
    """Refuses what is no file beside the model, on any system that may read it."""
    if not isinstance(name, str):
        raise TypeError(f"external must be None, {INLINE!r} or a file name, not {type(name)}")
    if name in ("", ".", "..") or any(mark in name for mark in "/\\:\0"):
        raise ValueError(f"external must be the name of a file beside the model, not {name!r}")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(f"external must be text that UTF-8 can hold, not {name!r}") from None
