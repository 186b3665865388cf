"""Encoded messages: as ``bytes``, or written to a file without being in memory as a whole."""

from __future__ import annotations

import io
import os

from tensorwire._core.encode import ranges
from tensorwire._core.encode import serialize as _serialize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Ranges handed to the system at a time: Linux and macOS take 1024 (IOV_MAX).
BATCH = 1024


def serialize(message: Any, *, deterministic: bool = False, oversize: bool = False) -> bytes:
    """The encoded message, whether or not required fields are missing.

    ``deterministic``: entries of maps are sorted. ``oversize``: more than 2 GiB - 1 are allowed,
    which upstream's runtimes do not read back.
    Copies: nothing if the message is a whole ``bytes`` object that nobody changed and that is
    what an encoder writes; else everything once.
    Raises: ``EncodeError`` for too many bytes.
    """
    return _serialize(message, deterministic, oversize)


def write(
    message: Any,
    file: Any,
    *,
    deterministic: bool = False,
    oversize: bool = False,
    align: int | None = None,
) -> int:
    """Writes the encoded message to a binary file; returns the bytes written.

    ``align``: payloads of 4096 bytes or more in singular bytes fields, at any depth, start at a
    multiple of so many bytes from the start of the message. Each is then preceded by another
    occurrence of its field, of zeros: of a singular field that comes again, every reader takes
    the last, so that the message stays what it is. Up to ``align`` bytes and a few are added for
    each; encoding what was read back leaves them away.
    Copies: what is small. Large ranges of the source go to the system as they lie.
    Raises: ``EncodeError`` for more than 2 GiB - 1 unless ``oversize``, before anything is
    written; ``ValueError`` for an ``align`` below 1 or above 1 MiB; what ``file`` raises.
    """
    views = ranges(message, deterministic, oversize, 1 if align is None else align)
    total = sum([view.nbytes for view in views])
    descriptor = _descriptor(file)
    if descriptor is None:
        for view in views:
            _write_whole(file, view)
    else:
        file.flush()
        _write_gathered(descriptor, views)
    return total


def _descriptor(file: Any) -> int | None:
    """Where the system may be written to directly.

    Only files known to be nothing more than a descriptor and a buffer: others, of compressed
    files, have a descriptor as well, and must not be bypassed.
    """
    if not hasattr(os, "writev"):
        return None
    raw = file.raw if type(file) is io.BufferedWriter else file
    return raw.fileno() if type(raw) is io.FileIO else None


def _write_gathered(descriptor: int, views: list[memoryview]) -> None:
    """In batches; a short write is gone on with. (An interrupted one Python repeats itself.)"""
    views = [view for view in views if view.nbytes]
    first = 0
    while first < len(views):
        written = os.writev(descriptor, views[first : first + BATCH])
        if not written:
            raise OSError(f"nothing of {views[first].nbytes} bytes was written")
        while first < len(views) and written >= views[first].nbytes:
            written -= views[first].nbytes
            first += 1
        if written:
            views[first] = views[first][written:]


def _write_whole(file: Any, view: memoryview) -> None:
    """Buffered files take all at once; raw ones may take less, or nothing for now."""
    if not isinstance(file, io.RawIOBase):
        file.write(view)
        return
    while view.nbytes:
        written = file.write(view)
        if written is None:
            raise BlockingIOError(f"{file!r} takes no more for now")
        view = view[written:]
