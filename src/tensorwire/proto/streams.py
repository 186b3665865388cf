"""Streams of records, a batch at a time: mapped, or read block by block and perhaps unpacked."""

from __future__ import annotations

from tensorwire.errors import DecodeError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    import numpy as np
    from typing_extensions import Self

    from tensorwire._core.source import Source
    from tensorwire.proto.framing import Framing

    Array = np.ndarray[Any, Any]

__all__ = [
    "SNIFFED",
    "Batch",
    "Plan",
    "Slices",
    "binary",
    "compression_of",
    "mapped",
    "reads",
    "streamed",
    "unpacked",
]

# Bytes asked of a stream at a time: a block in the processor's cache, some 100 us of work.
PIECE = 1 << 20
# Packed bytes unpacked at a time: zlib copies what it had no room for, at most so much for each
# `PIECE` that comes out.
PACKED_PIECE = 64 << 10

# RFC 1952, 2.3.1 (gzip: ID1, ID2, CM = deflate); RFC 1950, 2.2 (zlib: CMF, a window of 32 KiB).
GZIP_MAGIC = b"\x1f\x8b\x08"
ZLIB_FIRST = 0x78
# zlib.h, inflateInit2: 15 bits of window, and 16 more for gzip's header.
WINDOW_BITS = {"gzip": 31, "zlib": 15}
# Bytes that `compression_of` looks at: a TFRecord's length and its checksum.
SNIFFED = 12


class Plan:
    """What a batch is: up to ``rows`` records, and of a stream little more than ``nbytes`` bytes.

    ``stops_at_bad``: a record of a wrong checksum ends the batch and the scan.
    """

    __slots__ = ("framing", "nbytes", "rows", "stops_at_bad")

    def __init__(self, framing: Framing, rows: int, nbytes: int, stops_at_bad: bool) -> None:
        self.framing = framing
        self.rows = rows
        self.nbytes = nbytes
        self.stops_at_bad = stops_at_bad


class Batch:
    """Records of one buffer.

    ``bad``: (record, reason) of those with wrong checksums. ``fault``: why no more can be found,
    its offset counted from the start of the stream; it is the last batch then. ``end``: the bytes
    of the stream up to here.
    """

    __slots__ = ("bad", "buffer", "end", "fault", "lengths", "starts")

    def __init__(self, buffer: Any, starts: Array, lengths: Array, end: int) -> None:
        self.buffer = buffer
        self.starts = starts
        self.lengths = lengths
        self.bad: list[tuple[int, str]] = []
        self.fault: DecodeError | None = None
        self.end = end


def compression_of(first: bytes) -> str | None:
    """``"gzip"``, ``"zlib"`` or None, by the first bytes of a TFRecord file.

    A first record of 376 bytes begins as zlib data may: if those bytes are a length with the right
    checksum, they are that.
    """
    from tensorwire._core.checksum import crc32c, masked

    if len(first) >= SNIFFED:
        stored = int.from_bytes(first[8:12], "little")
        if masked(crc32c(first[:8])) == stored:
            return None
    if first.startswith(GZIP_MAGIC):
        return "gzip"
    is_zlib = len(first) >= 2 and first[0] == ZLIB_FIRST
    return "zlib" if is_zlib and int.from_bytes(first[:2], "big") % 31 == 0 else None


class _Finder:
    """Finds the records of one batch, in a buffer that may grow meanwhile."""

    def __init__(self, plan: Plan, nbytes: int) -> None:
        """``nbytes``: the most bytes that there can be; a record takes one at least."""
        import numpy as np

        self.plan = plan
        self.rows = min(plan.rows, nbytes)
        self.spans = np.empty((2, self.rows), dtype=np.int64)
        self.found = 0
        self.bad: list[tuple[int, str]] = []
        self.at = 0
        #: (kind, reason, offset, bytes wanted) of the frame at `at`
        self.fault: tuple[str, str, int, int] | None = None

    def find(self, buffer: Any) -> bool:
        """Looks on from where it was. False: only more bytes can give more records."""
        from tensorwire._core.records import find_frames

        framing = self.plan.framing
        name = framing.frames or ""
        while self.found < self.rows:  # progress: a record with each wrong checksum
            starts, lengths = self.spans[:, self.found :]
            count, self.at, self.fault = find_frames(
                buffer, name, starts, lengths, at=self.at, crc=framing.crc
            )
            self.found += count
            if self.fault is None or self.fault[0] == "cut":
                return self.found == self.rows
            if self.fault[0] == "frame":
                return True
            if self.plan.stops_at_bad:
                self.found -= 1  # it is no record then
                return True
            self.bad.append((self.found - 1, self.fault[1]))
            self.fault = None
        return True

    def batch(self, buffer: Any, base: int) -> Batch:
        """The records found; ``base``: where the buffer begins in the stream."""
        starts, lengths = self.spans[:, : self.found]
        made = Batch(buffer, starts, lengths, base + self.at)
        made.bad = self.bad
        return made

    def failure(self, base: int) -> DecodeError | None:
        """What is wrong with the next frame, if there are no more bytes."""
        if self.fault is None:
            return None
        return DecodeError(self.fault[1], base + self.fault[2])


