"""The pieces of the rows: which thread reads which, and how they come to their places.

Several threads take pieces in turn. Each reads its piece into a store of its own, small enough to
stay in the processor's cache, waits until the pieces before are read, so that it knows where its
own belongs, and moves it there while others read on. What a row has one of lies in its place at
once. So the result is the same for any number of threads, bad rows included.
"""

from projected cimport (
    ColumnSeed, column_claim, column_find_steady, column_forget_steady, column_grow,
    column_is_steady, column_leave_steady, column_maps_finish, column_move, column_needs_growth,
    column_rows_within, column_take_places, column_touch, column_truncate, column_used,
    column_within_steady,
)
from tensorwire._core.reading cimport (
    ON_ERROR_DROP, READ_BAD_ROW, READ_INTERRUPTED, READ_NO_MEMORY, READ_ON, READ_OVER, Reader,
    RowFault, reader_read, row_fault_add,
)
from tensorwire._core.rows cimport Rows

import os

cdef extern from "Python.h":
    int PyErr_CheckSignals() noexcept    # `project` raises, once all threads are through

cdef enum:
    # Bytes of records that a thread reads at a time: what they become stays in its cache.
    PIECE_BYTES = 128 << 10
    # Of one thread alone, which looks for signals in between.
    PIECE_BYTES_ALONE = 1 << 20
    # Rows of a piece while nobody knows how long they are, and at most.
    FIRST_ROWS = 64
    PIECE_ROWS = 1 << 16
    # Pieces for each thread at least, so that none waits long for the last one.
    PIECES_PER_THREAD = 8
    # Rows that tell how many items each has.
    STEADY_ROWS = 16
    # Looks for signals in a second that the process computes.
    LOOKS = 20

# Of hashes of map keys, so that no input can be made to collide.
cdef ColumnSeed seed = ColumnSeed(int.from_bytes(os.urandom(8), "little"),
                                  int.from_bytes(os.urandom(8), "little"))


cdef void work(Worker *worker) noexcept nogil:
    """Reads one piece after another until there is none, or reading is to stop."""
    cdef Run *run = worker.run
    cdef bint is_within = worker.reader.on_error != ON_ERROR_DROP
    while _next_piece(worker):             # progress: a row at least
        if run.worker_count == 1:
            _read_alone(worker)
        else:
            _read_piece(worker, is_within)
            if not _take_turn(worker):
                return
            column_touch(run.store, worker.touch)
            column_move(run.store, &worker.store, worker.places)
            column_forget_steady(&worker.store, run.steady)
            _moved(run)
        if worker == run.workers and run.sees_signals:
            _look_for_signals(run)
    if run.worker_count == 1 and run.outcome <= READ_BAD_ROW:
        run.nulls = worker.reader.nulls
        if column_maps_finish(run.store, &seed) < 0:
            run.outcome = READ_NO_MEMORY


cdef bint _next_piece(Worker *worker) noexcept nogil:
    """The next rows to read; False if there are none, or reading is to stop."""
    cdef Run *run = worker.run
    cdef Piece *piece = &worker.piece
    cdef bint is_there
    run_lock(run)
    while run.input < run.input_count and run.row == run.inputs[run.input].count:
        run.input += 1                     # progress: an input
        run.row = 0
    is_there = run.input < run.input_count and run.outcome == READ_ON and not run.is_ending
    if is_there:
        piece.number, piece.input, piece.first = run.given, run.input, run.row
        piece.stop = min(run.inputs[run.input].count, run.row + _piece_rows(run))
        run.given, run.row = run.given + 1, piece.stop
        worker.reader.store.limit = run.limit - run.used
        worker.is_within = run.is_steady
        run.within += worker.is_within
    run_unlock(run)
    return is_there


cdef size_t _piece_rows(const Run *run) noexcept nogil:
    """By what the rows before had."""
    cdef size_t nbytes = PIECE_BYTES_ALONE if run.worker_count == 1 else PIECE_BYTES
    cdef size_t rows = FIRST_ROWS
    if run.through_rows:
        nbytes = nbytes / (run.through_bytes / run.through_rows + 1)
        rows = min(nbytes, <size_t> PIECE_ROWS)
    if run.worker_count > 1:
        rows = min(rows, run.rows / (run.worker_count * PIECES_PER_THREAD))
    return max(rows, 1)


