"""Where records lie in a stream, and rows without what stands before the message in each."""

cimport cython
from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from libc.stdint cimport int64_t, uint8_t

from crc32c cimport Crc32c
from framing cimport (
    FRAME_CUT, FRAME_CUT_LENGTH, FRAME_FINE, FRAME_RECORD_CRC, FRAMING_DELIMITED, FRAMING_TFRECORD,
    FrameFault, FrameReason, Frames, Framing, Prefix, frame_text, frames_find, prefix_size,
)
from tensorwire._core.checksum cimport crc32c_in_use
from tensorwire._core.rows cimport Rows, RowSpan, rows_within


cdef str _text(FrameFault *fault):
    return (
        frame_text(fault.reason).text.decode("ascii")
        .replace("%llu", "{}").format(fault.wanted, fault.found)
    )


cdef object _fault(FrameFault *fault):
    if fault.reason == FRAME_CUT or fault.reason == FRAME_CUT_LENGTH:
        kind = "cut"
    else:
        kind = "record" if fault.reason == FRAME_RECORD_CRC else "frame"
    wanted = fault.wanted if fault.reason == FRAME_CUT else 0
    return kind, _text(fault), fault.at, wanted


cdef Framing _framing(name) except *:
    if name == "delimited":
        return FRAMING_DELIMITED
    if name == "tfrecord":
        return FRAMING_TFRECORD
    raise ValueError(f"no framing {name!r}; there are: delimited, tfrecord")


cdef int _int64_room(object array, Py_buffer *view, bint writable) except -1:
    """Takes the buffer of an array of int64. Raises: ``ValueError`` for items of other size."""
    PyObject_GetBuffer(
        array, view, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE if writable else PyBUF_C_CONTIGUOUS
    )
    if view.itemsize != 8:
        size = view.itemsize
        PyBuffer_Release(view)
        raise ValueError(f"items of {size} bytes; int64 is needed")
    return 0


@cython.final
cdef class _Spans:
    """Two arrays of int64 of one length, held while they are written to."""

    cdef Py_buffer starts
    cdef Py_buffer lengths
    cdef int held                    # how many of the two
    cdef size_t room

    def __cinit__(self, starts, lengths):
        _int64_room(starts, &self.starts, True)
        self.held = 1
        _int64_room(lengths, &self.lengths, True)
        self.held = 2
        if self.starts.len != self.lengths.len:
            raise ValueError(
                f"{self.starts.len // 8} starts and {self.lengths.len // 8} lengths"
            )
        self.room = <size_t> self.starts.len // 8

    def __dealloc__(self):
        if self.held > 0:
            PyBuffer_Release(&self.starts)
        if self.held > 1:
            PyBuffer_Release(&self.lengths)


def find_frames(data, framing, starts, lengths, /, *, size_t at=0, bint crc=False) -> tuple:
    """Fills ``starts`` and ``lengths`` with the records from byte ``at`` on; no more than fit.

    Gives (found, next, fault): how many, where the next frame begins, and None or what stopped the
    search: (kind, reason, offset, wanted). Kinds: ``"cut"``: the bytes end inside the frame at
    ``offset``, which takes ``wanted`` bytes or, if that is 0, has not said how many; ``"record"``:
    the checksum of the last record found is wrong, and ``next`` is behind it; ``"frame"``: nothing
    behind ``offset`` can be found. ``crc``: look at the checksums of a TFRecord file.
    Raises: ``ValueError`` for an unknown framing, arrays of other items, or ``at`` behind the end.
    Threads: the GIL is released.
    """
    cdef Framing chosen = _framing(framing)
    cdef const Crc32c *checksums = crc32c_in_use() if crc else NULL
    cdef _Spans spans = _Spans(starts, lengths)
    cdef Py_buffer view
    cdef FrameFault fault
    cdef FrameReason reason
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    cdef Frames frames = Frames(
        base=<const uint8_t *> view.buf, at=at, end=<size_t> view.len,
        starts=<int64_t *> spans.starts.buf, lengths=<int64_t *> spans.lengths.buf,
        room=spans.room, found=0,
    )
    try:
        if at > frames.end:
            raise ValueError(f"byte {at} is behind the end of {frames.end} bytes")
        with nogil:
            reason = frames_find(&frames, chosen, checksums, &fault)
    finally:
        PyBuffer_Release(&view)
    return frames.found, frames.at, None if reason == FRAME_FINE else _fault(&fault)


def strip_rows(
    Rows rows not None, size_t skip, bint confluent, /, nulls=(), *, bint drop=False
) -> tuple:
    """(rows, faults): the same rows, each without its prefix, and what was wrong with some.

    A prefix is ``skip`` bytes and then, if ``confluent``, Confluent's magic byte, schema id and
    message indexes. A row where it is wrong becomes a null row, or with ``drop`` none; its fault is
    (row, offset in the row, reason). So do the rows named in ``nulls``, in ascending order, that
    somebody else found wrong. Null rows stay null.
    Copies: nothing; 24 bytes a row. Raises: ``ValueError`` for a span that leaves its buffer.
    Threads: the GIL is released between faults.
    """
    cdef Rows made = rows_within(rows, rows.count)
    cdef Prefix prefix = Prefix(skip=skip, confluent=confluent)
    cdef RowSpan *spans = made._spans
    cdef size_t at = 0, kept = 0, stop
    cdef FrameFault fault
    cdef bint is_named
    cdef list faults = []
    if rows.fill(0, rows.count, spans) != rows.count:
        raise ValueError(f"row {rows.fill(0, rows.count, spans)} leaves its buffer")
    named = iter(nulls)
    following = next(named, None)
    while at < rows.count:                 # progress: a row at least
        is_named = following is not None
        stop = min(<size_t> following, rows.count) if is_named else rows.count
        with nogil:
            at = _strip(prefix, spans, at, stop, &kept, &fault)
        if at == rows.count:
            break
        if at < stop:
            faults.append((at, fault.at, _text(&fault)))
        else:
            following = next(named, None)
        if not drop:
            spans[kept].at, spans[kept].length = NULL, 0
            kept += 1
        at += 1
    made.count = kept
    return made, faults


cdef size_t _strip(Prefix prefix, RowSpan *spans, size_t at, size_t stop, size_t *kept,
                   FrameFault *fault) noexcept nogil:
    """Moves spans from ``at`` on to ``kept``, without prefixes; gives the first that it cannot."""
    cdef size_t used = 0
    while at < stop:
        if spans[at].at != NULL:
            if prefix_size(prefix, spans[at].at, spans[at].length, &used, fault) != FRAME_FINE:
                break
            spans[at].at += used
            spans[at].origin += used
            spans[at].length -= used
        spans[kept[0]] = spans[at]         # kept <= at: not yet looked at are those from `at` on
        kept[0] += 1
        at += 1
    return at
