from cpython.object cimport PyObject
from libc.stdint cimport uint64_t

from projected cimport ColumnStore
from tensorwire._core.reading cimport Reader, RowFaults

cdef extern from "pythread.h" nogil:
    ctypedef void *PyThread_type_lock
    enum:
        WAIT_LOCK
    const unsigned long PYTHREAD_INVALID_THREAD_ID
    PyThread_type_lock PyThread_allocate_lock()
    void PyThread_free_lock(PyThread_type_lock lock)
    int PyThread_acquire_lock(PyThread_type_lock lock, int waits)
    void PyThread_release_lock(PyThread_type_lock lock)
    unsigned long PyThread_start_new_thread(void (*run)(void *) noexcept nogil, void *of)

cdef extern from "<time.h>" nogil:
    ctypedef long clock_t
    clock_t clock()
    const clock_t CLOCKS_PER_SEC


cdef struct Input:
    PyObject *rows           # `Rows`, which the caller holds
    size_t count
    size_t before            # rows of the inputs before
    uint64_t origin          # address of the first byte


# Rows that one thread reads at a time.
cdef struct Piece:
    size_t number
    size_t input
    size_t first             # in the input
    size_t stop

cdef struct Run


cdef struct Worker:
    Run *run
    Reader reader
    Piece piece
    ColumnStore store        # of the piece
    size_t *places           # that it has in the store of the run
    size_t *touch            # of each table, the rows from and to which pages are made
    bint is_within           # steady tables of the piece lie in the store of the run
    RowFaults faults         # of the piece
    PyThread_type_lock turn  # let go of when the worker may go on
    bint waits               # for that
    int status               # READ_*: how reading the piece went
    size_t used              # bytes of what it became
    size_t rows              # of its own that the store has room for


# What all threads have in common. What changes is touched by who has the lock.
cdef struct Run:
    Input *inputs
    size_t input_count
    size_t rows
    ColumnStore *store
    RowFaults *faults
    size_t nulls
    Worker *workers
    size_t worker_count      # 1: there is no lock
    PyThread_type_lock lock
    PyThread_type_lock done  # let go of by the last thread
    size_t working           # threads
    size_t input             # where the next piece begins
    size_t row
    size_t given             # pieces
    size_t through           # of these the first so many have their places
    size_t through_rows
    size_t through_bytes     # of records
    size_t used              # bytes of what they became
    size_t limit
    size_t moving            # threads that move a piece
    size_t *touched          # of each table, the rows whose pages somebody makes
    size_t *steady           # of each table, the items that every row has; 0: they differ
    bint is_sought           # whether that is known
    bint is_steady           # whether any table has that many, as far as is known
    size_t within            # pieces that lie in the store though it is not their turn yet
    bint is_ending           # there are no more pieces
    int outcome              # READ_*
    size_t wrong_row
    bint sees_signals        # the caller's thread is the one that handles them
    clock_t looked           # when it did


# Reads one piece after another until there is none, or reading is to stop.
cdef void work(Worker *worker) noexcept nogil

# Nothing, where one thread is alone.
cdef void run_lock(Run *run) noexcept nogil
cdef void run_unlock(Run *run) noexcept nogil
