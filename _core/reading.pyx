"""Reading rows into a column store, and what becomes of bad ones."""

from libc.stdint cimport uint64_t
from libc.stdlib cimport free, malloc, realloc

from projected cimport (
    ColumnStore, ProjectFrame, column_clear, column_open, column_truncate, column_unwatch,
    column_used, column_watch, project_record,
)
from tensorwire._core.bulk cimport kernel_in_use
from tensorwire._core.projection cimport Projection
from tensorwire._core.rows cimport Rows, RowSpan
from tensorwire._core.verify cimport verify
from wire cimport FAULT_GROWN, FAULT_NO_MEMORY, Fault, fault_set

cdef enum:
    BATCH = 512              # rows whose places are on the stack at a time: 12 KiB


cdef int reader_begin(Reader *reader, Projection projection) noexcept:
    reader.plan = projection.kind.plan
    reader.walk.store, reader.walk.fault = reader.store, &reader.fault
    reader.walk.kernel, reader.walk.check_utf8 = kernel_in_use(), reader.check != VERIFY_NONE
    reader.walk.frames = <ProjectFrame *> malloc(projection.plan.depth * sizeof(ProjectFrame))
    return 0 if reader.walk.frames != NULL else -1


cdef void reader_end(Reader *reader) noexcept:
    free(reader.walk.frames)


cdef int reader_read(Reader *reader, Rows rows, size_t first, size_t stop, size_t before,
                     uint64_t origin, bint is_watched) noexcept nogil:
    cdef RowSpan spans[BATCH]
    cdef size_t at = first, count, good, i
    cdef int status = READ_ON
    while at < stop and status == READ_ON:     # progress: by the rows of a batch
        count = min(stop - at, <size_t> BATCH)
        good = rows.fill(at, count, spans)
        for i in range(good):
            status = _read_row(reader, &spans[i], before + at + i, origin, is_watched)
            if status != READ_ON:
                break
        if status == READ_ON and good < count:
            reader.wrong_row = at + good
            status = READ_WRONG_ROW
        at += count
    if is_watched:
        column_unwatch(reader.store)
    return status


cdef inline int _read_row(Reader *reader, const RowSpan *span, size_t number, uint64_t origin,
                          bint is_watched) noexcept nogil:
    cdef ColumnStore *store = reader.store
    cdef size_t row = column_open(store, 0)
    if row == <size_t> -1:
        return READ_NO_MEMORY
    if span.at == NULL:
        store.arrays[0][row] = 1
        reader.nulls += 1
        return READ_ON
    reader.nbytes += span.length
    reader.walk.base, reader.walk.origin = span.at, origin + span.origin
    if is_watched:
        column_watch(store)
    if reader.check == VERIFY_ALL and verify(span.at, 0, span.length, reader.plan, reader.depth,
                                             &reader.fault) < 0:
        return _bad_row(reader, number, row)
    if project_record(&reader.walk, span.at, span.at + span.length, row) < 0:
        if reader.fault.reason == FAULT_GROWN and not is_watched:
            return READ_OVER
        return _bad_row(reader, number, row)
    if is_watched and column_used(store) > store.limit:
        fault_set(&reader.fault, FAULT_GROWN, 0, store.limit, 0)
        return _bad_row(reader, number, row)
    return READ_ON


cdef int _bad_row(Reader *reader, size_t number, size_t row) noexcept nogil:
    """Notes the fault and takes back what the row left."""
    if reader.fault.reason == FAULT_NO_MEMORY:
        return READ_NO_MEMORY
    if row_fault_add(reader.faults, number, &reader.fault) < 0:
        return READ_NO_MEMORY
    column_clear(reader.store, reader.walk.store.plan.root, row)
    if reader.on_error == ON_ERROR_RAISE:
        return READ_BAD_ROW
    if reader.on_error == ON_ERROR_DROP:
        column_truncate(reader.store, 0, row)
    else:
        reader.store.arrays[0][row] = 1
        reader.nulls += 1
    return READ_ON


cdef int row_fault_add(RowFaults *faults, size_t row, const Fault *fault) noexcept nogil:
    cdef size_t room
    cdef RowFault *grown
    if faults.count == faults.room:
        room = faults.room * 2 if faults.room else 8
        grown = <RowFault *> realloc(faults.items, room * sizeof(RowFault))
        if grown == NULL:
            return -1
        faults.items, faults.room = grown, room
    faults.items[faults.count].row = row
    faults.items[faults.count].fault = fault[0]
    faults.count += 1
    return 0
