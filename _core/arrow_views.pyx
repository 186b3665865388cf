"""Spans of bytes as Arrow's columns of strings: views of 16 bytes, or offsets and data.

A span is a pair of int64, start and length, in the one space of addresses of several buffers (see
`tensorwire.columns.sources`). None is trusted: one that leaves its buffer is an error.
"""

cimport cython
from cpython.buffer cimport (
    PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

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

# Longest value of a view and last offset of 32 bits: the format counts both in int32.
cdef int64_t INT32_MOST = 0x7fffffff

# Why a kernel stopped.
cdef enum Stop:
    STOP_NONE
    STOP_OUTSIDE      # the span leaves its buffer
    STOP_LONG         # more than int32 can count
    STOP_ROOM         # the caller's memory is too small: spans changed meanwhile

cdef struct Span:
    int64_t start
    int64_t length

# Where a kernel is among the buffers. Spans mostly ascend, so the next lies in the buffer `at` or
# soon after it; and `count` is not 0 wherever a span is looked up.
cdef struct Cursor:
    const uint8_t **data
    const int64_t *starts
    int64_t count
    int64_t at

# The windows that a view's buffer index counts: a buffer of up to `limit` bytes is one; a larger
# one has a window every `step` bytes, each up to `limit` bytes long, so that they overlap. A value
# that crosses the end of its window is a giant, with a window of its own behind all others.
cdef struct Windows:
    int64_t step
    int64_t limit
    const int64_t *first
    uint8_t *used           # of each window but the giants': whether a view points into it
    int64_t giants
    int64_t giants_room
    int64_t *giant          # buffer, start in it, length of each


cdef inline int64_t _search(const int64_t *starts, int64_t count, int64_t start) noexcept nogil:
    """The last buffer that starts at or before ``start``; 0 where none does."""
    cdef int64_t low = 0
    cdef int64_t high = count
    cdef int64_t middle
    while high - low > 1:       # progress: the middle lies strictly between
        middle = low + (high - low) // 2
        if starts[middle] <= start:
            low = middle
        else:
            high = middle
    return low


cdef inline bint _holds(const int64_t *starts, int64_t at, int64_t start) noexcept nogil:
    return starts[at] <= start < starts[at + 1]


cdef inline bint _seek(Cursor *cursor, Span span) noexcept nogil:
    """Moves to the buffer that holds ``span``, which is not empty; False if none does."""
    cdef const int64_t *starts = cursor.starts
    if not _holds(starts, cursor.at, span.start):
        if cursor.at + 1 < cursor.count and _holds(starts, cursor.at + 1, span.start):
            cursor.at += 1
        else:
            cursor.at = _search(starts, cursor.count, span.start)
            if not _holds(starts, cursor.at, span.start):
                return False
    # No difference wraps: the start lies in the buffer. A negative length is above any as unsigned.
    return <uint64_t> span.length <= <uint64_t> (starts[cursor.at + 1] - span.start)


cdef inline int _place(Windows *windows, int64_t buffer, int64_t size, int64_t at, int64_t length,
                       int64_t *index, int64_t *offset) noexcept nogil:
    """Window and offset in it of the bytes from ``at`` on in a buffer of ``size`` bytes."""
    cdef int64_t *giant
    if size <= windows.limit:
        index[0] = windows.first[buffer]
        offset[0] = at
        windows.used[index[0]] = 1
    elif at % windows.step <= windows.limit - length:
        index[0] = windows.first[buffer] + at // windows.step
        offset[0] = at % windows.step
        windows.used[index[0]] = 1
    else:
        if windows.giants == windows.giants_room:
            return -1
        giant = &windows.giant[3 * windows.giants]
        giant[0], giant[1], giant[2] = buffer, at, length
        index[0] = -1 - windows.giants      # renumbered by the caller, who knows all windows
        offset[0] = 0
        windows.giants += 1
    return 0


cdef Stop _views(const Span *spans, int64_t count, Cursor *cursor, Windows *windows,
                 int64_t regular, uint8_t *out, int64_t *stopped) noexcept nogil:
    """One view per span, long values where they are."""
    cdef int64_t i, at, size
    cdef int64_t index = 0
    cdef int64_t offset = 0
    cdef const uint8_t *data
    for i in range(count):
        stopped[0] = i
        if spans[i].length == 0:
            memset(out + i * ARROW_VIEW_SIZE, 0, ARROW_VIEW_SIZE)
            continue
        if not _seek(cursor, spans[i]):
            return STOP_OUTSIDE
        at = spans[i].start - cursor.starts[cursor.at]
        size = cursor.starts[cursor.at + 1] - cursor.starts[cursor.at]
        data = cursor.data[cursor.at] + at
        if spans[i].length <= ARROW_VIEW_INLINE:
            arrow_view_inline(out + i * ARROW_VIEW_SIZE, data, spans[i].length, size - at)
            continue
        if spans[i].length > windows.limit:
            return STOP_LONG
        if _place(windows, cursor.at, size, at, spans[i].length, &index, &offset):
            return STOP_ROOM
        if index < 0:
            index = regular - 1 - index
        arrow_view_far(out + i * ARROW_VIEW_SIZE, data, spans[i].length, index, offset)
    return STOP_NONE


cdef Stop _views_gathered(const Span *spans, int64_t count, Cursor *cursor, Windows *windows,
                          int64_t regular, uint8_t *out, uint8_t *into, int64_t room,
                          int64_t *stopped) noexcept nogil:
    """One view per span, long values copied one behind the other to ``into``, of ``room`` bytes."""
    cdef int64_t i, at, size
    cdef int64_t index = 0
    cdef int64_t offset = 0
    cdef int64_t used = 0
    cdef const uint8_t *data
    for i in range(count):
        stopped[0] = i
        if spans[i].length == 0:
            memset(out + i * ARROW_VIEW_SIZE, 0, ARROW_VIEW_SIZE)
            continue
        if not _seek(cursor, spans[i]):
            return STOP_OUTSIDE
        at = spans[i].start - cursor.starts[cursor.at]
        size = cursor.starts[cursor.at + 1] - cursor.starts[cursor.at]
        data = cursor.data[cursor.at] + at
        if spans[i].length <= ARROW_VIEW_INLINE:
            arrow_view_inline(out + i * ARROW_VIEW_SIZE, data, spans[i].length, size - at)
            continue
        if spans[i].length > windows.limit:
            return STOP_LONG
        if spans[i].length > room - used:
            return STOP_ROOM
        if _place(windows, 0, room, used, spans[i].length, &index, &offset):
            return STOP_ROOM
        if index < 0:
            index = regular - 1 - index
        memcpy(into + used, data, spans[i].length)
        used += spans[i].length
        arrow_view_far(out + i * ARROW_VIEW_SIZE, data, spans[i].length, index, offset)
    return STOP_NONE


cdef Stop _gather(const Span *spans, int64_t count, Cursor *cursor, uint8_t *into, int64_t room,
                  int64_t *stopped) noexcept nogil:
    """All values, one behind the other. 16 bytes at once where both sides have them: most strings
    are short, and what is written too much the next value overwrites."""
    cdef int64_t i, at, size, length
    cdef int64_t used = 0
    cdef const uint8_t *data
    for i in range(count):
        stopped[0] = i
        length = spans[i].length
        if length == 0:
            continue
        if not _seek(cursor, spans[i]):
            return STOP_OUTSIDE
        if length > room - used:
            return STOP_ROOM
        at = spans[i].start - cursor.starts[cursor.at]
        size = cursor.starts[cursor.at + 1] - cursor.starts[cursor.at]
        data = cursor.data[cursor.at] + at
        if length <= 16 and size - at >= 16 and room - used >= 16:
            memcpy(into + used, data, 16)
        else:
            memcpy(into + used, data, length)
        used += length
    return STOP_NONE


cdef Stop _offsets64(const Span *spans, int64_t count, int64_t *out,
                     int64_t *stopped) noexcept nogil:
    """REQUIRES: room for ``count + 1`` offsets."""
    cdef int64_t i
    cdef uint64_t sum = 0
    out[0] = 0
    for i in range(count):
        stopped[0] = i
        if spans[i].length < 0:
            return STOP_OUTSIDE
        sum += <uint64_t> spans[i].length   # cannot wrap: both are below 2**63
        if sum >> 63:
            return STOP_LONG
        out[i + 1] = sum
    return STOP_NONE


cdef Stop _offsets32(const Span *spans, int64_t count, int32_t *out,
                     int64_t *stopped) noexcept nogil:
    """REQUIRES: room for ``count + 1`` offsets."""
    cdef int64_t i
    cdef int64_t sum = 0
    out[0] = 0
    for i in range(count):
        stopped[0] = i
        if spans[i].length < 0:
            return STOP_OUTSIDE
        if spans[i].length > INT32_MOST - sum:
            return STOP_LONG
        sum += spans[i].length
        out[i + 1] = sum
    return STOP_NONE


@cython.final
cdef class Held:
    """One borrowed buffer, for the length of one call."""

    cdef Py_buffer view

    def __cinit__(self, owner, bint writable):
        PyObject_GetBuffer(owner, &self.view, PyBUF_WRITABLE if writable else PyBUF_SIMPLE)

    def __dealloc__(self):
        PyBuffer_Release(&self.view)


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


@cython.final
cdef class SpanSource:
    """The buffers of a `Sources` with their addresses, found once for all columns on them.

    ``starts``: int64, the address of each buffer and the end of the last. None is an empty buffer.
    Lifetime: holds the buffers. Raises: ``ValueError`` where ``starts`` does not fit the buffers.
    """

    cdef readonly tuple buffers
    cdef Held starts
    cdef int64_t count
    cdef const uint8_t **data
    cdef list held

    def __cinit__(self, buffers, starts, /):
        self.buffers = tuple(buffers)
        self.count = len(self.buffers)
        self.starts = Held(starts, False)
        if self.starts.view.len != <Py_ssize_t> (8 * (self.count + 1)):
            raise ValueError(f"{self.count} buffers have {self.count + 1} starts, "
                             f"not {self.starts.view.len // 8}")
        self.data = <const uint8_t **> calloc(self.count + 1, sizeof(void *))
        if self.data == NULL:
            raise MemoryError()
        self.held = []
        self._take()

    cdef int _take(self) except -1:
        cdef const int64_t *starts = <const int64_t *> self.starts.view.buf
        cdef int64_t i, size
        cdef Held held
        for i in range(self.count):
            buffer = self.buffers[i]
            if buffer is None:
                size = 0
            elif PyBytes_CheckExact(buffer):
                self.data[i] = <const uint8_t *> PyBytes_AS_STRING(buffer)
                size = PyBytes_GET_SIZE(buffer)
            else:
                held = Held(buffer, False)
                self.held.append(held)
                self.data[i] = <const uint8_t *> held.view.buf
                size = held.view.len
            # Bounds instead of a difference, which could wrap.
            if starts[i] < 0 or starts[i + 1] < starts[i] or starts[i + 1] - starts[i] > size:
                raise ValueError(f"buffer {i} of {size} bytes cannot reach "
                                 f"from {starts[i]} to {starts[i + 1]}")
        return 0

    def __dealloc__(self):
        free(self.data)

    @property
    def end(self):
        """The end of the last buffer."""
        return (<const int64_t *> self.starts.view.buf)[self.count]

    def sizes(self):
        """Bytes of each buffer."""
        cdef const int64_t *starts = <const int64_t *> self.starts.view.buf
        return [starts[i + 1] - starts[i] for i in range(self.count)]

    cdef Cursor _cursor(self):
        cdef Cursor cursor
        cursor.data = self.data
        cursor.starts = <const int64_t *> self.starts.view.buf
        cursor.count = self.count
        cursor.at = 0
        return cursor


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
    copied there, and it must have as many bytes as they have. ``step`` and ``limit``: a buffer above ``limit`` bytes is given as
    windows of up to ``limit`` bytes, one every ``step``, since offsets are int32.
    Raises: ``ValueError`` for a span outside of its buffer, ``LimitError`` for one above ``limit``.
    """
    cdef Held held = _spans(spans)
    cdef int64_t count = held.view.len // <Py_ssize_t> sizeof(Span)
    cdef Held target = _out(out, count * ARROW_VIEW_SIZE)
    cdef Held into = None if gathered is None else Held(gathered, True)
    cdef Cursor cursor = source._cursor()
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
    cdef bint copies = into is not None
    if copies:
        data = <uint8_t *> into.view.buf
        room = into.view.len
    if count < RELEASE_FROM:
        if copies:
            return _views_gathered(spans, count, cursor, windows, regular, out, data, room,
                                   stopped)
        return _views(spans, count, cursor, windows, regular, out, stopped)
    with nogil:
        if copies:
            return _views_gathered(spans, count, cursor, windows, regular, out, data, room,
                                   stopped)
        return _views(spans, count, cursor, windows, regular, out, stopped)


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
        if wide:
            stop = _offsets64(span, count, <int64_t *> into, &stopped)
        else:
            stop = _offsets32(span, count, <int32_t *> into, &stopped)
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
    cdef Cursor cursor = source._cursor()
    cdef int64_t stopped = 0
    cdef Stop stop
    _require_buffers(source, held)
    if count < RELEASE_FROM:
        stop = _gather(span, count, &cursor, into, room, &stopped)
    else:
        with nogil:
            stop = _gather(span, count, &cursor, into, room, &stopped)
    _raise(stop, held, stopped, source.end, 0)
