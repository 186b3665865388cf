"""The one held buffer: bytes in memory, a mapped file, or a file that was read."""

import os
import stat

cimport cython
from cpython.buffer cimport (
    PyBUF_STRIDES,
    PyBuffer_FillInfo,
    PyBuffer_IsContiguous,
    PyBuffer_Release,
    PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy

from tensorwire.errors import DecodeError, ModelError, UnsupportedError

cdef extern from "platform_file.h" nogil:
    const int FILE_ENDED
    const uint64_t FILE_SIZE_MAX
    int file_map(int descriptor, size_t size, const uint8_t **data)
    void file_unmap(const uint8_t *data, size_t size)
    void file_forget(const uint8_t *data, size_t size)
    int file_read_at(int descriptor, uint8_t *into, size_t nbytes, uint64_t offset, size_t *done)
    int file_was_interrupted(int code)
    void *file_block_new(size_t size)
    void file_block_free(void *block)
    const char *file_remote_system(int descriptor)

cdef extern from *:
    """
    #ifdef _WIN32
    #define raise_system_error(code, name) \
        PyErr_SetExcFromWindowsErrWithFilenameObject(PyExc_OSError, code, name)
    #else
    #define raise_system_error(code, name) \
        (errno = (code), PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name))
    #endif
    """
    object raise_system_error(int code, object name)

# What frees the memory of a Source.
cdef enum Held:
    HELD_BYTES     # nothing: the `bytes` object owns it
    HELD_BUFFER    # the exporter of `_view`
    HELD_MAP       # file_unmap()
    HELD_BLOCK     # file_block_free()

# Copies below this keep the GIL: releasing it costs 30 ns, as much as copying 1 KiB.
cdef size_t GIL_KEPT = 32 << 10

# Bytes read between two looks for a Ctrl-C: a few milliseconds on any disk.
cdef size_t READ_STEP = 16 << 20

# Without O_NONBLOCK, opening a FIFO waits for its writer; with O_NOCTTY a terminal stays a file.
# Python adds O_CLOEXEC, or what Windows has in its place (PEP 446).
cdef int OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)

cdef tuple KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISSOCK, "a socket"),
)


@cython.final
cdef class FileIdentity:
    """What tells one state of a file from another: device, inode, size and time of last write.

    Compares and hashes by value. Units: ``size`` in bytes, ``mtime_ns`` in nanoseconds since 1970.
    A write that keeps the size, within one tick of the file system's clock, goes unseen.
    """

    cdef readonly object device
    cdef readonly object inode
    cdef readonly object size
    cdef readonly object mtime_ns

    def __cinit__(self, device, inode, size, mtime_ns):
        self.device = device
        self.inode = inode
        self.size = size
        self.mtime_ns = mtime_ns

    def changes(self, FileIdentity now not None):
        """What differs ``now``, in words and numbers; empty if nothing does."""
        return ", ".join([
            f"{name} was {before} and is {after}"
            for name, before, after in zip(
                ("device", "inode", "size", "mtime_ns"), self._values(), now._values(), strict=True
            )
            if before != after
        ])

    def _values(self):
        return (self.device, self.inode, self.size, self.mtime_ns)

    def __eq__(self, other):
        if not isinstance(other, FileIdentity):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self):
        return hash(self._values())

    def __repr__(self):
        return (
            f"FileIdentity(device={self.device}, inode={self.inode}, "
            f"size={self.size}, mtime_ns={self.mtime_ns})"
        )

    def __reduce__(self):
        return FileIdentity, self._values()