cdef inline int _read(Worker *worker, bint is_watched) noexcept nogil:
    cdef const Piece *piece = &worker.piece
    cdef const Input *input = &worker.run.inputs[piece.input]
    return reader_read(&worker.reader, <Rows> input.rows, piece.first, piece.stop, input.before,
                       input.origin, is_watched)


cdef inline bint _is_over(const Worker *worker) noexcept nogil:
    """Whether the piece is to be read row by row, to find the one that passes the limit."""
    return worker.status == READ_OVER or (
        worker.status <= READ_BAD_ROW and worker.used > worker.reader.store.limit)


cdef void _read_alone(Worker *worker) noexcept nogil:
    """A piece right to its place."""
    cdef Run *run = worker.run
    cdef Reader *reader = &worker.reader
    cdef size_t row = run.store.counts[0], faults = run.faults.count, nulls = reader.nulls
    worker.status = _read(worker, False)
    worker.used = column_used(run.store)
    if _is_over(worker):
        column_truncate(run.store, 0, row)
        run.faults.count, reader.nulls = faults, nulls
        worker.status = _read(worker, True)
    run.outcome, run.wrong_row = worker.status, reader.wrong_row
    run.through_rows += worker.piece.stop - worker.piece.first
    run.through_bytes = reader.nbytes


cdef void _read_piece(Worker *worker, bint is_within) noexcept nogil:
    """A piece into the worker's own store."""
    cdef Run *run = worker.run
    cdef Piece *piece = &worker.piece
    cdef size_t rows = piece.stop - piece.first
    cdef size_t first = run.inputs[piece.input].before + piece.first
    worker.status = READ_ON
    if worker.is_within:
        column_within_steady(&worker.store, run.store, run.steady, first, rows)
    if is_within:
        column_rows_within(&worker.store, run.store, 0, first, rows)
    elif rows > worker.rows and column_grow(&worker.store, 0, rows) < 0:
        worker.status = READ_NO_MEMORY
    worker.rows = max(worker.rows, rows)
    worker.faults.count = worker.reader.nulls = worker.reader.nbytes = 0
    if worker.status == READ_ON:
        worker.status = _read(worker, False)
        _finish(worker)
    if worker.status != READ_ON and worker.status != READ_OVER:
        run_lock(run)
        run.is_ending = True               # what comes behind is not wanted
        run_unlock(run)


cdef void _finish(Worker *worker) noexcept nogil:
    worker.used = column_used(&worker.store)
    if worker.status <= READ_BAD_ROW and column_maps_finish(&worker.store, &seed) < 0:
        worker.status = READ_NO_MEMORY


cdef bint _take_turn(Worker *worker) noexcept nogil:
    """Waits for the pieces before, and gives this one its places; False: reading is to stop."""
    cdef Run *run = worker.run
    cdef bint goes_on
    run_lock(run)
    while run.through != worker.piece.number and run.outcome == READ_ON:
        if worker.is_within and not run.is_steady:
            _leave_steady(worker)
        _wait(worker)                      # progress: by the thread whose turn it is
    if run.outcome == READ_ON:
        worker.store.limit = run.limit - run.used
        if _is_over(worker):
            run_unlock(run)                # it stays this one's turn
            column_truncate(&worker.store, 0, 0)
            worker.faults.count = worker.reader.nulls = worker.reader.nbytes = 0
            worker.status = _read(worker, True)
            _finish(worker)
            run_lock(run)
        _settle(worker)
    goes_on = run.outcome == READ_ON
    _wake(run)
    run_unlock(run)
    return goes_on


