"""Running a projection over rows, by one thread or several."""

from cpython.object cimport PyObject
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from projected cimport column_grow, column_store_begin, column_store_free
from tensorwire._core.decoded cimport Decoded
from tensorwire._core.message_sets cimport message_sets_flattened
from tensorwire._core.pieces cimport (
    PYTHREAD_INVALID_THREAD_ID, WAIT_LOCK, Input, PyThread_acquire_lock, PyThread_allocate_lock,
    PyThread_free_lock, PyThread_release_lock, PyThread_start_new_thread, Run, Worker, clock,
    run_lock, run_unlock, work,
)
from tensorwire._core.projection cimport Projection
from tensorwire._core.reading cimport (
    ON_ERROR_DROP, ON_ERROR_NULL, ON_ERROR_RAISE, READ_INTERRUPTED, READ_NO_MEMORY, READ_WRONG_ROW,
    Reader, VERIFY_ALL, VERIFY_NONE, VERIFY_VISITED, reader_begin, reader_end,
)
from tensorwire._core.rows cimport Rows, RowSpan

cdef enum:
    THREADS_MAX = 256        # whatever is asked for

RAISE, NULL_ROW, DROP = ON_ERROR_RAISE, ON_ERROR_NULL, ON_ERROR_DROP
VISITED, ALL, TRUSTED = VERIFY_VISITED, VERIFY_ALL, VERIFY_NONE


def without_message_sets(Projection projection not None, Rows rows not None, /):
    """The rows with each item of a message set as a plain field, as a projection reads them.

    Copies: all records. Rows whose numbers are wrong are given back as they are.
    """
    cdef list records = []
    cdef RowSpan span
    cdef size_t row
    for row in range(rows.count):
        if rows.fill(row, 1, &span) == 0:
            return rows
        records.append(None if span.at == NULL else message_sets_flattened(
            projection.kind.plan, span.at, 0, span.length))
    return Rows.of_list(records)


def project(Projection projection not None, tuple inputs not None, int on_error, int check,
            int depth, size_t threads, size_t limit, bint sees_signals, /):
    """`Decoded` of all rows of some `Rows`, read by up to ``threads`` threads, this one among them.

    ``limit``: bytes that the arrays may take, for the rows alone enough; one whose lists pass it is
    a bad row. ``sees_signals``: whether this is the main thread, which handles signals meanwhile.
    The GIL is released. Stops at a bad row if ``on_error`` says so: then it is the last of the
    faults. Raises: ``MemoryError``; ``ValueError`` for rows whose numbers leave their buffer; what
    a signal's handler raises.
    """
    cdef Decoded decoded = Decoded.__new__(Decoded)
    cdef Run run
    cdef Rows rows
    cdef size_t nbytes = 0
    memset(&run, 0, sizeof(run))
    decoded.projection, decoded.inputs = projection, inputs
    decoded.limit = limit
    run.store, run.faults = &decoded.store, &decoded.faults
    run.sees_signals, run.looked = sees_signals, clock()
    try:
        run.inputs = <Input *> calloc(<size_t> len(inputs) + 1, sizeof(Input))
        if run.inputs == NULL:
            raise MemoryError
        for rows in inputs:
            run.inputs[run.input_count] = Input(<PyObject *> rows, rows.count, run.rows, nbytes)
            run.input_count += 1
            run.rows += rows.count
            nbytes += rows.nbytes
        if run.rows * projection.row_bytes > limit:
            raise ValueError(f"{run.rows} rows take more than {limit} bytes")
        run.limit = limit - run.rows * <size_t> projection.row_bytes
        _begin(&run, projection, nbytes, max(1, min(threads, run.rows, <size_t> THREADS_MAX)))
        for worker in range(run.worker_count):
            _begin_worker(&run, &run.workers[worker], projection, on_error, check, depth, nbytes)
        _start(&run)
        with nogil:
            work(&run.workers[0])
            _leave(&run, True)
        _raise_outcome(&run)
    finally:
        _end(&run)
    decoded.nulls = run.nulls
    decoded.hand_over()
    return decoded


