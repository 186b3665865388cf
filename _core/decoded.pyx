"""What a projection made of rows: arrays, and which rows were bad."""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free

from projected cimport ColumnStore, ProjectedTable, column_store_free, memory_shrink
from tensorwire._core.block cimport Block, block_fresh, block_held
from tensorwire._core.faults cimport fault_error
from tensorwire._core.rows cimport Rows, RowSpan
from wire cimport FAULT_GROWN, Fault

cimport cython

cdef const uint8_t *NOTHING = b""


@cython.final
@cython.no_gc_clear          # the store's end needs the projection
cdef class Decoded:
    """The arrays of all rows, made by `project`."""

    def __init__(self):
        raise TypeError("made by project()")

    def __dealloc__(self):
        column_store_free(&self.store)
        free(self.faults.items)

    @property
    def failed(self):
        """How many rows are bad."""
        return self.faults.count

    def fault(self, size_t i, /):
        """``(row, error)`` of bad row number ``i``; the row counts over the whole input."""
        cdef Rows rows
        cdef RowSpan span
        cdef Fault fault
        cdef size_t row
        if i >= self.faults.count:
            raise IndexError(f"bad row {i} of {self.faults.count}")
        row, fault = self.faults.items[i].row, self.faults.items[i].fault
        for rows in self.inputs:
            if row < rows.count:
                break
            row -= rows.count
        # A row that has moved since, or has been cut, has no path to the fault any more.
        if rows.fill(row, 1, &span) == 0 or span.at == NULL:
            span.at, span.length = NOTHING, 0
        if fault.reason == FAULT_GROWN:
            fault.wanted = self.limit      # of all, not what was left
        error = fault_error(self.projection.kind.plan, span.at, 0, span.length, &fault)
        return self.faults.items[i].row, error

    def rows(self, size_t table, /):
        """How many rows a table has."""
        if table >= self.projection.plan.table_count:
            raise IndexError(f"table {table} of {self.projection.plan.table_count}")
        return self.store.counts[table]

    def array(self, size_t number, /):
        """The memory of an array."""
        return self._arrays[number]

    def starts(self, size_t number, /):
        """The memory of a list's offsets, int64."""
        return self._starts[number]

    cdef int hand_over(self) except -1:
        """Makes blocks of the store's arrays, once all rows are in it."""
        cdef ColumnStore *store = &self.store
        cdef const ProjectedTable *table
        cdef uint32_t t, i
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


cdef Block _shrunk(void **place, size_t *held, size_t size):
    """The block at ``place``, which is then empty, cut to ``size``."""
    cdef void *data = place[0]
    if data == NULL:
        return block_fresh(size, True)
    place[0] = NULL
    data = memory_shrink(data, held, size)
    return block_held(data, size, held[0])
