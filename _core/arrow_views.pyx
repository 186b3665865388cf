"""Spans of bytes as Arrow's columns of strings: views of 16 bytes, or offsets and data.

A span is a pair of int64, start and length, in the one space of addresses of several buffers (see
`tensorwire.columns.sources`). None is trusted: one that leaves its buffer is an error.
"""

from libc.stdint cimport (
    INT32_MAX, INT64_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t,
)
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from arrow_spans cimport (
    STOP_LONG, STOP_NONE, STOP_OUTSIDE, STOP_ROOM, Cursor, Span, Stop, Windows, span_seek,
    window_place,
)
from tensorwire._core.span_source cimport Held, SpanSource

from tensorwire.errors import LimitError

cdef extern from "arrow_view.h" nogil:
    const int ARROW_VIEW_SIZE
    const int ARROW_VIEW_INLINE
    void arrow_view_inline(uint8_t *out, const uint8_t *data, uint64_t length, uint64_t room)
    void arrow_view_far(uint8_t *out, const uint8_t *data, uint32_t length, uint32_t buffer,
                        uint32_t offset)

# Spans from which on the GIL is released: below, releasing costs more than it gives.
cdef enum:
    RELEASE_FROM = 4096

cdef Stop _views(const Span *spans, int64_t count, Cursor *cursor, Windows *windows,
                 int64_t regular, uint8_t *out, uint8_t *into, int64_t room,
                 int64_t *stopped) noexcept nogil:
    """One view per span: long values where they are, or, unless ``into`` is NULL, copied there, one
    behind the other, to ``room`` bytes."""
    cdef int64_t i, at, size
    cdef int64_t index = 0
    cdef int64_t offset = 0
    cdef int64_t used = 0
    cdef const uint8_t *data
    cdef Span span
    for i in range(count):
        stopped[0] = i
        span = spans[i]
        if span.length == 0:
            memset(out + i * ARROW_VIEW_SIZE, 0, ARROW_VIEW_SIZE)
            continue
        if not span_seek(cursor, span):
            return STOP_OUTSIDE
        at = span.start - cursor.starts[cursor.at]
        size = cursor.starts[cursor.at + 1] - cursor.starts[cursor.at]
        data = cursor.data[cursor.at] + at
        if span.length <= ARROW_VIEW_INLINE:
            arrow_view_inline(out + i * ARROW_VIEW_SIZE, data, span.length, size - at)
            continue
        if span.length > windows.limit:
            return STOP_LONG
        if into == NULL:
            if window_place(windows, cursor.at, size, at, span.length, &index, &offset):
                return STOP_ROOM
        else:
            if span.length > room - used:
                return STOP_ROOM
            if window_place(windows, 0, room, used, span.length, &index, &offset):
                return STOP_ROOM
            memcpy(into + used, data, span.length)
            used += span.length
        if index < 0:
            index = regular - 1 - index
        arrow_view_far(out + i * ARROW_VIEW_SIZE, data, span.length, index, offset)
    return STOP_NONE


cdef Stop _gather(const Span *spans, int64_t count, Cursor *cursor, uint8_t *into, int64_t room,
                  int64_t *stopped) noexcept nogil:
    """All values, one behind the other. 16 bytes at once where both sides have them: most strings
    are short, and what is written too much the next value overwrites."""
    cdef int64_t i, at, size, length
    cdef int64_t used = 0
    cdef const uint8_t *data
    cdef Span span
    for i in range(count):
        stopped[0] = i
        span = spans[i]
        length = span.length
        if length == 0:
            continue
        if not span_seek(cursor, span):
            return STOP_OUTSIDE
        if length > room - used:
            return STOP_ROOM
        at = span.start - cursor.starts[cursor.at]
        size = cursor.starts[cursor.at + 1] - cursor.starts[cursor.at]
        data = cursor.data[cursor.at] + at
        if length <= 16 and size - at >= 16 and room - used >= 16:
            memcpy(into + used, data, 16)
        else:
            memcpy(into + used, data, length)
        used += length
    return STOP_NONE


cdef Stop _offsets(const Span *spans, int64_t count, bint wide, void *out,
                   int64_t *stopped) noexcept nogil:
    """REQUIRES: room for ``count + 1`` offsets, of 64 bits where ``wide``, else of 32."""
    cdef int32_t *narrow = <int32_t *> out
    cdef int64_t *broad = <int64_t *> out
    cdef int64_t most = INT64_MAX if wide else INT32_MAX
    cdef int64_t i, length
    cdef int64_t sum = 0
    if wide:
        broad[0] = 0
    else:
        narrow[0] = 0
    for i in range(count):
        stopped[0] = i
        length = spans[i].length
        if length < 0:
            return STOP_OUTSIDE
        if length > most - sum:
            return STOP_LONG
        sum += length
        if wide:
            broad[i + 1] = sum
        else:
            narrow[i + 1] = <int32_t> sum
    return STOP_NONE


