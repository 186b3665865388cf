"""Files that a model names itself: found beside it, never elsewhere, opened when asked for."""

from __future__ import annotations

import errno
import os
from _thread import allocate_lock

from tensorwire._core.source import Source
from tensorwire.errors import ContainmentError, DecodeError
from tensorwire.mapping import open_descriptor, source_of_descriptor
from tensorwire.places import Span

__all__ = ["External", "ExternalFiles"]

# Opening component by component without following links needs both; POSIX systems have them.
BY_COMPONENT = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")

# PATH_MAX of Linux, the longest of any system. Following links takes time by length squared.
NAME_MAX = 4096


class ExternalFiles:
    """The files beside one model, each opened once.

    A name is looked up in the model's ``folder``, as the caller wrote it, and then in its
    ``canonical`` folder, where the model lies once links are followed. Links among the files are
    followed as far as they lead into one of the two, so that the Hugging Face cache works.
    Threads: safe.
    """

    __slots__ = ("_by_name", "_canonical", "_folder", "_lock", "_mode")

    def __init__(self, folder: str | None, canonical: str | None, mode: str) -> None:
        self._folder = folder
        self._canonical = canonical
        self._mode = mode
        self._by_name: dict[str, Source] = {}
        self._lock = allocate_lock()

    def path(self, name: str) -> str:
        """Where the file of this name is, or would be; links are not followed in the answer.

        Raises: ``ContainmentError`` for a name that leads, or links, out of both folders.
        """
        return self._find(name)[0]

    def available(self, name: str) -> bool:
        """Whether `source` would find a regular file."""
        try:
            return os.path.isfile(self.path(name))
        except ContainmentError:
            return False

    def source(self, name: str) -> Source:
        """The bytes of the file.

        Raises: ``ContainmentError``; ``UnsupportedError`` for a FIFO or device; ``OSError``.
        """
        with self._lock:
            source = self._by_name.get(name)
            if source is None:
                source = self._by_name[name] = self._open(name)
            return source

    def sources(self) -> list[Source]:
        """The files opened so far."""
        with self._lock:
            return list(self._by_name.values())

    def close(self) -> None:
        """Lets go of the files; those that tensors hold stay valid."""
        with self._lock:
            self._by_name.clear()

    def _find(self, name: str) -> tuple[str, str, str]:
        """(path as named, the same free of links, the folder it lies in, free of links)."""
        _refuse_outside(name)
        if self._folder is None:
            reason = f"external data {name!r}, but the model is in memory and has no base folder"
            raise ContainmentError(reason)
        folders = [self._folder, self._folder if self._canonical is None else self._canonical]
        named = [os.path.join(folder, name) for folder in folders]
        path = next(filter(os.path.lexists, named), named[0])
        real = os.path.realpath(path)
        for root in map(os.path.realpath, folders):
            if _contains(root, real):
                return path, real, root
        raise ContainmentError(
            f"external data {name!r} links to {real!r}, outside the model's folder"
        )

    def _open(self, name: str) -> Source:
        path, real, root = self._find(name)
        descriptor = _open_inside(root, real, path)
        try:
            if os.fstat(descriptor).st_size == 0:  # legal: it may hold tensors of no elements
                return Source.read(path, descriptor=descriptor)
            return source_of_descriptor(descriptor, path, self._mode)
        finally:
            os.close(descriptor)


class External:
    """A place in an external file; ``nbytes`` None is all from ``offset`` to the end."""

    __slots__ = ("_files", "_name", "_nbytes", "offset")

    in_place = True

    def __init__(self, files: ExternalFiles, name: str, offset: int, nbytes: int | None) -> None:
        self._files = files
        self._name = name
        self._nbytes = nbytes
        self.offset = offset

    @property
    def available(self) -> bool:
        """Whether the file is there, and may be read."""
        return self._files.available(self._name)

    @property
    def file(self) -> str | None:
        """Where the file is, or would be; None if it may not be read."""
        try:
            return self._files.path(self._name)
        except ContainmentError:
            return None

    def locate(self) -> Span:
        """Raises: ``DecodeError`` if the file ends first; and as `ExternalFiles.source`."""
        source = self._files.source(self._name)
        if self.offset > source.size:
            reason = f"begins after the end of a file of {source.size} bytes"
            raise DecodeError(reason, self.offset, file=source.path)
        left = source.size - self.offset
        nbytes = left if self._nbytes is None else self._nbytes
        if nbytes > left:
            reason = f"{nbytes} bytes declared, {left} left in a file of {source.size}; cut short?"
            raise DecodeError(reason, self.offset, file=source.path)
        return Span(source, self.offset, nbytes)


def _refuse_outside(name: str) -> None:
    """Raises: ``ContainmentError`` for a name that is not a relative path staying below its folder.

    Symbolic links are looked at later. A backslash separates on Windows only.
    """
    if len(name) > NAME_MAX:
        reason = f"external data has a name of {len(name)} characters; {NAME_MAX} are allowed"
        raise ContainmentError(reason)
    if not name or "\0" in name:
        raise ContainmentError(f"external data has the name {name!r}")
    if os.path.isabs(name) or os.path.splitdrive(name)[0] or name.startswith(("/", os.sep)):
        raise ContainmentError(f"external data {name!r} is an absolute path")
    if os.path.normpath(name).split(os.sep)[0] == os.pardir:
        raise ContainmentError(f"external data {name!r} leads out of the model's folder")


def _contains(root: str, path: str) -> bool:
    """Whether ``path`` lies below ``root``; both are free of links."""
    return path.startswith(os.path.join(root, ""))


def _open_inside(root: str, real: str, path: str) -> int:
    """A descriptor of ``real``, reached from ``root``, following no link; errors name ``path``.

    Nobody can turn a folder on the way into a link between the check and the opening.
    """
    if not BY_COMPONENT:
        return open_descriptor(real)
    *folders, last = os.path.relpath(real, root).split(os.sep)
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        return os.open(last, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=at)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ContainmentError(f"{path!r} became a link while it was opened") from None
        raise type(error)(error.errno, error.strerror, path) from None
    finally:
        os.close(at)
