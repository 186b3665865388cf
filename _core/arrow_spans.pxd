"""Where spans of bytes lie: among buffers, and in the windows that Arrow's views name.

A span is a pair of int64, start and length, in the one space of addresses of several buffers (see
`tensorwire.columns.sources`). None is trusted: one that leaves its buffer is found.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t

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


cdef inline int64_t span_search(const int64_t *starts, int64_t count, int64_t start) noexcept nogil:
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


cdef inline bint span_holds(const int64_t *starts, int64_t at, int64_t start) noexcept nogil:
    return starts[at] <= start < starts[at + 1]


cdef inline bint span_seek(Cursor *cursor, Span span) noexcept nogil:
    """Moves to the buffer that holds ``span``, which is not empty; False if none does."""
    cdef const int64_t *starts = cursor.starts
    if not span_holds(starts, cursor.at, span.start):
        if cursor.at + 1 < cursor.count and span_holds(starts, cursor.at + 1, span.start):
            cursor.at += 1
        else:
            cursor.at = span_search(starts, cursor.count, span.start)
            if not span_holds(starts, cursor.at, span.start):
                return False
    # No difference wraps: the start lies in the buffer. A negative length is above any as unsigned.
    return <uint64_t> span.length <= <uint64_t> (starts[cursor.at + 1] - span.start)


cdef inline int window_place(Windows *windows, int64_t buffer, int64_t size, int64_t at,
                             int64_t length, int64_t *index, int64_t *offset) noexcept nogil:
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
