"""An open model: a mapping from tensor names to arrays; all else about it is an attribute."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tensorwire.errors import UnsupportedError
from tensorwire.tensors import Tensors

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any, Self

    import numpy as np

    from tensorwire.graph import Graph
    from tensorwire.reader import Reader
    from tensorwire.saving import Progress

    Recipe = Callable[[], tuple[Callable[..., "Model"], tuple[object, ...]]]

__all__ = ["Model"]


class Model(Mapping[str, "np.ndarray"]):
    """``Mapping[str, np.ndarray]`` over the tensors of a file. Made by `tensorwire.open`.

    Always true; compares by identity. Pickles as what opens it again: its absolute path and state,
    or its bytes; not once it was changed. Lifetime: `close` (or leaving ``with``) drops the model's
    own hold on the file; arrays, tensors and graphs handed out stay valid; the file is unmapped
    with the last of them. Threads: any number may read, while none changes it.
    """

    __slots__ = ("_reader", "_recipe", "_tensors", "format")

    def __init__(self, reader: Reader, recipe: Recipe) -> None:
        self.format = reader.format
        self._reader: Reader | None = reader
        self._recipe = recipe
        self._tensors = Tensors(reader.entries, reader.changed)

    # Tensors ------------------------------------------------------------------------------------

    @property
    def tensors(self) -> Tensors:
        """The tensors by name, in file order, as objects that read elements when asked to."""
        self._open()
        return self._tensors

    def __getitem__(self, name: str) -> np.ndarray:
        """The elements of one tensor, read-only: on the file itself where the layout allows."""
        return self._tensors.elements(name)

    def __setitem__(self, name: str, array: object) -> None:
        """Replaces the elements of a tensor; its dtype and shape are those of the array.

        Copies: nothing if the array is C-contiguous, little-endian and of whole bytes per element.
        Changing it later then changes the model; assign ``array.copy()`` where that may happen.
        Raises: ``UnsupportedError`` for a format that is not written, or an array that it has no
        type for; ``KeyError`` for a name that is not there.
        """
        reader = self._open()
        if not reader.writable:
            raise UnsupportedError(f"cannot change {name!r}: {self.format} models are not written")
        reader.replace(self._tensors[name], array)

    def __contains__(self, name: object) -> bool:
        return name in self._tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    # Everything else ----------------------------------------------------------------------------

    @property
    def metadata(self) -> dict[str, str]:
        """The file's own key and value pairs."""
        return self._open().metadata()

    @property
    def info(self) -> dict[str, object]:
        """Producer, versions and whatever else the format tells of itself; how the file is held."""
        reader = self._open()
        return {**reader.info(), "mode": reader.source.mode}

    @property
    def files(self) -> list[Path]:
        """Every file the model needs, its own first, whether it is there or not."""
        from pathlib import Path

        return [Path(name) for name in self._open().file_names()]

    @property
    def graph(self) -> Graph | None:
        """The computation; None where the format has none."""
        return self._open().graph()

    @property
    def root(self) -> Any:
        """The underlying message or table; None where the format is neither."""
        return self._open().root

    def check_unchanged(self) -> bool:
        """True if every file opened so far is as it was then. Raises: ``ModelError`` if not."""
        return all(source.check_unchanged() for source in self._open().sources())

    def save(
        self,
        path: str | bytes | os.PathLike[str],
        *,
        external: str | None = None,
        threshold: int = 1024,
        align: int = 4096,
        large: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """Writes the model to ``path``, replacing a file of that name in one step.

        ``external``: None keeps each tensor where it is, and copies the external files to the
        folder of ``path`` unless they are there; ``"inline"`` puts all into one file; a file name
        puts weights of ``threshold`` bytes or more into that file, anew, each from a multiple of
        ``align`` on, and the others into the model. ``large``: also a model file over 2 GiB, which
        most libraries do not read. ``progress`` is called with bytes written and bytes in all.

        A link of a name is replaced, not followed; files open now may be among those replaced.
        Memory: little, whatever the size. If it fails, old files are as they were.
        Raises: ``LimitError`` for 2 GiB or more; ``OSError``; ``FileNotFoundError`` if external
        files are missing; ``UnsupportedError`` for what the format does not have.
        """
        from tensorwire.saving import SaveOptions

        options = SaveOptions(external, threshold, align, large, progress)
        self._open().save(os.fsdecode(path), options)

    def close(self) -> None:
        """Lets go of the file; harmless when done again."""
        if self._reader is not None:
            self._reader.close()
        self._reader = None
        self._tensors.close()

    def _open(self) -> Reader:
        if self._reader is None:
            raise ValueError("model is closed")
        return self._reader

    # Object protocols ---------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __bool__(self) -> bool:
        return True

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __reduce__(self) -> tuple[Callable[..., Model], tuple[object, ...]]:
        if self._open().changed():
            reason = "the model was changed: save it, and open the file saved"
            raise UnsupportedError(reason)
        return self._recipe()

    def __repr__(self) -> str:
        if self._reader is None:
            return f"<Model {self.format}, closed>"
        source = self._reader.source
        name = "in memory" if source.path is None else repr(source.path)
        changed = ", changed" if self._reader.changed() else ""
        return f"<Model {self.format} {name}, {source.size} bytes{changed}>"
