"""Records of streams: how they are framed, and what stands before the message in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tensorwire.columns.arguments import positive
from tensorwire.columns.errors import RowError
from tensorwire.errors import DecodeError, LimitError, in_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire._core.rows import Rows
    from tensorwire.columns.columns import Columns
    from tensorwire.proto.decoder import Decoder

    Array = np.ndarray[Any, Any]

__all__ = ["FRAMINGS", "Framing", "decode_framed", "decode_rows", "frame_rows"]

#: What ``framing=`` may be. ``"none"`` is None, for the command line.
FRAMINGS = ("delimited", "tfrecord", "confluent", "none")

# Frames looked for at a time where nobody says how many there are.
STEP = 65536


class Framing:
    """How records lie in a stream, and in each record the message.

    ``name``: ``"delimited"``: a varint length before each record, as upstream writes and reads
    them; ``"tfrecord"``: TensorFlow's TFRecord; None: the whole input is one record.
    ``skip_prefix``: so many bytes of each record come before the message.
    ``"confluent"``: so does the header that Confluent's serializers write: magic byte 0, a schema
    id of four bytes, and message indexes, which are checked for their form and skipped. That header
    has no length: in a stream, it means delimited records that have it.
    ``crc``: check the two checksums of each TFRecord.
    Raises: ``ValueError`` for another name, a negative number, or checksums where there are none.
    """

    __slots__ = ("confluent", "crc", "frames", "name", "skip")

    def __init__(self, name: str | None, skip_prefix: int = 0, crc: bool = False) -> None:
        if name is not None and name not in FRAMINGS:
            known = ", ".join(map(repr, FRAMINGS[:-1]))
            raise ValueError(f"framing must be one of {known} or None, not {name!r}")
        if crc and name != "tfrecord":
            raise ValueError(f"only framing='tfrecord' has checksums, not {name!r}")
        self.name = None if name == "none" else name
        self.confluent = name == "confluent"
        #: what `find_frames` is to look for; None: nothing
        self.frames = "delimited" if self.confluent else self.name
        self.skip = positive("skip_prefix", skip_prefix, least=0)
        self.crc = crc

    @property
    def has_prefix(self) -> bool:
        """Whether a record is more than a message."""
        return self.confluent or self.skip > 0


def frame_rows(buffer: Any, framing: str, *, crc: bool = False) -> tuple[Array, Array]:
    """``(starts, lengths)`` of all records of a stream in one buffer, as int64.

    Raises: ``DecodeError`` at the first frame that is cut or wrong.
    """
    kind = Framing(framing, 0, crc)
    starts, lengths, _, fault = _frames(buffer, memoryview(buffer).nbytes, kind, True)
    if fault is not None:
        raise fault
    return starts, lengths


def _frames(
    buffer: Any, size: int, framing: Framing, stops_at_bad: bool
) -> tuple[Array, Array, list[tuple[int, str]], DecodeError | None]:
    """Starts, lengths, (row, reason) of wrong checksums, and what is wrong with the next frame."""
    import numpy as np

    from tensorwire._core.records import find_frames

    full: list[Array] = []
    bad: list[tuple[int, str]] = []
    pair, used = np.empty((2, STEP), dtype=np.int64), 0
    failure = None
    at = 0
    while at < size and failure is None:  # progress: a record at least, or a fault
        if used == STEP:
            full.append(pair)
            pair, used = np.empty((2, STEP), dtype=np.int64), 0
        found, at, fault = find_frames(
            buffer, framing.frames or "", *pair[:, used:], at=at, crc=framing.crc
        )
        used += found
        if fault is None:
            continue
        is_record = fault[0] == "record"
        row = len(full) * STEP + used - is_record
        if not is_record or stops_at_bad:
            used -= is_record  # it is no record then
            failure = in_row(DecodeError(fault[1], fault[2]), row)
        else:
            bad.append((row, fault[1]))
    starts, lengths = np.concatenate([*full, pair[:, :used]], axis=1)
    return starts, lengths, bad, failure


def decode_framed(decoder: Decoder, records: Any, framing: Framing, threads: int | None) -> Columns:
    """What ``decoder`` makes of records that are framed, or have prefixes.

    Streams are one buffer: bytes, a memoryview, a `Source`, a mapped file. Confluent's header and
    prefixes to skip are each record's own, in any kind of input.
    Raises: ``DecodeError`` as ``on_error`` says; otherwise a frame that is cut or wrong is the last
    of the errors, and what is behind it is left out. ``TypeError`` for a stream in pieces.
    """
    from tensorwire._core.rows import Rows
    from tensorwire.proto.records import chunks_of

    if framing.name in (None, "confluent"):
        return decode_rows(decoder, chunks_of(records), framing, threads=threads)
    try:
        size = memoryview(records).nbytes
    except TypeError:
        kind = type(records).__name__
        raise TypeError(f"framing={framing.name!r} reads one buffer of bytes, not {kind}") from None
    is_raising = decoder.on_error == "raise"
    starts, lengths, bad, fault = _frames(records, size, framing, is_raising)
    buffer = bytes(records) if isinstance(records, bytearray) else records
    rows = Rows.of_spans(buffer, starts, lengths)
    columns = decode_rows(decoder, [rows], framing, bad=bad, threads=threads)
    if fault is not None and is_raising:
        raise fault
    if fault is not None:
        ended = f"{fault.reason}; the rest is left out"
        columns.errors = [*columns.errors, RowError(len(starts), fault.offset, "", ended)]
    return columns


def decode_rows(
    decoder: Decoder,
    chunks: list[Rows],
    framing: Framing,
    *,
    first_row: int = 0,
    bad: Sequence[tuple[int, str]] = (),
    threads: int | None = None,
) -> Columns:
    """What ``decoder`` makes of the rows without their prefixes; errors count from ``first_row``.

    ``bad``: (row, reason) of rows that are wrong already, in ascending order.
    Raises: ``DecodeError`` as the decoder's ``on_error`` says, with the row as ``row``.
    """
    known: list[RowError] = []
    left_out: list[int] = []
    if framing.has_prefix or bad:
        is_dropping = decoder.on_error == "drop"
        chunks, known = _stripped(chunks, framing, bad, is_dropping=is_dropping)
        left_out = [error.row for error in known] if is_dropping else []
        known = [replace(error, row=error.row + first_row) for error in known]
    try:
        columns = decoder.decode_chunks(chunks, threads)
    except (DecodeError, LimitError) as error:
        error.row = first_row + (error.row or 0)
        if known and known[0].row < error.row:
            raise _row_error(known[0]) from None
        raise
    if known and decoder.on_error == "raise":
        raise _row_error(known[0])
    if known or (first_row and len(columns.errors)):
        columns.errors = _merged(columns.errors, known, first_row, left_out)
    return columns


def _stripped(
    chunks: list[Rows], framing: Framing, bad: Sequence[tuple[int, str]], *, is_dropping: bool
) -> tuple[list[Rows], list[RowError]]:
    """The rows without prefixes, and what was wrong, by row."""
    from tensorwire._core.records import strip_rows

    errors = [RowError(row, 0, "", reason) for row, reason in bad]
    made = []
    before = 0
    for chunk in chunks:
        named = [row - before for row, _ in bad if row >= before]
        rows, faults = strip_rows(chunk, framing.skip, framing.confluent, named, drop=is_dropping)
        errors += [RowError(before + row, offset, "", why) for row, offset, why in faults]
        made.append(rows)
        before += len(chunk)
    return made, sorted(errors, key=lambda error: error.row)


def _row_error(error: RowError) -> DecodeError:
    return in_row(DecodeError(error.reason, error.offset, error.path), error.row)


def _merged(
    errors: Sequence[RowError], known: list[RowError], first_row: int, left_out: list[int]
) -> Sequence[RowError]:
    """``errors`` with rows of the whole stream, and ``known`` ones among them."""
    numbered = Numbered(errors, first_row, left_out)
    return sorted([*numbered, *known], key=lambda error: error.row) if known else numbered


class Numbered(Sequence[RowError]):
    """Errors of a batch by the rows of all batches; described when somebody looks at them.

    ``left_out``: rows that the batch had and its decoder did not see.
    """

    def __init__(
        self, errors: Sequence[RowError], first_row: int, left_out: Sequence[int] = ()
    ) -> None:
        self._errors = errors
        self._first = first_row
        # A row comes behind as many of those left out as have no more rows before them that stay.
        self._before = [row - place for place, row in enumerate(left_out)]

    def __len__(self) -> int:
        return len(self._errors)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        from bisect import bisect_right

        error = self._errors[index]
        row = self._first + error.row + bisect_right(self._before, error.row)
        return RowError(row, error.offset, error.path, error.reason)

    def __repr__(self) -> str:
        return f"<{len(self)} bad rows>"

    def __reduce__(self) -> tuple[type[tuple[Any, ...]], tuple[list[RowError]]]:
        return tuple, (list(self),)
