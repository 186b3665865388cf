"""Running a projection over tables of FlatBuffers, and the arrays that come out."""

from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memchr

from flat cimport FLAT_IS_TABLES, FlatObject
from flat_projected cimport (
    FlatArray, FlatProjector, FlatStore, FlatTablePlan, TakeStep, flat_store_add, flat_store_free,
    flat_store_new, flat_store_open, memory_shrink, take_changed, take_charge, take_each,
    take_no_room, take_structs, take_table,
)
from tensorwire._core.array_views cimport array_over
from tensorwire._core.block cimport Block, block_fresh, block_held
from tensorwire._core.flat_projection cimport FlatProjection
from tensorwire._core.flat_vector cimport FlatVector
from tensorwire._core.flat_view cimport FlatGround, FlatView
from tensorwire._core.source cimport Source
from wire cimport FAULT_GROWN, FAULT_NO_MEMORY, FAULT_UNFOLDED, Fault, FaultText, fault_text

from tensorwire.errors import DecodeError, LimitError

cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX

cdef enum:
    # Below this size the GIL is kept: see parse.pyx.
    NOGIL_BYTES = 32 * 1024
    UNIT = 4                 # bytes that an item has at least

# NumPy's dtypes, once an array is made.
cdef object INT64 = None, BOOL = None

# A table or struct that becomes a row; `base` NULL: a null row.
cdef struct FlatRoot:
    const uint8_t *base
    size_t size
    size_t at
    int64_t origin


# What is asked for of one call.
cdef struct Run:
    FlatProjector walk
    Fault fault
    FlatStore store
    FlatRoot *roots
    size_t count             # of them
    FlatRoot first           # of a single view, or of a vector
    size_t vector_first      # of a vector: its first offset
    size_t failed            # row of the fault
    bint is_vector
    bint is_struct


def rows_type(rows, /):
    """``(plans, place)`` of the type of a view, of the elements of a vector of tables, or of the
    views of a list, of which some may be None.

    Raises: ``TypeError`` for anything else, ``ValueError`` for a list without views.
    """
    cdef const FlatObject *object = NULL
    if isinstance(rows, FlatView):
        object = (<FlatView> rows).object
    elif isinstance(rows, FlatVector):
        object = _element(<FlatVector> rows)
    elif isinstance(rows, (list, tuple)):
        for row in rows:
            if row is not None:
                object = _view(row).object
                break
        else:
            raise ValueError("a list without views says nothing of their type")
    else:
        raise TypeError(f"a view, a vector of tables or a list of views is needed, "
                        f"not {type(rows).__name__}")
    return <object> <PyObject *> object.head.set, object.head.index


cdef FlatView _view(row):
    if not isinstance(row, FlatView):
        raise TypeError(f"a row is a view or None, not {type(row).__name__}")
    return <FlatView> row


cdef const FlatObject *_element(FlatVector vector) except NULL:
    if vector.field.role != FLAT_IS_TABLES:
        raise TypeError("a vector of tables is needed, not one of strings or unions")
    return vector.field.object


