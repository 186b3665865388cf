"""What a format provides: the contract between `Model` and the packages in ``formats``."""

from __future__ import annotations

import os

from tensorwire.errors import UnsupportedError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.graph import Graph
    from tensorwire.report import Finding
    from tensorwire.saving import SaveOptions
    from tensorwire.tensor import Tensor

__all__ = ["Reader"]


class Reader:
    """One open file of one format; derived from by each format. Making one verifies the structure.

    Nothing here touches payload. What a format does not have is left as it is here.
    """

    #: The format's name: that of its package.
    format: str
    #: The underlying message or table.
    root: Any = None
    #: Whether tensors may be replaced, and what was changed can be saved.
    writable = False

    def __init__(self, source: Source) -> None:
        self.source = source

    def entries(self) -> Iterable[tuple[str, Callable[[], Tensor]]]:
        """(name, what makes the Tensor), names unique, in file order; consumed as far as asked."""
        return ()

    def graph(self) -> Graph | None:
        """The computation; None where the format has none."""
        return None

    def metadata(self) -> dict[str, str]:
        """The file's own key and value pairs."""
        return {}

    def info(self) -> dict[str, object]:
        """Producer, versions and whatever else the format tells of itself."""
        return {}

    def file_names(self) -> list[str]:
        """Every file the model needs, its own first; empty for one in memory that needs none.

        No `Path` objects: pathlib costs 4 ms to import.
        """
        return [] if self.source.path is None else [self.source.path]

    def sources(self) -> list[Source]:
        """The sources opened so far, the model's own first."""
        return [self.source]

    def changed(self) -> bool:
        """Whether anything differs from what was opened. True may be said too often."""
        return False

    def replace(self, tensor: Tensor, array: object) -> None:
        """Gives the tensor other elements. REQUIRES: `writable`."""
        raise NotImplementedError

    def save(self, path: str, options: SaveOptions) -> None:
        """Writes the model to ``path``: of a format that is not written, the bytes as they are.

        Raises: ``UnsupportedError`` for a model of several files, whose other files would be lost.
        """
        from tensorwire.atomic import write_atomically
        from tensorwire.saving import Meter

        if options.external is not None:
            raise UnsupportedError(f"{self.format} models have no external data to write")
        own = 0 if self.source.path is None else 1
        if others := self.file_names()[own:]:
            needed = os.path.basename(others[0])
            reason = f"{self.format} models of several files are not saved; this needs {needed!r}"
            raise UnsupportedError(reason, file=self.source.path)
        size = self.source.size
        meter = None if options.progress is None else Meter(options.progress, size).advance
        write_atomically(path, self.source.span(0, size), meter)

    def findings(self, checksums: bool) -> Iterator[Finding]:  # noqa: ARG002
        """What is wrong with a sound structure; ``checksums``: also read files that have one."""
        yield from ()

    def close(self) -> None:
        """Lets go of every source but those that tensors and graphs handed out still hold."""
