"""Files as sources of bytes: mapped, or read where that is better."""

from __future__ import annotations

import io
import os
import stat

from tensorwire._core.source import FileIdentity, Source, open_descriptor, remote_file_system
from tensorwire.errors import DecodeError

__all__ = [
    "READ_BELOW",
    "FileIdentity",
    "Source",
    "open_descriptor",
    "open_source",
    "remote_file_system",
    "source_of_descriptor",
    "whole_descriptor",
]

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any, BinaryIO

MODES = ("auto", "map", "read")

# In mode "auto", files up to this size are read. Measured on ext4, file cached, bytes looked at
# once: reading 16 KiB takes 14 us against 20 us for mapping, 64 KiB 32 against 36, and from 256 KiB
# on mapping is ahead (page faults cost more than the copy only while they are few).
READ_BELOW = 64 << 10


def open_source(path: str | bytes | os.PathLike[str] | BinaryIO, mode: str = "auto") -> Source:
    """The bytes of a file, mapped or read.

    ``path`` is a name or an open binary file. ``mode="map"`` maps it; ``"read"`` reads it whole;
    ``"auto"`` reads files of up to 64 KiB, files on network file systems (a mapping there faults
    over the network page by page, and dies of SIGBUS when the server does) and files that the
    system will not map, and maps the rest. `Source.mode` says what was done.

    **Files must not change while open.** Truncating a mapped file in place kills any process that
    reads it (SIGBUS), and other writes in place show through. Replacing a file by rename, or
    unlinking it, is harmless: use ``mode="read"`` for files that others write in place. On request
    `Source.check_unchanged` compares again by name.

    An open file as `open` makes it, at position 0, is taken by its descriptor: whole, and with its
    position kept. Any other (at another position, a pipe, BytesIO, GzipFile, ...) is read from
    where it stands by ``read()``, giving a source in mode ``"memory"``.

    Raises: ``ValueError`` for an unknown mode, or for ``"map"`` where there is nothing to map;
    ``DecodeError`` for an empty file; ``UnsupportedError`` for a FIFO or device;
    ``OSError`` as the system has it, ``IsADirectoryError`` for a directory.
    Lifetime: see `Source`. The descriptor is closed at once; an open file stays the caller's.
    """
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
    if isinstance(path, (str, bytes, os.PathLike)):
        return _source_of_name(path, mode)
    if hasattr(path, "read"):
        return _source_of_file(path, mode)
    kind = type(path).__name__
    raise TypeError(f"expected str, bytes, os.PathLike or an open binary file, not {kind}")


def source_of_descriptor(
    descriptor: int, name: str | bytes | os.PathLike[str] | None, mode: str = "auto"
) -> Source:
    """The bytes of an open file, as `open_source`; the descriptor stays open.

    ``name`` is what errors, `Source.path` and `Source.check_unchanged` use; None if it has none.
    """
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size == 0:
        raise DecodeError("file is empty", 0, file=name)
    if mode == "read" or (mode == "auto" and _better_read(descriptor, status.st_size)):
        return Source.read(name, descriptor=descriptor)
    try:
        return Source.map(name, descriptor=descriptor)
    except OSError:
        # Some file systems cannot map (ENODEV), and a process may own too many maps (ENOMEM).
        if mode == "map" or not stat.S_ISREG(status.st_mode):
            raise
    return Source.read(name, descriptor=descriptor)


def _source_of_name(name: str | bytes | os.PathLike[str], mode: str) -> Source:
    descriptor = open_descriptor(name)
    try:
        return source_of_descriptor(descriptor, name, mode)
    finally:
        os.close(descriptor)


def _better_read(descriptor: int, size: int) -> bool:
    return size <= READ_BELOW or remote_file_system(descriptor) is not None


def _source_of_file(file: BinaryIO, mode: str) -> Source:
    descriptor = whole_descriptor(file)
    name = _name(file)
    if descriptor is not None:
        source = source_of_descriptor(descriptor, name, mode)
        file.seek(0)  # Windows moves the position of a descriptor that is read by offset
        return source
    if mode == "map":
        raise ValueError(
            f"cannot map this {type(file).__name__}: only a file as open() makes it, "
            "at position 0; pass its name, or another mode"
        )
    data: Any = file.read()
    if isinstance(data, str):
        raise TypeError(f"{type(file).__name__} gives text; open the file in binary mode")
    source = Source(data)
    if source.size == 0:
        raise DecodeError("file is empty", 0, file=name)
    return source


def whole_descriptor(file: BinaryIO) -> int | None:
    """The descriptor of a file whose bytes, from here on, are those of the descriptor; or None.

    Exact types only: GzipFile and its like have the ``fileno`` of the packed file.
    """
    raw = file.raw if type(file) is io.BufferedReader else file
    if type(raw) is not io.FileIO:
        return None
    kind = os.fstat(raw.fileno()).st_mode
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind) or file.tell() != 0:
        return None
    return raw.fileno()


def _name(file: BinaryIO) -> str | None:
    """The file's name, where it was opened by one: `open` also takes a descriptor, a number."""
    name = getattr(file, "name", None)
    return os.fsdecode(name) if isinstance(name, (str, bytes)) and name else None