def project_flat(FlatProjection projection not None, rows, bint check_utf8, limits, /):
    """``(arrays, counts, sources)`` of a view, a vector of tables, or a tuple of views and None.

    ``arrays``: NumPy arrays by number, None where all is there of an array that says what is;
    ``counts``: rows of each table; ``sources``: what spans lie on, behind one another. ``limits``:
    of ``flat_work`` times the items of 4 bytes that the buffers have, and of `column_bytes`, more
    may not come out. The GIL is released for large buffers.
    Raises: ``DecodeError`` if bytes changed, or for strings that are to be UTF-8 and are not;
    ``LimitError``; ``TypeError`` for rows of another type.
    """
    cdef Run run
    cdef int status
    cdef size_t nbytes = 0
    cdef uint64_t work = limits.flat_work
    cdef list sources
    run.roots, run.store.arrays, run.walk.step_count = NULL, NULL, 0
    run.is_struct, run.is_vector, run.failed = projection.object.is_struct, False, 0
    run.walk.store, run.walk.fault, run.walk.check_utf8 = &run.store, &run.fault, check_utf8
    try:
        sources = _roots(&run, projection, rows, &nbytes)
        run.walk.limit = run.walk.left = work * (nbytes // UNIT + 16)
        if flat_store_new(&run.store, &projection.plan) < 0:
            raise MemoryError
        run.store.limit = min(limits.column_bytes(nbytes, run.count), <size_t> PY_SSIZE_T_MAX)
        if nbytes < NOGIL_BYTES:
            status = _run(&run, projection)
        else:
            with nogil:
                status = _run(&run, projection)
        if status < 0:
            raise _error(&run, projection, rows)
        return _arrays(&run.store, projection), _counts(&run.store, projection), sources
    finally:
        flat_store_free(&run.store)
        free(run.roots)


cdef list _roots(Run *run, FlatProjection projection, rows, size_t *nbytes):
    """Fills in where the rows are; the sources that they lie on."""
    cdef FlatVector vector
    if isinstance(rows, FlatView):
        _root(&run.first, projection, <FlatView> rows)
        run.count = 1
        nbytes[0] = run.first.size
        return [<object> (<FlatView> rows).ground.source]
    if isinstance(rows, FlatVector):
        vector = rows
        if _element(vector) != projection.object:
            raise _mixed(projection)
        run.first.base, run.first.size = vector.ground.base, vector.ground.size
        run.first.origin = _start(&vector.ground)
        run.vector_first, run.count, run.is_vector = vector.first, vector.count, True
        nbytes[0] = run.first.size
        return [<object> vector.ground.source]
    return _each_root(run, projection, rows, nbytes)


cdef list _each_root(Run *run, FlatProjection projection, tuple rows, size_t *nbytes):
    cdef list sources = []
    cdef dict origins = {}                 # id of a source -> address of its first byte
    cdef int64_t end = 0
    cdef const uint8_t *before = NULL
    cdef FlatView view
    cdef FlatRoot *root
    cdef size_t i
    run.count = <size_t> len(rows)
    run.roots = <FlatRoot *> malloc((run.count + 1) * sizeof(FlatRoot))
    if run.roots == NULL:
        raise MemoryError
    for i in range(run.count):
        root = &run.roots[i]
        root.base = NULL
        if rows[i] is None:
            continue
        view = _view(rows[i])
        _root(root, projection, view)
        origin = origins.get(<size_t> view.ground.source)
        if origin is None:
            origin = origins[<size_t> view.ground.source] = end
            sources.append(<object> view.ground.source)
            end += <int64_t> (<Source> view.ground.source).size
        root.origin += <int64_t> origin
        if root.base != before:            # rows of one buffer share its limit
            nbytes[0] += root.size
            before = root.base
    return sources


cdef int _root(FlatRoot *root, FlatProjection projection, FlatView view) except -1:
    if view.object != projection.object:
        raise _mixed(projection)
    root.base, root.size, root.at = view.ground.base, view.ground.size, view.at
    root.origin = _start(&view.ground)
    return 0


cdef int64_t _start(const FlatGround *ground):
    """Of a buffer in its source."""
    return ground.base - (<Source> ground.source).data


cdef object _mixed(FlatProjection projection):
    declared = projection.plans.declarations.objects[projection.object.head.index]
    return TypeError(f"all rows must be of one type, {declared.name}, of one schema")


cdef int _run(Run *run, FlatProjection projection) noexcept nogil:
    cdef FlatProjector *walk = &run.walk
    cdef FlatRoot *root
    cdef uint64_t failed = 0
    cdef size_t row = flat_store_add(&run.store, 0, run.count), i
    cdef int status = 0
    if row == <size_t> -1:
        return take_no_room(walk, 0)
    if run.is_vector:
        walk.ground.base, walk.ground.size = run.first.base, run.first.size
        walk.origin = run.first.origin
        status = take_charge(walk, run.vector_first, run.count)
        if status == 0:
            status = take_each(walk, projection.plan.root, run.vector_first, run.count, 0, &failed)
        run.failed = failed
        return status
    for i in range(run.count):
        root = &run.roots[i] if run.roots != NULL else &run.first
        run.failed = i
        flat_store_open(&run.store, projection.plan.root, i)
        if root.base == NULL:
            continue
        walk.ground.base, walk.ground.size, walk.origin = root.base, root.size, root.origin
        if not run.is_struct:
            status = take_table(walk, projection.plan.root, root.at, i)
        elif root.at > root.size or root.size - root.at < projection.plan.root.size:
            status = take_changed(walk, root.at)
        else:
            status = take_structs(walk, projection.plan.root, root.at, 0, 1, i)
        if status < 0:
            return status
    return 0


cdef object _error(Run *run, FlatProjection projection, rows):
    cdef FaultText known = fault_text(run.fault.reason)
    cdef Source source
    cdef size_t at
    if run.fault.reason == FAULT_NO_MEMORY:
        return MemoryError()
    if isinstance(rows, FlatView):
        source = <Source> (<FlatView> rows).ground.source
    elif isinstance(rows, FlatVector):
        source = <Source> (<FlatVector> rows).ground.source
    else:
        source = <Source> (<FlatView> rows[run.failed]).ground.source
    at = <size_t> (run.walk.ground.base - source.data) + run.fault.offset
    reason = known.text.decode("ascii").replace("%llu", "{}").format(run.fault.wanted)
    is_limit = run.fault.reason == FAULT_UNFOLDED or run.fault.reason == FAULT_GROWN
    kind = LimitError if is_limit else DecodeError
    path = _path(run, projection, not isinstance(rows, FlatView))
    return kind(reason, at, path, source.path)


cdef str _path(Run *run, FlatProjection projection, bint many):
    """The names of the fields that lead to the fault: ``subgraphs[0].tensors[3].name``."""
    cdef list parts = [f"[{run.failed}]"] if many else []
    cdef const TakeStep *step
    cdef size_t i
    for i in range(run.walk.step_count, 0, -1):
        step = &run.walk.steps[i - 1]
        index = "" if step.index == <uint64_t> -1 else f"[{step.index}]"
        parts.append(f"{projection.names[step.node]}{index}")
    return ".".join(parts)


cdef list _arrays(FlatStore *store, FlatProjection projection):
    """Every array, handed over."""
    global INT64, BOOL
    cdef const FlatTablePlan *table
    cdef list made = []
    cdef uint32_t t, i
    cdef size_t count
    if INT64 is None:
        import numpy

        INT64, BOOL = numpy.dtype("<i8"), numpy.dtype("?")
    for t in range(projection.plan.table_count):
        table = &projection.plan.tables[t]
        count = store.rows[t].count
        for i in range(table.first, table.values):
            made.append(_starts(store, projection, i, count))
        for i in range(table.values, table.stop):
            dtype = projection.dtypes[i]
            if dtype is not None:
                made.append(_array(store, i, count, projection.plan.arrays[i].width, dtype))
            elif count == 0 or memchr(store.arrays[i].data, 0, count) == NULL:
                made.append(None)          # all are there
            else:
                made.append(_array(store, i, count, 1, BOOL))
    return made


cdef object _starts(FlatStore *store, FlatProjection projection, uint32_t i, size_t count):
    cdef int64_t *starts = <int64_t *> <void *> store.arrays[i].data
    cdef Block block
    if starts == NULL:                     # of no rows
        block = block_fresh(8, True)
        return _laid(block, INT64, 1)
    starts[count] = <int64_t> store.rows[projection.plan.arrays[i].items].count
    return _array(store, i, count + 1, 8, INT64)


cdef object _array(FlatStore *store, uint32_t i, size_t count, size_t width, dtype):
    cdef FlatArray *array = &store.arrays[i]
    cdef void *data = array.data
    cdef size_t held = array.held
    cdef Block block
    if data == NULL:                       # of no rows
        block = block_fresh(0, False)
    else:
        array.data, array.held = NULL, 0
        data = memory_shrink(data, &held, count * width)
        block = block_held(data, count * width, held)
    return _laid(block, dtype, count)


cdef object _laid(Block block, dtype, size_t count):
    """An array of the elements that a block holds."""
    cdef object made = array_over(block, dtype, block._data, <Py_ssize_t> count, False)
    if made is None:                       # a NumPy whose functions are not known
        import numpy

        made = numpy.frombuffer(block, dtype) if count else numpy.empty(0, dtype)
    return made


cdef tuple _counts(FlatStore *store, FlatProjection projection):
    return tuple([store.rows[t].count for t in range(projection.plan.table_count)])