def mapped(source: Source, plan: Plan) -> Iterator[Batch]:
    """Batches that lie in a mapped file or in memory. Copies: nothing.

    The buffer of a batch is its own part of the source: what exports a batch exports that alone.
    Its pages stop counting as memory of this process when the next batch is asked for: programs
    that watch over memory (Dask's and Ray's) would take a long scan for a leak.
    """
    if plan.framing.frames is None:
        yield _whole(source.span(0, source.size))
        return
    at = 0
    while at < source.size:  # progress: a record, or a fault
        finder = _Finder(plan, source.size - at)
        finder.at = first = at
        finder.find(source)
        at = finder.at
        batch = finder.batch(source.span(first, at - first), 0)
        batch.starts -= first
        batch.fault = finder.failure(0)
        yield batch
        if batch.fault is not None:
            return
        source.forget(first, at - first)


def streamed(pieces: Iterator[bytes], plan: Plan) -> Iterator[Batch]:
    """Batches of bytes that come piece by piece. Copies: each byte into the block of its batch.

    Holds one batch at a time, and one piece. Raises: ``LimitError`` for a record longer than a
    batch may be.
    """
    if plan.framing.frames is None:
        yield _one_record(pieces, plan)
        return
    block, base, is_over = bytearray(), 0, False
    while not is_over:
        finder = _Finder(plan, plan.nbytes + PIECE)  # a batch ends behind the piece that fills it
        broken: DecodeError | None = None
        while not _is_full(finder, block):
            try:
                piece = next(pieces, None)
            except DecodeError as error:  # of what is packed
                broken, piece = error, None
            if piece is None:
                is_over = True
                break
            block += piece
        is_over = is_over or _is_fatal(finder)
        rest = block[finder.at :]
        del block[finder.at :]
        batch = finder.batch(block, base)
        if is_over:
            batch.fault = broken or finder.failure(base)
        if finder.found or batch.fault is not None:
            yield batch
        block, base = rest, base + finder.at


def _one_record(pieces: Iterator[bytes], plan: Plan) -> Batch:
    block = bytearray()
    broken: DecodeError | None = None
    try:
        for piece in pieces:
            block += piece
            _check_size(len(block), plan)
    except DecodeError as error:
        broken = error
    batch = _whole(block)
    if broken is not None:
        batch.starts, batch.lengths = batch.starts[:0], batch.lengths[:0]
        batch.fault = broken
    return batch


def _is_full(finder: _Finder, block: bytearray) -> bool:
    """Whether the batch is to be given out; looks for records."""
    if finder.find(block):
        return True
    if finder.found > 0 and len(block) >= finder.plan.nbytes:
        return True
    if finder.fault is not None:
        _check_size(finder.fault[3], finder.plan)
    return False


def _is_fatal(finder: _Finder) -> bool:
    return finder.fault is not None and finder.fault[0] != "cut"


def _check_size(nbytes: int, plan: Plan) -> None:
    if nbytes > plan.nbytes:
        raise LimitError(
            f"a frame of {nbytes} bytes is more than batch_bytes={plan.nbytes}, "
            "the most that a stream may hold in memory"
        )


def _whole(buffer: Any) -> Batch:
    import numpy as np

    size = memoryview(buffer).nbytes
    return Batch(buffer, np.zeros(1, np.int64), np.full(1, size, np.int64), size)


class Slices:
    """The bytes of a source, piece by piece; ``at`` is how many were given."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.at = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        count = min(PACKED_PIECE, self._source.size - self.at)
        if count == 0:
            raise StopIteration
        self.at += count
        return bytes(self._source.span(self.at - count, count))


def reads(read: Callable[[int], Any], first: bytes) -> Iterator[bytes]:
    """``first``, and then what ``read`` gives until it gives nothing."""
    if first:
        yield first
    while True:
        piece = binary(read(PIECE))
        if not piece:
            return
        yield piece


def binary(piece: Any) -> bytes:
    """What a file gave. Raises: ``TypeError`` for text, ``BlockingIOError`` for nothing as yet."""
    if isinstance(piece, str):
        raise TypeError("the file gives text; open it in binary mode")
    if piece is None:
        raise BlockingIOError("the file does not wait for its bytes; make it blocking")
    return bytes(piece)


def unpacked(pieces: Iterator[bytes], kind: str) -> Iterator[bytes]:
    """The bytes that were packed, never much more than `PIECE` of them at a time.

    Gzip members follow one another, zeros may follow the last. Raises: ``DecodeError`` for what is
    damaged, cut, or goes on with something else; its offset counts unpacked bytes.
    """
    import zlib

    made = 0
    unpacker: Any = None
    pieces = _small(pieces)
    packed = next(pieces, b"")
    while packed or unpacker is not None:
        if unpacker is None:
            unpacker = zlib.decompressobj(WINDOW_BITS[kind])
        try:
            piece = unpacker.decompress(packed, PIECE)
        except zlib.error as error:
            raise DecodeError(f"{kind} data is damaged: {error}", made) from error
        made += len(piece)
        if piece:
            yield piece
        if unpacker.eof:
            packed, unpacker = _behind(unpacker.unused_data, pieces), None
            continue
        packed = unpacker.unconsumed_tail
        if not packed and len(piece) < PIECE:  # else there may be more inside
            packed = next(pieces, b"")
            if not packed:
                raise DecodeError(f"{kind} data is cut", made)


def _small(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, at most `PACKED_PIECE` at a time: what is behind a member is copied for each,
    and a member may have 20 bytes."""
    for piece in pieces:
        for at in range(0, len(piece), PACKED_PIECE):
            yield piece[at : at + PACKED_PIECE]


def _behind(packed: bytes, pieces: Iterator[bytes]) -> bytes:
    """What follows the end of packed data, less the zeros that pad it: empty if nothing does."""
    packed = packed.lstrip(b"\0")
    while not packed:
        piece = next(pieces, b"")
        if not piece:
            return b""
        packed = piece.lstrip(b"\0")
    return packed