# Without the collector, making a Source of `bytes` takes 38 ns in place of 46 (measured). What it
# holds cannot refer back to it, but for an exporter borrowed on request that keeps its own Source.
@cython.final
@cython.no_gc
cdef class Source:
    """Bytes that stay where they are and as they are, for as long as anything needs them.

    ``Source(owner)`` borrows the memory of ``bytes`` and of another Source, which nothing can
    change. Every other buffer is copied: bytearray, memoryview (a read-only one too, as it may show
    a bytearray), mmap, NumPy array, and subclasses of ``bytes``, which may export other memory.
    ``borrow=True`` borrows those as well; the caller then promises to leave them unchanged.
    `Source.map` and `Source.read` make the source of a file.

    Copies: as said. Exports its bytes read-only by the buffer protocol, without copying.
    Raises: ``TypeError`` for what has no buffer, ``BufferError`` for one that is not C-contiguous:
    its bytes do not lie as a file's would; ``Source(bytes(view))`` packs them.
    Lifetime: ``np.frombuffer(source)`` and spans keep the Source alive, the Source its memory; a
    mapping ends with the last of them. A borrowed bytearray cannot be resized meanwhile; a borrowed
    object that refers back to its Source is never freed.
    Threads: frozen; every operation is safe at the same time.
    """

    def __cinit__(self, owner, /, *, bint borrow=False):
        if type(owner) is bytes:
            self.owner = <bytes> owner
            self.data = <const uint8_t *> PyBytes_AS_STRING(owner)
            self.size = <size_t> PyBytes_GET_SIZE(owner)
        else:
            self._take_buffer(owner, borrow or type(owner) is Source)

    def __dealloc__(self):
        if self._held == HELD_BUFFER:
            PyBuffer_Release(&self._view)
        elif self._held == HELD_MAP:
            with nogil:              # a large mapping takes milliseconds to undo
                file_unmap(self.data, self.size)
        elif self._held == HELD_BLOCK:
            with nogil:
                file_block_free(<void *> self.data)

    cdef int _take_buffer(self, object exporter, bint borrow) except -1:
        """Borrows the exporter's memory, or copies it into `bytes`."""
        cdef bytes copied
        cdef char *into
        cdef size_t size
        PyObject_GetBuffer(exporter, &self._view, PyBUF_STRIDES)
        self._held = HELD_BUFFER     # from here on, __dealloc__ releases the view
        if not PyBuffer_IsContiguous(&self._view, b"C"):
            raise BufferError(
                f"{type(exporter).__name__} of {self._view.len} bytes is not C-contiguous; "
                "pass bytes(...) of it"
            )
        if borrow:
            self.size = <size_t> self._view.len
            self.data = <const uint8_t *> self._view.buf
            if self.data == NULL:    # an exporter may say so for zero bytes
                self.data = <const uint8_t *> b""
            return 0
        size = <size_t> self._view.len
        copied = PyBytes_FromStringAndSize(NULL, self._view.len)
        into = PyBytes_AS_STRING(copied)
        if size < GIL_KEPT:
            memcpy(into, self._view.buf, size)
        else:
            with nogil:
                memcpy(into, self._view.buf, size)
        self._held = HELD_BYTES
        PyBuffer_Release(&self._view)
        self.owner = copied
        self.data = <const uint8_t *> into
        self.size = size
        return 0

    cdef int _take_map(self, int descriptor, size_t size) except -1:
        """Maps a file of ``size`` bytes; nothing is mapped for zero."""
        cdef const uint8_t *data = NULL
        cdef int code
        if size == 0:
            return 0
        with nogil:
            code = file_map(descriptor, size, &data)
        if code != 0:
            raise_system_error(code, self.path)
        self.data = data
        self.size = size
        self.owner = None
        self._held = HELD_MAP
        return 0

    cdef int _take_copy(self, int descriptor, size_t size) except -1:
        """Reads a file of ``size`` bytes, looking for signals now and then."""
        cdef uint8_t *block = <uint8_t *> file_block_new(size)
        cdef size_t at = 0, done = 0, step
        cdef int code = 0
        if block == NULL:
            raise MemoryError(f"{size} bytes to read {self.path!r}")
        self.data = block            # from here on, __dealloc__ frees the block
        self.size = size
        self.owner = None
        self._held = HELD_BLOCK
        while at < size:             # progress: a step of 0 bytes is the end, or a signal
            step = min(size - at, READ_STEP)
            with nogil:
                code = file_read_at(descriptor, block + at, step, at, &done)
            at += done
            PyErr_CheckSignals()
            if code == FILE_ENDED:
                raise DecodeError(
                    f"file shrank from {size} to {at} bytes while it was read", at, "", self.path
                )
            if code != 0 and not file_was_interrupted(code):
                raise_system_error(code, self.path)
        return 0

    @staticmethod
    def map(path, *, descriptor=None):
        """The source of a mapped file: opened read-only, mapped whole, and closed at once.

        With ``descriptor``, that open file is mapped and left open; ``path`` is then only its name,
        or None. Zero bytes is a legal file.

        Raises: ``OSError`` as the system has it (``IsADirectoryError`` for a directory),
        ``UnsupportedError`` for a FIFO, device or socket, without waiting for its other end.
        Lifetime: the name may be unlinked or replaced (POSIX) while the mapping lives. A file that
        is written in place shows the new bytes; one that is truncated in place kills the process
        that reads beyond the new end (SIGBUS): use `Source.read` where others write.
        """
        return _open_file(path, descriptor, HELD_MAP)

    @staticmethod
    def read(path, *, descriptor=None):
        """The source of a file read whole into memory; what others write later does not show.

        ``descriptor`` and errors are as for `Source.map`, with two more: ``MemoryError``, and
        ``DecodeError`` for a file that shrank while it was read.
        Copies: the file, into memory aligned to 64 bytes.
        Threads: the GIL is released; Ctrl-C works.
        """
        return _open_file(path, descriptor, HELD_BLOCK)

    @property
    def mode(self):
        """Where the bytes are: ``"memory"``, ``"map"`` or ``"read"``."""
        if self.identity is None:
            return "memory"
        return "read" if self._held == HELD_BLOCK else "map"

    def span(self, offset, nbytes):
        """A read-only memoryview of ``nbytes`` bytes at ``offset``, without copying.

        Raises: ``ValueError`` naming the numbers if the span leaves the source.
        Lifetime: the view keeps the source alive.
        """
        if not (0 <= offset <= self.size and 0 <= nbytes <= self.size - offset):
            raise ValueError(
                f"span of {nbytes} bytes at {offset} leaves the source of {self.size} bytes"
            )
        return memoryview(self)[offset:offset + nbytes]

    def forget(self, offset, nbytes):
        """Says that a span of a mapping is not needed for now: it no longer counts as memory used.

        Whoever looks at it again finds the same bytes, read anew. Nothing else than a mapping
        forgets. Raises: ``ValueError`` if the span leaves the source. Threads: may be called while
        others read the span.
        """
        cdef size_t first, count
        self.span(offset, nbytes)          # raises
        first, count = offset, nbytes
        if self._held == HELD_MAP:
            with nogil:
                file_forget(self.data + first, count)

    def check_unchanged(self):
        """True if the file of this name is still the one that was opened, in the same state.

        Compares device, inode, size and time of last write; reads no bytes. Memory has no file
        that could change: True.

        Raises: ``ModelError`` saying what differs, ``OSError`` where the name is gone.
        """
        if self.identity is None:
            return True
        if self.absolute_path is None:
            raise ModelError("cannot compare: the file was opened without a name")
        changes = self.identity.changes(_identify(os.stat(self.absolute_path)))
        if changes:
            raise ModelError(f"file changed since it was opened: {changes}", file=self.path)
        return True

    def __len__(self):
        return self.size

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, <void *> self.data, <Py_ssize_t> self.size, True, flags)

    def __repr__(self):
        name = "" if self.path is None else f" of {self.path!r}"
        return f"<Source: {self.mode}{name}, {self.size} bytes>"

    def __reduce__(self):
        raise TypeError("a Source cannot be pickled; pickle bytes(source), or its path")