cdef int _begin(Run *run, Projection projection, size_t nbytes, size_t threads) except -1:
    if (column_store_begin(run.store, &projection.plan, nbytes, run.limit) < 0
            or column_grow(run.store, 0, max(run.rows, 1)) < 0):
        raise MemoryError
    run.workers = <Worker *> calloc(threads, sizeof(Worker))
    if run.workers == NULL:
        raise MemoryError
    run.worker_count = threads
    if threads > 1:
        run.lock, run.done = PyThread_allocate_lock(), PyThread_allocate_lock()
        run.touched = <size_t *> calloc(projection.plan.table_count, sizeof(size_t))
        run.steady = <size_t *> calloc(projection.plan.table_count, sizeof(size_t))
        if (run.lock == NULL or run.done == NULL or run.touched == NULL
                or run.steady == NULL):
            raise MemoryError
        PyThread_acquire_lock(run.done, WAIT_LOCK)
    return 0


cdef int _begin_worker(Run *run, Worker *worker, Projection projection, int on_error, int check,
                       int depth, size_t nbytes) except -1:
    cdef Reader *reader = &worker.reader
    worker.run = run
    reader.on_error, reader.check, reader.depth = on_error, check, depth
    reader.store, reader.faults = run.store, run.faults
    if run.worker_count > 1:
        reader.store, reader.faults = &worker.store, &worker.faults
        worker.places = <size_t *> calloc(projection.plan.table_count, sizeof(size_t))
        worker.touch = <size_t *> calloc(projection.plan.table_count, 2 * sizeof(size_t))
        worker.turn = PyThread_allocate_lock()
        if (worker.places == NULL or worker.touch == NULL or worker.turn == NULL
                or column_store_begin(&worker.store, &projection.plan, nbytes, run.limit) < 0):
            raise MemoryError
        PyThread_acquire_lock(worker.turn, WAIT_LOCK)
    if reader_begin(reader, projection) < 0:
        raise MemoryError
    return 0


cdef void _end(Run *run) noexcept:
    cdef Worker *worker
    cdef size_t i
    for i in range(run.worker_count):
        worker = &run.workers[i]
        reader_end(&worker.reader)
        column_store_free(&worker.store)
        free(worker.places)
        free(worker.touch)
        free(worker.faults.items)
        if worker.turn != NULL:
            PyThread_free_lock(worker.turn)
    free(run.workers)
    free(run.inputs)
    free(run.touched)
    free(run.steady)
    if run.lock != NULL:
        PyThread_free_lock(run.lock)
    if run.done != NULL:
        PyThread_free_lock(run.done)


cdef int _start(Run *run) except -1:
    """Threads beside this one, fewer where the system has no more. They know nothing of Python and
    end before the call does: no fork and no end of the interpreter can come across them."""
    cdef size_t i
    run.working = run.worker_count
    for i in range(1, run.worker_count):
        if PyThread_start_new_thread(_help, &run.workers[i]) == PYTHREAD_INVALID_THREAD_ID:
            run_lock(run)
            run.working -= run.worker_count - i
            run_unlock(run)
            break
    return 0


cdef void _help(void *of) noexcept nogil:
    """What a thread beside the caller's does."""
    cdef Worker *worker = <Worker *> of
    work(worker)
    _leave(worker.run, False)


cdef void _leave(Run *run, bint is_caller) noexcept nogil:
    """Ends a thread's work. The caller's waits for the others, which touch the run no more."""
    cdef bint is_last
    if run.worker_count == 1:
        return
    run_lock(run)
    run.working -= 1
    is_last = run.working == 0
    run_unlock(run)
    if is_caller and not is_last:
        PyThread_acquire_lock(run.done, WAIT_LOCK)
    elif is_last and not is_caller:
        PyThread_release_lock(run.done)


cdef int _raise_outcome(Run *run) except -1:
    if run.outcome == READ_NO_MEMORY:
        raise MemoryError
    if run.outcome == READ_WRONG_ROW:
        raise ValueError(f"record {run.wrong_row} leaves its buffer")
    return -1 if run.outcome == READ_INTERRUPTED else 0
