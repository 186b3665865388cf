"""External files that go along when a model is saved elsewhere."""

from __future__ import annotations

import os

from tensorwire.errors import ContainmentError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire._core.source import Source
    from tensorwire.formats.onnx.base_reader import OnnxReader

__all__ = ["files_to_carry"]


def files_to_carry(reader: OnnxReader, path: str) -> list[tuple[str, Source]]:
    """(place, contents) of the files that a model at ``path`` would lack; makes their folders.

    Raises: ``ContainmentError`` for a place that links out of the folder of ``path``;
    ``ValueError`` where the model itself is to be; ``OSError``.
    """
    folder = os.path.dirname(path)
    wanted: list[tuple[str, Source]] = []
    for location in reader.locations():
        place = os.path.join(folder, location)
        found = reader.external.path(location)  # refuses names that lead out of the model's folder
        if os.path.normpath(place) == os.path.normpath(path):
            raise ValueError(f"the model needs external data where it is to be saved: {place!r}")
        if not _is_there(found, place, folder):
            wanted.append((place, reader.external.source(location)))
    for place, _ in wanted:
        _make_folder(os.path.dirname(place), folder)
    return wanted


def _is_there(found: str, place: str, folder: str) -> bool:
    """Whether a model in ``folder`` would find the same file, without links out of it."""
    try:
        same = os.path.samefile(found, place)
    except OSError:
        # A file that is missing before and after is not made up.
        return os.path.abspath(found) == os.path.abspath(place)
    return same and _is_inside(place, folder)


def _is_inside(place: str, folder: str) -> bool:
    root = os.path.join(os.path.realpath(folder), "")
    return os.path.join(os.path.realpath(place), "").startswith(root)


def _make_folder(name: str, folder: str) -> None:
    """Raises: ``ContainmentError`` for a link out of ``folder``."""
    if not _is_inside(name, folder):
        raise ContainmentError(f"external data would be written to {name!r}, outside {folder!r}")
    if name != folder:
        os.makedirs(name, exist_ok=True)
