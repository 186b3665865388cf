from libc.stdint cimport uint64_t

from projected cimport ColumnStore, ProjectWalk
from tensorwire._core.projection cimport Projection
from tensorwire._core.rows cimport Rows
from wire cimport Fault, MessagePlan


cdef enum:
    ON_ERROR_RAISE
    ON_ERROR_NULL
    ON_ERROR_DROP

cdef enum:
    VERIFY_VISITED
    VERIFY_ALL
    VERIFY_NONE              # the bytes were verified before

# Why reading stopped.
cdef enum:
    READ_ON = 0
    READ_BAD_ROW             # the last of the faults, which is to be raised
    READ_WRONG_ROW           # its numbers leave the buffer
    READ_OVER                # somewhere the limit was passed
    READ_NO_MEMORY
    READ_INTERRUPTED         # by a signal, whose exception is set


cdef struct RowFault:
    size_t row               # of the input
    Fault fault


cdef struct RowFaults:
    RowFault *items
    size_t count
    size_t room


# What one thread reads rows with, and what it found in them.
cdef struct Reader:
    const MessagePlan *plan
    int on_error
    int check
    int depth
    ProjectWalk walk
    Fault fault
    ColumnStore *store
    RowFaults *faults
    size_t nulls             # rows that are null or bad
    size_t nbytes            # of the rows
    size_t wrong_row


# 0, or -1: out of memory. All else is filled in by the caller.
cdef int reader_begin(Reader *reader, Projection projection) noexcept

cdef void reader_end(Reader *reader) noexcept

# Reads rows [first, stop) of `rows`, before which the input has `before` others, into the store.
# `is_watched`: row by row, so that the one that passes the store's limit is a bad one.
# READ_ON, or why it stopped; after READ_OVER the store is to be cut back.
cdef int reader_read(Reader *reader, Rows rows, size_t first, size_t stop, size_t before,
                     uint64_t origin, bint is_watched) noexcept nogil

# 0, or -1: out of memory.
cdef int row_fault_add(RowFaults *faults, size_t row, const Fault *fault) noexcept nogil