def remote_file_system(int descriptor):
    """The name of the network file system that an open file lies on, or None.

    FUSE counts as one. Linux: by ``statfs`` (table in platform_file.h); macOS and FreeBSD: by
    ``MNT_LOCAL``; Windows: by the redirector; elsewhere None.
    """
    cdef const char *name
    with nogil:
        name = file_remote_system(descriptor)
    return None if name == NULL else name.decode("ascii")


def open_descriptor(path):
    """A descriptor of a file opened for reading, which never waits; the caller closes it.

    Raises: ``OSError`` as the system has it; ``IsADirectoryError`` for a directory.
    """
    try:
        return os.open(path, OPEN_FLAGS)
    except PermissionError as error:
        # Windows says no more than that of a directory.
        if os.name == "nt" and os.path.isdir(path):
            raise _directory_error(path) from error
        raise


cdef object _directory_error(object path):
    code = 21                        # EISDIR, everywhere
    return IsADirectoryError(code, os.strerror(code), path)


cdef object _identify(object status):
    return FileIdentity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


cdef object _regular(int descriptor, object path):
    """The state of an open file. Raises for everything but regular files."""
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        if status.st_size > FILE_SIZE_MAX:
            raise UnsupportedError(
                f"file of {status.st_size} bytes exceeds the address space", file=path
            )
        return status
    if stat.S_ISDIR(status.st_mode):
        raise _directory_error(path)
    kind = next((kind for test, kind in KINDS if test(status.st_mode)), "something unknown")
    raise UnsupportedError(f"{kind}, not a regular file; read it and pass the bytes", file=path)


cdef Source _open_file(object path, object descriptor, int held):
    cdef Source source = Source.__new__(Source, b"")
    cdef int opened
    if path is not None:
        path = os.fspath(path)
        source.path = os.fsdecode(path)
        source.absolute_path = os.path.abspath(source.path)
    opened = open_descriptor(path) if descriptor is None else descriptor
    try:
        status = _regular(opened, source.path)
        source.identity = _identify(status)
        if held == HELD_MAP:
            source._take_map(opened, status.st_size)
        else:
            source._take_copy(opened, status.st_size)
    finally:
        if descriptor is None:
            os.close(opened)
    return source