cdef Held _spans(owner):
    cdef Held held = Held(owner, False)
    if held.view.len % <Py_ssize_t> sizeof(Span) or <size_t> held.view.buf % sizeof(int64_t):
        raise ValueError(f"spans must be aligned pairs of int64, not {held.view.len} bytes")
    return held


cdef Held _out(owner, int64_t nbytes):
    cdef Held held = Held(owner, True)
    if held.view.len != nbytes:
        raise ValueError(f"{nbytes} bytes are to be written, not {held.view.len}")
    return held


cdef int _raise(Stop stop, Held spans, int64_t at, int64_t end, int64_t most) except -1:
    """Raises for a kernel that stopped at the span number ``at``."""
    cdef Span span
    if stop == STOP_NONE:
        return 0
    span = (<const Span *> spans.view.buf)[at]
    if stop == STOP_LONG:
        raise LimitError(
            f"value {at} of {span.length} bytes passes the {most} bytes that this Arrow type can "
            f"count; strings='large_string' can"
        )
    if stop == STOP_ROOM:
        raise ValueError(f"spans changed while they were read, the first at {at}")
    raise ValueError(
        f"span {at} of {span.length} bytes from {span.start} on leaves its buffer; "
        f"all buffers end at {end}"
    )


cdef int _require_buffers(SpanSource source, Held spans) except -1:
    """Without any buffer every span must be empty; the kernels look only where there is one."""
    cdef const Span *span = <const Span *> spans.view.buf
    cdef int64_t i
    if source.count == 0:
        for i in range(spans.view.len // <Py_ssize_t> sizeof(Span)):
            if span[i].length != 0:
                _raise(STOP_OUTSIDE, spans, i, 0, 0)
    return 0


def span_totals(spans, longer, /) -> tuple[int, int]:
    """``(bytes, count)`` of the spans that are longer than ``longer``.

    Raises: ``LimitError`` where the bytes pass 2**63.
    """
    cdef Held held = _spans(spans)
    cdef const Span *span = <const Span *> held.view.buf
    cdef int64_t count = held.view.len // <Py_ssize_t> sizeof(Span)
    cdef int64_t above = longer
    cdef int64_t i
    cdef int64_t found = 0
    cdef uint64_t sum = 0
    with nogil:
        for i in range(count):
            if span[i].length > above:
                found += 1
                sum += <uint64_t> span[i].length
                if sum >> 63:
                    break
    if sum >> 63:
        raise LimitError("the values have more than 2**63 bytes")
    return sum, found


def _first_windows(sizes, int64_t step, int64_t limit):
    """The index of the first window of each buffer, all windows as (buffer, start, stop)."""
    first = []
    windows = []
    for i, size in enumerate(sizes):
        first.append(len(windows))
        if size <= limit:
            windows.append((i, 0, size))
        else:
            windows += [(i, at, min(size, at + limit)) for at in range(0, size, step)]
    return first, windows


cdef int _windows_begin(Windows *windows, first, int64_t regular, int64_t giants) except -1:
    """Takes the memory, which _windows_end frees, after an error too."""
    windows.first = <const int64_t *> calloc(len(first) + 1, sizeof(int64_t))
    windows.used = <uint8_t *> calloc(regular + 1, 1)
    windows.giants = 0
    windows.giants_room = giants
    windows.giant = <int64_t *> calloc(giants + 1, 3 * sizeof(int64_t))
    if windows.first == NULL or windows.used == NULL or windows.giant == NULL:
        raise MemoryError()
    for i, index in enumerate(first):
        (<int64_t *> windows.first)[i] = index
    return 0


cdef void _windows_end(Windows *windows) noexcept:
    free(<void *> windows.first)
    free(windows.used)
    free(windows.giant)


cdef list _named(Windows *windows, list regular):
    """All windows: those that no view points into are empty, so that nothing keeps their bytes."""
    cdef int64_t i
    cdef int64_t *giant
    named = [
        (buffer, start, stop if windows.used[i] else start)
        for i, (buffer, start, stop) in enumerate(regular)
    ]
    for i in range(windows.giants):
        giant = &windows.giant[3 * i]
        named.append((giant[0], giant[1], giant[1] + giant[2]))
    count = len(named)
    while count and named[count - 1][1] == named[count - 1][2]:
        count -= 1
    return named[:count]


def span_views(SpanSource source not None, spans, out, gathered=None, /, *, step=1 << 30,
               limit=(1 << 31) - 1) -> list[tuple[int, int, int]]:
    """Writes one view of 16 bytes per span to ``out``; returns what their buffer indices name.

    That is a list of ``(buffer, start, stop)``, empty ones where no view points, in the buffers of
    ``source``, or in ``gathered`` (buffer 0) where that is given: then values above 12 bytes are
    copied there, and it must have as many bytes as they have. ``step`` and ``limit``: a buffer
    above ``limit`` bytes is given as windows of up to ``limit`` bytes, one every ``step``, since
    offsets are int32.
    Raises: ``ValueError`` for a span outside of its buffer, ``LimitError`` for one above ``limit``.
    """
    cdef Held held = _spans(spans)
    cdef int64_t count = held.view.len // <Py_ssize_t> sizeof(Span)
    cdef Held target = _out(out, count * ARROW_VIEW_SIZE)
    cdef Held into = None if gathered is None else Held(gathered, True)
    cdef Cursor cursor = source.cursor()
    cdef Windows windows = [0, 0, NULL, NULL, 0, 0, NULL]
    cdef int64_t stopped = 0
    cdef int64_t regular
    cdef Stop stop
    _require_buffers(source, held)
    first, named = _first_windows(
        source.sizes() if gathered is None else [into.view.len], step, limit)
    regular = len(named)
    windows.step, windows.limit = step, limit
    giants = span_totals(spans, limit - step)[1] if regular > len(first) else 0
    try:
        _windows_begin(&windows, first, regular, giants)
        stop = _run_views(held, count, &cursor, &windows, regular, target, into, &stopped)
        _raise(stop, held, stopped, source.end, limit)
        return _named(&windows, named)
    finally:
        _windows_end(&windows)


cdef Stop _run_views(Held held, int64_t count, Cursor *cursor, Windows *windows, int64_t regular,
                     Held target, Held into, int64_t *stopped) except *:
    """The kernel, without the GIL where it pays."""
    cdef const Span *spans = <const Span *> held.view.buf
    cdef uint8_t *out = <uint8_t *> target.view.buf
    cdef uint8_t *data = NULL
    cdef int64_t room = 0
    if into is not None:
        data = <uint8_t *> into.view.buf
        room = into.view.len
    if count < RELEASE_FROM:
        return _views(spans, count, cursor, windows, regular, out, data, room, stopped)
    with nogil:
        return _views(spans, count, cursor, windows, regular, out, data, room, stopped)


def span_offsets(spans, out, /, *, bits) -> int:
    """Writes the offsets of the values laid one behind the other; returns the last.

    ``bits``: 32 or 64, of one offset. Raises: ``LimitError`` where 32 bits do not suffice.
    """
    cdef Held held = _spans(spans)
    cdef const Span *span = <const Span *> held.view.buf
    cdef int64_t count = held.view.len // <Py_ssize_t> sizeof(Span)
    cdef bint wide = bits == 64
    cdef Held target = _out(out, (count + 1) * (8 if wide else 4))
    cdef void *into = target.view.buf
    cdef int64_t stopped = 0
    cdef Stop stop
    with nogil:
        stop = _offsets(span, count, wide, into, &stopped)
    if stop == STOP_LONG:
        raise LimitError(
            f"the strings up to value {stopped} pass the {2 ** (bits - 1) - 1} bytes that "
            f"offsets of {bits} bits can count; strings='large_string' or 'view' can"
        )
    _raise(stop, held, stopped, 0, 0)
    return (<int64_t *> into)[count] if wide else (<int32_t *> into)[count]


def span_gather(SpanSource source not None, spans, out, /) -> None:
    """Copies the values to ``out``, one behind the other: it must have as many bytes as they have.

    Raises: ``ValueError`` for a span outside of its buffer.
    """
    cdef Held held = _spans(spans)
    cdef const Span *span = <const Span *> held.view.buf
    cdef int64_t count = held.view.len // <Py_ssize_t> sizeof(Span)
    cdef Held target = Held(out, True)
    cdef uint8_t *into = <uint8_t *> target.view.buf
    cdef int64_t room = target.view.len
    cdef Cursor cursor = source.cursor()
    cdef int64_t stopped = 0
    cdef Stop stop
    _require_buffers(source, held)
    if count < RELEASE_FROM:
        stop = _gather(span, count, &cursor, into, room, &stopped)
    else:
        with nogil:
            stop = _gather(span, count, &cursor, into, room, &stopped)
    _raise(stop, held, stopped, source.end, 0)
