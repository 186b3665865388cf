"""Files written whole or not at all, also several at once."""

from __future__ import annotations

import io
import os
import stat
from collections import deque
from itertools import islice

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from typing_extensions import Buffer, Self

__all__ = ["PendingFile", "PendingFiles", "write_atomically"]

# One write of more is cut short by Linux (0x7ffff000 bytes) and refused by macOS (2**31).
WRITE_STEP = 1 << 30
# With somebody watching: some 10 ms each on a fast disk.
WATCHED_STEP = 16 << 20
# IOV_MAX of Linux, macOS and the BSDs.
GATHERED_MAX = 1024


def write_atomically(
    path: str | bytes | os.PathLike[str],
    data: Buffer,
    advance: Callable[[int], object] | None = None,
) -> None:
    """Writes ``data`` beside ``path`` and renames it there, so that nobody sees half a file.

    A link at ``path`` is replaced, never followed. A regular file hands on its permissions, from
    the first byte on: what is private is at no time readable by others. ``advance`` is told how
    many bytes more are written.
    Raises: ``OSError`` as the system has it, with ``path`` untouched and nothing left behind.
    """
    with PendingFiles() as files:
        files.add(path).write(data, advance)
        files.commit()


class PendingFile:
    """What will be at ``path``: for now a file of another name in the same folder."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._temporary = _beside(path)
        self._placed = False
        self._old: str | None = None  # a second name of what was at `path`
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._permissions = _permissions(path)
        mode = 0o666 if self._permissions is None else self._permissions
        try:
            self.file = io.FileIO(os.open(self._temporary, flags, mode), "wb")
        except OSError as error:
            raise _about(path, error) from None

    def write(self, data: Buffer, advance: Callable[[int], object] | None = None) -> None:
        """Appends ``data``; ``advance`` is told how many bytes more are written."""
        view = memoryview(data)
        step = WRITE_STEP if advance is None else WATCHED_STEP
        at = 0
        while at < len(view):
            written = os.write(self.file.fileno(), view[at : at + step])
            at += written
            if advance is not None:
                advance(written)

    def write_all(
        self, parts: Iterable[Buffer], advance: Callable[[int], object] | None = None
    ) -> None:
        """Appends every part, many at a time where the system has gathered writes."""
        if not hasattr(os, "writev"):
            for part in parts:
                self.write(part, advance)
            return
        left = deque([memoryview(part) for part in parts])
        step = WRITE_STEP if advance is None else WATCHED_STEP
        while left:
            written = os.writev(self.file.fileno(), _first(left, step))
            if advance is not None:
                advance(written)
            _drop(left, written)

    def finish(self) -> None:
        """A rename may reach the disk before the bytes do, so these go there first."""
        if self._permissions is not None:  # the system took its umask from those of `open`
            os.chmod(self._temporary, self._permissions)
        os.fsync(self.file.fileno())
        self.file.close()

    def replace(self, keeping_old: bool) -> None:
        """Puts the file into its place. With ``keeping_old``, `restore` can undo that."""
        if keeping_old and os.path.lexists(self.path):
            old = _beside(self.path)
            _name_twice(self.path, old)
            self._old = old
        try:
            os.replace(self._temporary, self.path)
        except OSError as error:
            raise _about(self.path, error) from None
        self._placed = True

    def restore(self) -> None:
        """What was there before `replace` is there again, if that got so far."""
        if self._old is not None:
            os.replace(self._old, self.path)
        elif self._placed:
            os.unlink(self.path)

    def clean(self) -> None:
        """Leaves nothing behind but the file itself."""
        self.file.close()
        names = [self._old] if self._placed else [self._old, self._temporary]
        for name in names:
            # Renaming one of two names of one file to the other does nothing: POSIX, rename().
            if name is not None and os.path.lexists(name):
                os.unlink(name)


class PendingFiles:
    """Files that take their places together, in `commit`; used in ``with``.

    Where one cannot, those before it are put back. Between the first and the last rename a crash
    of the whole system may leave some new and some old.
    """

    def __init__(self) -> None:
        self._files: list[PendingFile] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for file in self._files:
            file.clean()

    def add(self, path: str | bytes | os.PathLike[str]) -> PendingFile:
        """A file to be written. Its place is taken in the order of being added."""
        file = PendingFile(os.fsdecode(path))
        self._files.append(file)
        return file

    def commit(self) -> None:
        """Raises: ``OSError``, with every place as it was."""
        for file in self._files:
            file.finish()
        placed: list[PendingFile] = []
        try:
            for file in self._files:
                placed.append(file)
                file.replace(keeping_old=file is not self._files[-1])
        except BaseException:
            for file in reversed(placed):
                file.restore()
            raise


def _first(views: deque[memoryview], nbytes: int) -> list[memoryview]:
    """The first views, so many bytes of them and so many as one write may take."""
    found = []
    for view in islice(views, GATHERED_MAX):
        found.append(view[:nbytes])
        nbytes -= len(found[-1])
        if nbytes == 0:
            break
    return found


def _drop(views: deque[memoryview], nbytes: int) -> None:
    """Takes so many bytes away from the front, and empty views after them."""
    while views and nbytes >= len(views[0]):
        nbytes -= len(views.popleft())
    if nbytes:
        views[0] = views[0][nbytes:]


def _about(path: str, error: OSError) -> OSError:
    """The error about the name that the caller knows. `OSError` picks the class by number."""
    return OSError(error.errno, error.strerror, path)


def _beside(path: str) -> str:
    """A name of a length of its own: added to a name as long as may be, it would be too long."""
    return os.path.join(os.path.dirname(path), f".{os.urandom(8).hex()}.tmp")


def _name_twice(path: str, old: str) -> None:
    """Where the file system has no links, ``path`` is free afterwards."""
    try:
        os.link(path, old, follow_symlinks=False)
    except (OSError, NotImplementedError):
        os.replace(path, old)


def _permissions(path: str) -> int | None:
    """Those of a regular file, without set-user-id and its like; None where there is none."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    return mode & 0o777 if stat.S_ISREG(mode) else None
