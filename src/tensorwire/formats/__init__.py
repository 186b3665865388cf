"""The formats: one package each, found by looking into this folder, none importing another.

A package's ``__init__`` is light (no schema, no NumPy) and has

``SUFFIXES``                       what names of its files usually end in, for what bytes leave open
``match(source) -> bool``          whether the bytes are of this format, from their structure
``CERTAIN``                        may be left out; True where `match` finds an identifier: then
                                   formats that only seem to fit are not considered
``read(source, options) -> Reader``  imports the rest and verifies; ``options`` is a `ReadOptions`
"""

from __future__ import annotations

import os
from importlib import import_module

from tensorwire.errors import UnsupportedError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from types import ModuleType

    from tensorwire._core.source import Source
    from tensorwire.limits import Limits

__all__ = ["ReadOptions", "choose", "matching", "names"]


class ReadOptions:
    """What a reader may need besides the bytes: ``folder`` of external data (None: there is none).

    ``canonical_folder`` is where the model file itself lies once links are followed; external data
    may lie there as well. ``mode`` is the caller's wish for how to hold those files.
    """

    __slots__ = ("canonical_folder", "folder", "limits", "mode")

    def __init__(
        self, folder: str | None, canonical_folder: str | None, mode: str, limits: Limits
    ) -> None:
        self.folder = folder
        self.canonical_folder = canonical_folder
        self.mode = mode
        self.limits = limits


def names() -> list[str]:
    """The formats there are, in alphabetical order.

    Reads the folder itself: `pkgutil` costs 5 ms to import, and compiled code rules out zip files.
    ``__pycache__`` lies there too, hence no leading underscore.
    """
    found = (entry for folder in __path__ for entry in os.scandir(folder) if entry.is_dir())
    return sorted(e.name for e in found if e.name.isidentifier() and not e.name.startswith("_"))


def matching(source: Source) -> list[str]:
    """The formats whose structure the bytes have; of those with an identifier, only such."""
    found = [name for name in names() if _package(name).match(source)]
    return [name for name in found if getattr(_package(name), "CERTAIN", False)] or found


def choose(source: Source, format: str | None = None) -> ModuleType:
    """The package to read ``source`` with: the one asked for, else by bytes, else by suffix.

    Raises: ``UnsupportedError`` saying what the file is instead, or which formats tie;
    ``ValueError`` for a format that does not exist.
    """
    if format is not None:
        if format not in names():
            raise ValueError(f"no format {format!r}; there are: {', '.join(names())}")
        return _package(format)
    found = matching(source) or _by_suffix(source)
    if len(found) == 1:
        return _package(found[0])
    if found:
        reason = f"could be any of {', '.join(found)}; say which with format="
        raise UnsupportedError(reason, file=source.path)
    from tensorwire.hints import unrecognised

    raise UnsupportedError(unrecognised(source), file=source.path)


def _by_suffix(source: Source) -> list[str]:
    """Formats that the name suggests, unless the bytes are plainly something else."""
    from tensorwire.hints import described

    name = (source.path or "").lower()
    found = [each for each in names() if name.endswith(_package(each).SUFFIXES)]
    return [] if found and described(source) else found


def _package(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")
