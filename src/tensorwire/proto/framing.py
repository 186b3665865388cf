"""Records of streams: how they are framed, and what stands before the message in each."""

from __future__ import annotations

from collections.abc import Sequence

from tensorwire.columns.errors import RowError
from tensorwire.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire._core.rows import Rows
    from tensorwire.columns.columns import Columns
    from tensorwire.proto.decoder import Decoder

    Array = np.ndarray[Any, Any]

__all__ = ["FRAMINGS", "Framing", "decode_rows", "frame_rows"]

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
        if skip_prefix < 0:
            raise ValueError(f"skip_prefix must be 0 or more, not {skip_prefix}")
        if crc and name != "tfrecord":
            raise ValueError(f"only framing='tfrecord' has checksums, not {name!r}")
        self.name = None if name == "none" else name
        self.confluent = name == "confluent"
        #: what `find_frames` is to look for; None: nothing
        self.frames = "delimited" if self.confluent else self.name
        self.skip = skip_prefix
        self.crc = crc

    @property
    def has_prefix(self) -> bool:
        """Whether a record is more than a message."""
        return self.confluent or self.skip > 0


def frame_rows(buffer: Any, framing: str, *, crc: bool = False) -> tuple[Array, Array]:
    """``(starts, lengths)`` of all records of a stream in one buffer, as int64.

    Raises: ``DecodeError`` at the first frame that is cut or wrong.
    """
    import numpy as np

    from tensorwire._core.records import find_frames

    kind = Framing(framing, 0, crc)
    parts = []
    at = 0
    size = memoryview(buffer).nbytes
    while at < size:
        pair = np.empty((2, STEP), dtype=np.int64)
        found, at, fault = find_frames(buffer, kind.frames or "", pair[0], pair[1], at=at, crc=crc)
        if fault is not None:
            raise DecodeError(fault[1], fault[2])
        parts.append(pair[:, :found])
    starts, lengths = np.concatenate(parts, axis=1) if parts else np.empty((2, 0), dtype=np.int64)
    return starts, lengths


def decode_rows(
    decoder: Decoder,
    rows: Rows,
    framing: Framing,
    *,
    first_row: int = 0,
    bad: Sequence[tuple[int, str]] = (),
) -> Columns:
    """What ``decoder`` makes of the rows without their prefixes; errors count from ``first_row``.

    ``bad``: (row, reason) of rows that are wrong already, in ascending order.
    Raises: ``DecodeError`` as the decoder's ``on_error`` says, with the row as ``row``.
    """
    from tensorwire._core.records import strip_rows

    known: list[RowError] = [RowError(first_row + row, 0, "", reason) for row, reason in bad]
    left_out: list[int] = []
    if framing.has_prefix or bad:
        is_dropping = decoder.on_error == "drop"
        named = [row for row, _ in bad]
        rows, faults = strip_rows(rows, framing.skip, framing.confluent, named, drop=is_dropping)
        known += [RowError(first_row + row, offset, "", why) for row, offset, why in faults]
        known.sort(key=lambda error: error.row)
        left_out = [error.row - first_row for error in known] if is_dropping else []
        if known and decoder.on_error == "raise":
            raise _row_error(known[0])
    try:
        columns = decoder([rows])
    except DecodeError as error:
        row = getattr(error, "row", 0)
        reason = error.reason.removeprefix(f"row {row}: ")
        raise _row_error(RowError(first_row + row, error.offset, error.path, reason)) from error
    if len(columns.errors) or known:
        columns.errors = _merged(columns.errors, known, first_row, left_out)
    return columns


def _row_error(error: RowError) -> DecodeError:
    made: Any = DecodeError(f"row {error.row}: {error.reason}", error.offset, error.path)
    made.row = error.row
    return made  # type: ignore[no-any-return]


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