cdef void _settle(Worker *worker) noexcept nogil:
    """What the worker read becomes part of the whole. REQUIRES: the lock, and its turn."""
    cdef Run *run = worker.run
    cdef Reader *reader = &worker.reader
    cdef RowFault *bad
    cdef size_t i
    cdef int status
    _settle_steady(worker)
    status = worker.status
    while run.moving and run.outcome == READ_ON and (
            column_needs_growth(run.store, &worker.store)):
        _wait(worker)                      # progress: moves come to an end
    if run.outcome != READ_ON:
        return
    if status <= READ_BAD_ROW and column_take_places(run.store, &worker.store, worker.places) < 0:
        status = READ_NO_MEMORY
    for i in range(worker.faults.count):
        bad = &worker.faults.items[i]
        if row_fault_add(run.faults, bad.row, &bad.fault) < 0:
            status = READ_NO_MEMORY
    run.outcome, run.wrong_row = status, reader.wrong_row
    run.nulls += reader.nulls
    run.used += worker.used
    run.through += 1
    run.through_rows += worker.piece.stop - worker.piece.first
    run.through_bytes += reader.nbytes
    if status == READ_ON:
        column_claim(run.store, &worker.store, run.worker_count + 2, run.touched, worker.touch)
        run.moving += 1


cdef void _settle_steady(Worker *worker) noexcept nogil:
    """Sees to it that no piece but this one lies where this one's rows go to.

    REQUIRES: the lock, and its turn."""
    cdef Run *run = worker.run
    cdef size_t rows = worker.piece.stop - worker.piece.first
    if run.is_steady and worker.status <= READ_BAD_ROW and not column_is_steady(
            &worker.store, run.steady, rows):
        run.is_steady = False
        _wake(run)
    if worker.is_within and not run.is_steady:
        _leave_steady(worker)
    while run.within and not run.is_steady and run.outcome == READ_ON:
        _wait(worker)                      # progress: those who read come to an end
    if worker.is_within:
        worker.is_within = False
        run.within -= 1
    if run.is_sought or run.through_rows < STEADY_ROWS:
        return
    while run.moving and run.outcome == READ_ON:
        _wait(worker)                      # progress: moves come to an end
    run.is_sought = True
    run.is_steady = run.outcome == READ_ON and (
        column_find_steady(run.store, run.through_rows, run.rows, run.steady)
        and column_is_steady(&worker.store, run.steady, rows))


cdef void _leave_steady(Worker *worker) noexcept nogil:
    """A piece goes out of the store, where others' rows come to. REQUIRES: the lock."""
    if column_leave_steady(&worker.store, worker.run.steady) < 0:
        worker.status = READ_NO_MEMORY
    worker.is_within = False
    worker.run.within -= 1
    if worker.run.within == 0:
        _wake(worker.run)


cdef void _moved(Run *run) noexcept nogil:
    run_lock(run)
    run.moving -= 1
    if run.moving == 0:
        _wake(run)
    run_unlock(run)


cdef void _wait(Worker *worker) noexcept nogil:
    """Until `_wake` finds that it is the worker's turn, or moves are through, or all is over.
    REQUIRES: the lock."""
    worker.waits = True
    run_unlock(worker.run)
    PyThread_acquire_lock(worker.turn, WAIT_LOCK)
    run_lock(worker.run)


cdef void _wake(Run *run) noexcept nogil:
    """REQUIRES: the lock."""
    cdef Worker *worker
    cdef size_t i
    for i in range(run.worker_count):
        worker = &run.workers[i]
        if worker.waits and (worker.piece.number == run.through or run.outcome != READ_ON
                             or worker.is_within and not run.is_steady):
            worker.waits = False
            PyThread_release_lock(worker.turn)


cdef void _look_for_signals(Run *run) noexcept nogil:
    """Lets handlers of signals run, if some time has gone by."""
    cdef clock_t now = clock()
    cdef int status
    if now - run.looked < CLOCKS_PER_SEC / LOOKS:
        return
    run.looked = now
    with gil:
        status = PyErr_CheckSignals()
    if status < 0:
        run_lock(run)
        run.outcome = READ_INTERRUPTED
        _wake(run)
        run_unlock(run)


cdef void run_lock(Run *run) noexcept nogil:
    if run.lock != NULL:
        PyThread_acquire_lock(run.lock, WAIT_LOCK)


cdef void run_unlock(Run *run) noexcept nogil:
    if run.lock != NULL:
        PyThread_release_lock(run.lock)
