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


def write_atomically(path: str | os.PathLike[str], data: Buffer) -> None:
    """Writes ``data`` beside ``path`` and renames it there, so that nobody sees half a file.

    A link at ``path`` is replaced, never followed. A regular file hands on its permissions.
    Raises: ``OSError`` as the system has it, with ``path`` untouched and nothing left behind.
    """
    path = os.fspath(path)
    temporary = f"{path}.{os.urandom(6).hex()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)
    try:
        try:
            _write_all(descriptor, memoryview(data))
            _hand_on_permissions(path, temporary)
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


def _hand_on_permissions(path: str, temporary: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISREG(mode):
        os.chmod(temporary, stat.S_IMODE(mode))
