"""Files of records larger than memory: columns of one batch after another."""

from __future__ import annotations

import os
import stat

from tensorwire.columns.arguments import positive
from tensorwire.columns.errors import RowError
from tensorwire.errors import ModelError, attach_file, in_row
from tensorwire.mapping import (
    READ_BELOW,
    Source,
    open_descriptor,
    remote_file_system,
    source_of_descriptor,
    whole_descriptor,
)
from tensorwire.proto.arguments import is_class
from tensorwire.proto.decoder import Decoder
from tensorwire.proto.framing import Framing, decode_rows
from tensorwire.proto.streams import (
    SNIFFED,
    Plan,
    Slices,
    binary,
    compression_of,
    mapped,
    reads,
    streamed,
    unpacked,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, BinaryIO

    from typing_extensions import Self

    from tensorwire.columns.columns import Columns
    from tensorwire.proto.streams import Batch

    Path = str | bytes | os.PathLike[str]

__all__ = ["Scan", "scan"]

COMPRESSIONS = ("auto", None, "gzip", "zlib")
BATCH_ROWS = 65536
# 4 KiB a record at 65536 of them; of a stream, of which every byte must be held.
BATCH_BYTES = 256 << 20


def scan(
    path: Path | BinaryIO,
    cls: type[Any],
    paths: Iterable[str] | None = None,
    *,
    framing: str | None,
    batch_rows: int = BATCH_ROWS,
    crc: bool = False,
    compression: str | None = "auto",
    skip_prefix: int = 0,
    batch_bytes: int = BATCH_BYTES,
    progress: Callable[[int, int], object] | None = None,
    **options: Any,
) -> Scan:
    """Fields of the records of a file as columns, batch by batch: ``for columns in scan(...)``.

    ``path``: a name, of a FIFO too, or an open binary file, which can be scanned once.
    ``framing``: ``"delimited"``, ``"tfrecord"``, ``"confluent"`` (delimited records with
    Confluent's header each) or None (the whole file is one record); ``skip_prefix``: bytes to skip
    in each record; see `tensorwire.proto.framing.Framing`.
    ``crc``: check the checksums of TFRecords.
    ``compression``: ``"gzip"``, ``"zlib"`` or None; ``"auto"`` looks at the first bytes of a
    TFRecord file, and takes every other file as it is.
    ``batch_rows``: records in a batch. A batch of a pipe, a file object or packed data also ends
    once it holds ``batch_bytes``, the most that one record of those may have.
    ``progress``: called with bytes read and bytes in all (0 if nobody knows) after each batch.
    Other options: see `tensorwire.proto.Decoder`; ``each`` makes a row of each item.

    Copies: nothing of a file that is mapped, where strings and bytes stay; of others each byte.
    Raises: while iterating, ``DecodeError`` with the file's name; a cut or damaged frame is one at
    its byte, counted in unpacked data, after all records before it were given. With ``on_error``
    ``"null"`` or ``"drop"`` it ends the scan as the last of the last batch's errors, and a record
    with a wrong checksum is a bad row. ``LimitError`` for a record of more than ``batch_bytes``.
    """
    if isinstance(path, type) or not is_class(cls):
        raise TypeError("call scan(path, cls, paths): the file first, then the class")
    decoder = Decoder(cls, paths, **options)
    plan = Plan(
        Framing(framing, skip_prefix, crc),
        positive("batch_rows", batch_rows),
        positive("batch_bytes", batch_bytes),
        decoder.on_error == "raise",
    )
    return Scan(path, decoder, plan, compression, progress)


class Scan:
    """Iterates over the batches of `scan`, as `Columns`; each iteration over a name begins anew.

    Arrow's libraries take it as a stream of record batches, and read no more than they ask for.
    ``row`` of errors counts over the whole file, from 0. Used in ``with``, it closes what it opened
    as soon as the block ends.
    ``bad_rows``: how many the latest iteration has found; the errors are with their batches.
    Threads: one at a time may iterate.
    """

    __slots__ = (
        "__weakref__",
        "_compression",
        "_file",
        "_is_closed",
        "_is_used",
        "_opened",
        "_plan",
        "_progress",
        "bad_rows",
        "decoder",
        "name",
    )

    def __init__(
        self,
        path: Path | BinaryIO,
        decoder: Decoder,
        plan: Plan,
        compression: str | None,
        progress: Callable[[int, int], object] | None,
    ) -> None:
        if compression not in COMPRESSIONS:
            raise ValueError(f"compression must be one of {COMPRESSIONS}, not {compression!r}")
        is_name = isinstance(path, (str, bytes, os.PathLike))
        if not is_name and not hasattr(path, "read"):
            kind = type(path).__name__
            raise TypeError(
                f"call scan(path, cls, paths): a file's name or an open binary file, not {kind}"
            )
        name = path if is_name else getattr(path, "name", None)
        self._file: Any = path
        #: what errors call the file; None if it has no name
        self.name = os.fsdecode(name) if isinstance(name, (str, bytes, os.PathLike)) else None
        self.decoder = decoder
        self.bad_rows = 0
        self._plan = plan
        self._compression = compression
        self._progress = progress
        self._is_used = self._is_closed = False
        self._opened: list[Any] = []

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the columns."""
        return self.decoder.paths

    @property
    def arrow_schema(self) -> object:
        """The schema of the batches, for ``pyarrow.schema(...)`` and others."""
        from tensorwire.columns.arrow.export import ArrowSchemaOf

        return ArrowSchemaOf(self.decoder.type, self.decoder.paths, self.decoder.arrow)

    def __iter__(self) -> Iterator[Columns]:
        """Raises: ``ValueError`` for a file object that was iterated over, or a closed scan."""
        if self._is_closed:
            raise ValueError("this scan is closed")
        is_name = isinstance(self._file, (str, bytes, os.PathLike))
        if self._is_used and not is_name:
            kind = type(self._file).__name__
            raise ValueError(f"this {kind} has been read: pass the file's name to scan it again")
        self._is_used = True
        self.bad_rows = 0
        return self._columns()

    def __arrow_c_schema__(self) -> object:
        from tensorwire.columns.arrow.export import table_schema

        return table_schema(self.decoder.type, self.decoder.paths, self.decoder.arrow)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """One record batch for each of ours, decoded when it is asked for."""
        from tensorwire.columns.arrow.export import stream_capsule

        of = self.decoder
        return stream_capsule(iter(self), of.type, of.paths, of.arrow, requested_schema)

    def close(self) -> None:
        """Closes what was opened; an open file that was passed stays the caller's."""
        self._is_closed = True
        self._close_opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        framing = self._plan.framing.name
        return f"<Scan of {self.name or type(self._file).__name__}, framing {framing}>"

    def _columns(self) -> Iterator[Columns]:
        row = 0
        try:
            batches, total, packed = self._batches()
            for batch in batches:
                if self._is_closed:
                    raise ValueError("this scan is closed")
                columns = self._decoded(batch, row)
                if columns is not None:
                    yield columns
                row += len(batch.starts)
                if batch.fault is not None and self._plan.stops_at_bad:
                    raise in_row(batch.fault, row)
                if self._progress is not None:
                    self._progress(batch.end if packed is None else packed.at, total)
        except ModelError as error:
            attach_file(error, self.name)
            raise
        finally:
            self._close_opened()

    def _close_opened(self) -> None:
        while self._opened:
            self._opened.pop().close()

    def _decoded(self, batch: Batch, row: int) -> Columns | None:
        """The batch's columns; None of a batch that has nothing but an error to raise."""
        from tensorwire._core.rows import Rows

        is_raising = self._plan.stops_at_bad
        if is_raising and len(batch.starts) == 0:
            return None
        rows = Rows.of_spans(batch.buffer, batch.starts, batch.lengths)
        columns = decode_rows(
            self.decoder, [rows], self._plan.framing, first_row=row, bad=batch.bad
        )
        if batch.fault is not None and not is_raising:
            fault = batch.fault
            last = RowError(row + len(rows), fault.offset, "", f"{fault.reason}; the scan ends")
            columns.errors = [*columns.errors, last]
        self.bad_rows += len(columns.errors)
        return columns

    def _batches(self) -> tuple[Iterator[Batch], int, Slices | None]:
        """The batches, the size of the whole or 0, and of a packed file how far it is read."""
        source = self._source()
        if source is None:
            return streamed(self._pieces(), self._plan), 0, None
        kind = self._packed_as(bytes(source.span(0, min(SNIFFED, source.size))))
        if kind is None:
            return mapped(source, self._plan), source.size, None
        packed = Slices(source)
        return streamed(unpacked(packed, kind), self._plan), source.size, packed

    def _packed_as(self, first: bytes) -> str | None:
        if self._compression == "auto":
            return compression_of(first) if self._plan.framing.frames == "tfrecord" else None
        return self._compression

    def _source(self) -> Source | None:
        """The file as memory; None of one that must be read, bit by bit.

        That is a pipe and its like, and a file that others send over a network or that cannot be
        mapped: such ones would be read whole.
        """
        file = self._file
        is_open = hasattr(file, "read")
        if not is_open and not stat.S_ISREG(os.stat(file).st_mode):
            return None
        descriptor = whole_descriptor(file) if is_open else open_descriptor(file)
        if descriptor is None:
            return None
        try:
            size = os.fstat(descriptor).st_size
            if size <= READ_BELOW:
                is_empty = size == 0
                return Source(b"") if is_empty else source_of_descriptor(descriptor, self.name)
            if remote_file_system(descriptor) is not None:
                return None
            return source_of_descriptor(descriptor, self.name, "map")
        except OSError:
            return None
        finally:
            if not is_open:
                os.close(descriptor)

    def _pieces(self) -> Iterator[bytes]:
        """The stream's bytes, unpacked."""
        file = self._file
        if not hasattr(file, "read"):
            file = open(file, "rb", buffering=0)  # noqa: SIM115  closed by `_close_opened`
            self._opened.append(file)
        first = b""
        if self._compression == "auto" and self._plan.framing.frames == "tfrecord":
            while len(first) < SNIFFED:
                more = file.read(SNIFFED - len(first))
                if not more:
                    break
                first += binary(more)
        kind = self._packed_as(first)
        pieces = reads(file.read, first)
        return pieces if kind is None else unpacked(pieces, kind)
