"""Files written whole or not at all."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["write_atomically"]

# One write of more is cut short by Linux (0x7ffff000 bytes) and refused by macOS (2**31).
WRITE_STEP = 1 << 30


def write_atomically(path: str | bytes | os.PathLike[str], data: Buffer) -> None:
    """Writes ``data`` beside ``path`` and renames it there, so that nobody sees half a file.

    A link at ``path`` is replaced, never followed. A regular file hands on its permissions, from
    the first byte on: what is private is at no time readable by others.
    Raises: ``OSError`` as the system has it, with ``path`` untouched and nothing left behind.
    """
    path = os.fsdecode(path)
    # Of a length of its own: added to a name as long as names may be, it would be too long.
    temporary = os.path.join(os.path.dirname(path), f".{os.urandom(8).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    permissions = _permissions(path)
    descriptor = os.open(temporary, flags, 0o666 if permissions is None else permissions)
    try:
        try:
            if permissions is not None:
                os.chmod(temporary, permissions)  # the system takes its umask from those of `open`
            _write_all(descriptor, memoryview(data))
            os.fsync(descriptor)  # a rename may reach the disk before the bytes do
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _write_all(descriptor: int, data: memoryview) -> None:
    at = 0
    while at < len(data):
        at += os.write(descriptor, data[at : at + WRITE_STEP])


def _permissions(path: str) -> int | None:
    """Those of a regular file, without set-user-id and its like; None where there is none."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    return mode & 0o777 if stat.S_ISREG(mode) else None
