"""What a format provides: the contract between `Model` and the packages in ``formats``."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.graph import Graph
    from tensorwire.report import Finding
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

    def findings(self, checksums: bool) -> Iterator[Finding]:  # noqa: ARG002
        """What is wrong with a sound structure; ``checksums``: also read files that have one."""
        yield from ()

    def close(self) -> None:
        """Lets go of every source but those that tensors and graphs handed out still hold."""
