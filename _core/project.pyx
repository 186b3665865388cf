"""Running a projection over rows, and the arrays that come out."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy

from projected cimport (
    ColumnSeed, ColumnStore, ProjectedTable, ProjectFrame, ProjectWalk, column_clear,
    column_maps_finish, column_open, column_store_free, column_store_new, column_store_within,
    column_truncate, memory_shrink, project_record,
)
from tensorwire._core.block cimport Block, block_fresh, block_held
from tensorwire._core.bulk cimport kernel_in_use
from tensorwire._core.faults cimport fault_error
from tensorwire._core.projection cimport Projection
from tensorwire._core.rows cimport Rows, RowSpan
from tensorwire._core.verify cimport verify
from wire cimport FAULT_NO_MEMORY, Fault

cimport cython

import os

cdef enum:
    BATCH = 512              # rows whose places are on the stack at a time: 12 KiB

cdef enum:
    ON_ERROR_RAISE
    ON_ERROR_NULL
    ON_ERROR_DROP

cdef enum:
    VERIFY_VISITED
    VERIFY_ALL
    VERIFY_NONE              # the bytes were verified before

RAISE, NULL_ROW, DROP = ON_ERROR_RAISE, ON_ERROR_NULL, ON_ERROR_DROP
VISITED, ALL, TRUSTED = VERIFY_VISITED, VERIFY_ALL, VERIFY_NONE

cdef const uint8_t *NOTHING = b""

cdef struct RowFault:
    size_t row
    Fault fault

# Of hashes of map keys, so that no input can be made to collide.
cdef ColumnSeed seed = ColumnSeed(int.from_bytes(os.urandom(8), "little"),
                                  int.from_bytes(os.urandom(8), "little"))


@cython.final
@cython.no_gc_clear          # the store's end needs the projection
cdef class Whole:
    """Arrays for ``count`` rows, that parts fill in place where no row is dropped."""

    cdef readonly Projection projection
    cdef readonly size_t count
    cdef ColumnStore store

    def __cinit__(self, Projection projection not None, size_t count):
        self.projection, self.count = projection, count
        if column_store_new(&self.store, &projection.plan, count, 0) < 0:
            raise MemoryError

    def __dealloc__(self):
        if self.store.plan != NULL:
            column_store_free(&self.store)


@cython.final
@cython.no_gc_clear        # its end needs the projection
cdef class Part:
    """What a range of rows became. Its arrays are taken over by a `Decoded`."""

    cdef readonly Projection projection
    cdef readonly size_t nulls           # rows that are null or bad
    cdef readonly Whole whole            # whose rows it filled, or None
    cdef ColumnStore store
    cdef RowFault *_faults
    cdef size_t _fault_count
    cdef size_t _fault_room
    cdef size_t _wrong_row               # whose numbers leave the buffer, +1; 0: none
    cdef Rows _rows

    def __dealloc__(self):
        column_store_free(&self.store)     # with no look at the projection, which may be gone
        free(self._faults)

    @property
    def failed(self):
        """How many rows are bad."""
        return self._fault_count

    def fault(self, size_t i, /):
        """``(row, error)`` of bad row number ``i``; the row counts in its chunk."""
        if i >= self._fault_count:
            raise IndexError(f"bad row {i} of {self._fault_count}")
        return self._faults[i].row, _error(self, i)


cdef object _error(Part self, size_t i):
    cdef RowSpan span
    cdef Fault fault = self._faults[i].fault
    # A row that has moved since, or has been cut, has no path to the fault any more.
    if self._rows.fill(self._faults[i].row, 1, &span) == 0 or span.at == NULL:
        span.at, span.length = NOTHING, 0
    return fault_error(self.projection.kind.plan, span.at, 0, span.length, &fault)


def project(Projection projection not None, Rows rows not None, size_t first, size_t stop,
            uint64_t origin, int on_error, int check, int depth, Whole whole=None,
            size_t place=0, /):
    """A `Part` of the rows [first, stop), whose addresses begin at ``origin``.

    With ``whole``, the rows go to its rows from ``place`` on, which no other part may fill.
    The GIL is released. Stops at a bad row if ``on_error`` says so; the part then has its fault.
    Raises: ``MemoryError``, ``ValueError`` for rows whose numbers leave their buffer.
    """
    cdef Part part = Part.__new__(Part)
    cdef int status
    if not first <= stop <= rows.count:
        raise IndexError(f"rows [{first}, {stop}) of {rows.count}")
    part.projection, part._rows, part.whole = projection, rows, whole
    if whole is not None:
        if (whole.projection is not projection or on_error == ON_ERROR_DROP
                or whole.store.arrays[0] == NULL       # handed over
                or place > whole.count or stop - first > whole.count - place):
            raise ValueError("the rows are none of the whole's")
    with nogil:
        if part.whole is None:
            status = column_store_new(&part.store, &projection.plan, stop - first, rows.nbytes)
        else:
            status = column_store_within(&part.store, &part.whole.store, place, stop - first,
                                         rows.nbytes)
        if status == 0:
            status = _project_rows(part, rows, first, stop, origin, on_error, check, depth)
        if status == 0:
            status = column_maps_finish(&part.store, &seed)
    if part._wrong_row:
        raise ValueError(f"record {part._wrong_row - 1} leaves its buffer")
    if status < 0:
        raise MemoryError
    return part


cdef int _project_rows(Part part, Rows rows, size_t first, size_t stop, uint64_t origin,
                       int on_error, int check, int depth) noexcept nogil:
    """0, or -1: out of memory, or ``_wrong_row``."""
    cdef RowSpan spans[BATCH]
    cdef ProjectWalk walk
    cdef Fault fault
    cdef size_t at = first, count, good, i, row
    cdef int status = 0
    walk.store, walk.fault, walk.kernel = &part.store, &fault, kernel_in_use()
    walk.check_utf8 = check != VERIFY_NONE
    walk.frames = <ProjectFrame *> malloc(part.projection.plan.depth * sizeof(ProjectFrame))
    if walk.frames == NULL:
        return -1
    while at < stop and status == 0:       # progress: by the rows of a batch
        count = min(stop - at, <size_t> BATCH)
        good = rows.fill(at, count, spans)
        for i in range(good):
            row = column_open(&part.store, 0)
            if row == <size_t> -1:
                status = -1
                break
            if spans[i].at == NULL:
                part.store.arrays[0][row] = 1
                part.nulls += 1
                continue
            walk.base, walk.origin = spans[i].at, origin + spans[i].origin
            if check == VERIFY_ALL and verify(spans[i].at, 0, spans[i].length,
                                              part.projection.kind.plan, depth, &fault) < 0:
                status = _bad_row(part, at + i, row, &fault, on_error)
            elif project_record(&walk, spans[i].at, spans[i].at + spans[i].length, row) < 0:
                status = _bad_row(part, at + i, row, &fault, on_error)
            if status:
                break
        if status == 0 and good < count:
            part._wrong_row = at + good + 1
            status = -1
        at += count
    free(walk.frames)
    return status if status < 0 else 0


cdef int _bad_row(Part part, size_t number, size_t row, Fault *fault, int on_error) noexcept nogil:
    """Notes the fault and takes back what the row left. 1: stop here; -1: out of memory."""
    cdef RowFault *grown
    cdef size_t room
    if fault.reason == FAULT_NO_MEMORY:
        return -1
    if part._fault_count == part._fault_room:
        room = part._fault_room * 2 if part._fault_room else 8
        grown = <RowFault *> realloc(part._faults, room * sizeof(RowFault))
        if grown == NULL:
            return -1
        part._faults, part._fault_room = grown, room
    part._faults[part._fault_count].row = number
    part._faults[part._fault_count].fault = fault[0]
    part._fault_count += 1
    column_clear(&part.store, part.projection.plan.root, row)
    if on_error == ON_ERROR_RAISE:
        return 1
    if on_error == ON_ERROR_DROP:
        column_truncate(&part.store, 0, row)
    else:
        part.store.arrays[0][row] = 1
        part.nulls += 1
    return 0


@cython.final
cdef class Decoded:
    """The arrays of parts, joined in their order.

    One part hands its memory over. Of several, `take` copies one, with the GIL released: it is to
    be called once for each, from any threads at once.
    """

    cdef readonly Projection projection
    cdef readonly size_t nulls
    cdef list _parts
    cdef list _arrays
    cdef list _starts
    cdef list _counts        # rows of each table
    cdef size_t *_before     # rows of the tables of the parts before each part
    cdef bint _is_whole      # the rows were filled in place

    def __cinit__(self, Projection projection not None, list parts not None, Whole whole=None):
        cdef Part part
        cdef size_t k, tables = projection.plan.table_count, count = <size_t> len(parts)
        cdef uint32_t t
        self.projection, self._parts = projection, parts
        self._before = <size_t *> calloc((count + 1) * tables, sizeof(size_t))
        if self._before == NULL:
            raise MemoryError
        for k in range(count):
            part = parts[k]
            if part.projection is not projection:
                raise ValueError("parts of another projection")
            if part.whole is not whole:
                raise ValueError("parts of another whole")
            if part.store.arrays[0] == NULL:
                raise ValueError("a part was handed over before")
            self.nulls += part.nulls
            for t in range(tables):
                self._before[(k + 1) * tables + t] = (
                    self._before[k * tables + t] + part.store.counts[t])
        self._counts = [self._before[count * tables + t] for t in range(tables)]
        self._is_whole = whole is not None
        if count == 1 and whole is None:
            self._hand_over(parts[0])
            return
        self._allocate()
        if whole is not None:
            if whole.count != self._counts[0] or whole.store.arrays[0] == NULL:
                raise ValueError("parts that are not the whole, or that was handed over before")
            self._hand_over_rows(whole)

    def __dealloc__(self):
        free(self._before)

    cdef int _hand_over(self, Part part) except -1:
        cdef ColumnStore *store = &part.store
        cdef uint32_t t, i
        cdef const ProjectedTable *table
        self._arrays = [None] * self.projection.plan.array_count
        self._starts = [None] * self.projection.plan.list_count
        for t in range(self.projection.plan.table_count):
            table = &self.projection.plan.tables[t]
            for i in range(table.arrays.first, table.arrays.stop):
                self._arrays[i] = _shrunk(<void **> &store.arrays[i], &store.sizes[i],
                                          store.counts[t] * self.projection.plan.widths[i])
            for i in range(table.lists.first, table.lists.stop):
                if store.starts[i] != NULL:
                    store.starts[i][store.counts[t]] = (
                        <int64_t> store.counts[self.projection.plan.lists[i].table])
                self._starts[i] = _shrunk(<void **> &store.starts[i], &store.starts_sizes[i],
                                          (store.counts[t] + 1) * 8)
        return 0

    cdef int _hand_over_rows(self, Whole whole) except -1:
        """The rows themselves, which the parts filled in place."""
        cdef ColumnStore *store = &whole.store
        cdef const ProjectedTable *table = &self.projection.plan.tables[0]
        cdef size_t count = whole.count
        cdef uint32_t i
        for i in range(table.arrays.first, table.arrays.stop):
            self._arrays[i] = _shrunk(<void **> &store.arrays[i], &store.sizes[i],
                                      count * self.projection.plan.widths[i])
        for i in range(table.lists.first, table.lists.stop):
            store.starts[i][count] = self._counts[self.projection.plan.lists[i].table]
            self._starts[i] = _shrunk(<void **> &store.starts[i], &store.starts_sizes[i],
                                      (count + 1) * 8)
        return 0

    cdef int _allocate(self) except -1:
        cdef uint32_t t, i
        cdef const ProjectedTable *table
        cdef Block block
        self._arrays = [None] * self.projection.plan.array_count
        self._starts = [None] * self.projection.plan.list_count
        for t in range(1 if self._is_whole else 0, self.projection.plan.table_count):
            table = &self.projection.plan.tables[t]
            for i in range(table.arrays.first, table.arrays.stop):
                self._arrays[i] = block_fresh(
                    self._counts[t] * self.projection.plan.widths[i], False)
            for i in range(table.lists.first, table.lists.stop):
                block = block_fresh((self._counts[t] + 1) * 8, False)
                (<int64_t *> block._data)[<size_t> self._counts[t]] = (
                    self._counts[self.projection.plan.lists[i].table])
                self._starts[i] = block
        return 0

    def take(self, size_t k, /):
        """Copies part number ``k`` to where it belongs; nothing is left to do of a single one."""
        cdef Part part = self._parts[k]
        cdef size_t tables = self.projection.plan.table_count, row, before, rows
        cdef const size_t *bases = self._before + k * tables
        cdef const ProjectedTable *table
        cdef int64_t *into
        cdef Block block
        cdef uint32_t t, i
        cdef bint in_place
        if len(self._parts) == 1 and not self._is_whole:
            return
        for t in range(tables):
            table = &self.projection.plan.tables[t]
            rows = part.store.counts[t]
            in_place = t == 0 and self._is_whole
            for i in range(table.arrays.first, table.arrays.stop if not in_place else 0):
                block = self._arrays[i]
                _copy(block, part.store.arrays[i], bases[t], rows,
                      self.projection.plan.widths[i])
            for i in range(table.lists.first, table.lists.stop):
                block = self._starts[i]
                into = <int64_t *> block._data + bases[t]
                before = bases[self.projection.plan.lists[i].table]
                if in_place:
                    with nogil:
                        for row in range(rows):
                            into[row] += <int64_t> before
                    continue
                with nogil:
                    for row in range(rows):
                        into[row] = part.store.starts[i][row] + <int64_t> before

    def rows(self, size_t table, /):
        """How many rows a table has."""
        return self._counts[table]

    def array(self, size_t number, /):
        """The memory of an array."""
        return self._arrays[number]

    def starts(self, size_t number, /):
        """The memory of a list's offsets, int64."""
        return self._starts[number]


cdef int _copy(Block block, const uint8_t *data, size_t first, size_t rows, size_t width) except -1:
    if rows:
        with nogil:
            memcpy(<uint8_t *> block._data + first * width, data, rows * width)
    return 0


cdef Block _shrunk(void **place, size_t *held, size_t size):
    """The block at ``place``, which is then empty, cut to ``size``."""
    cdef void *data = place[0]
    if data == NULL:
        return block_fresh(size, True)
    place[0] = NULL
    data = memory_shrink(data, held, size)
    return block_held(data, size, held[0])
