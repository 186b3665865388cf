"""Where records lie in a buffer, and what stands before the message in each of them."""

cimport cython
from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from libc.stdint cimport int64_t, uint8_t

from crc32c cimport Crc32c
from framing cimport (
    FRAME_CUT, FRAME_CUT_LENGTH, FRAME_FINE, FRAME_RECORD_CRC, FRAMING_DELIMITED, FRAMING_TFRECORD,
    FrameFault, FrameReason, Frames, Framing, Prefix, frame_text, frames_find, prefix_size,
    prefixes_strip,
)
from tensorwire._core.checksum cimport crc32c_in_use


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


def strip_prefixes(data, starts, lengths, /, size_t skip, bint confluent) -> int:
    """Takes the prefix off records of one buffer in place; gives the number of wrong ones.

    First ``skip`` bytes, then, if ``confluent``, magic byte, schema id and message indexes. A
    record whose prefix is wrong keeps its start and gets the length -1 (see `prefix_fault`); a span
    that leaves the buffer gets -2. Raises: ``ValueError`` for arrays of other items.
    Threads: the GIL is released.
    """
    cdef _Spans spans = _Spans(starts, lengths)
    cdef Prefix prefix = Prefix(skip=skip, confluent=confluent)
    cdef Py_buffer view
    cdef size_t wrong
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        with nogil:
            wrong = prefixes_strip(
                prefix, <const uint8_t *> view.buf, <size_t> view.len,
                <int64_t *> spans.starts.buf, <int64_t *> spans.lengths.buf, spans.room,
            )
    finally:
        PyBuffer_Release(&view)
    return wrong


def prefix_fault(record, /, size_t skip, bint confluent) -> object:
    """(reason, offset in the record) of a prefix that is wrong; of a right one its size."""
    cdef Prefix prefix = Prefix(skip=skip, confluent=confluent)
    cdef Py_buffer view
    cdef FrameFault fault
    cdef FrameReason reason
    cdef size_t used = 0
    PyObject_GetBuffer(record, &view, PyBUF_SIMPLE)
    try:
        reason = prefix_size(prefix, <const uint8_t *> view.buf, <size_t> view.len, &used, &fault)
    finally:
        PyBuffer_Release(&view)
    return used if reason == FRAME_FINE else (_text(&fault), fault.at)
