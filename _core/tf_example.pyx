"""Features of tf.train.Example and SequenceExample out of many records."""

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from tensorwire._core.block cimport Block, block_take
from tensorwire._core.bulk cimport kernel_in_use
from tensorwire._core.faults cimport fault_error_bare
from tensorwire._core.rows cimport Rows, RowSpan
from tf_bytes cimport Recent, put_bytes
from tf_items cimport RELEASE_FROM, ROWS_AT_ONCE, TfReading, TfSpan, TfStore, tf_store_free
from wire cimport Fault

cimport cython

from tensorwire.errors import DecodeError, in_row

cdef extern from "tf_example.h" nogil:
    enum:
        EXAMPLE_OK
        EXAMPLE_FAULT
        EXAMPLE_KIND
        EXAMPLE_COUNT
        EXAMPLE_MISSING
        EXAMPLE_BYTES
        EXAMPLE_FLOAT
        EXAMPLE_INT64
    const size_t EXAMPLE_ANY

    ctypedef struct ExampleFeature:
        const uint8_t *key
        size_t key_size
        uint8_t kind
        uint8_t required
        size_t count
        const uint8_t *fallback
        TfStore values
        TfStore lengths
        TfStore steps
        uint64_t row
        const uint8_t *at

    ctypedef struct ExampleMap:
        ExampleFeature *features
        uint32_t count
        uint16_t *slots
        uint32_t mask

    ctypedef struct ExampleWalk:
        TfReading reading
        uint64_t origin
        uint64_t row
        uint8_t addresses
        ExampleMap *maps
        const ExampleFeature *bad
        size_t found

    size_t example_width(uint8_t kind)
    void example_map_fill(ExampleMap *map)
    int example_record(ExampleWalk *walk, const uint8_t *at, const uint8_t *stop)

cdef enum:
    FEATURES_MAX = 16384     # of one map: their places fit 16 bits, with slots to spare
    ROW_NULL = -1
    ROW_LOST = -2            # its numbers leave the buffer

cdef dict KINDS = {"bytes": EXAMPLE_BYTES, "float": EXAMPLE_FLOAT, "int64": EXAMPLE_INT64}
cdef tuple KIND_NAMES = ("no", "bytes", "float", "int64")


@cython.final
cdef class Parsed:
    """What `parse` found: of each feature, values, and how many each record or step has."""

    cdef ExampleWalk _walk
    cdef Rows _input                 # that spans point into
    cdef list _held                  # keys and defaults
    cdef readonly size_t rows

    def __init__(self):
        raise TypeError("made by parse()")

    def __dealloc__(self):
        cdef uint32_t i, which
        cdef ExampleMap *map
        for which in range(2):
            map = &self._walk.maps[which]
            for i in range(map.count):
                free(<void *> map.features[i].fallback)
                tf_store_free(&map.features[i].values)
                tf_store_free(&map.features[i].lengths)
                tf_store_free(&map.features[i].steps)
            free(map.features)
            free(map.slots)

    def values(self, uint32_t which, uint32_t place):
        """A `Block` of the values of a feature, of all records one behind the other. Once."""
        return _taken(&self._feature(which, place).values)

    def lengths(self, uint32_t which, uint32_t place):
        """A `Block` of int64: how many values each record or step has. Once."""
        return _taken(&self._feature(which, place).lengths)

    def steps(self, uint32_t place):
        """A `Block` of int64: how many steps each record has. Once."""
        return _taken(&self._feature(1, place).steps)

    def count(self, uint32_t which, uint32_t place):
        """How many values a feature has in all."""
        cdef ExampleFeature *feature = self._feature(which, place)
        return <Py_ssize_t> (feature.values.used // example_width(feature.kind))

    def objects(self, uint32_t which, uint32_t place, out):
        """Puts a feature's ``bytes`` into ``out``, an array of as many objects."""
        cdef ExampleFeature *feature = self._feature(which, place)
        cdef const TfSpan *spans = <const TfSpan *> feature.values.data
        cdef size_t count = feature.values.used // sizeof(TfSpan), i
        cdef Py_buffer view
        cdef PyObject **into
        cdef Recent recent
        memset(&recent, 0, sizeof(recent))
        if feature.kind != EXAMPLE_BYTES or self._walk.addresses:
            raise ValueError("the feature has no bytes here")
        PyObject_GetBuffer(out, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE)
        try:
            if view.format == NULL or view.format != b"O":
                raise TypeError("an array of objects is needed")
            if <size_t> view.len // sizeof(PyObject *) != count:
                raise ValueError("out has another number of items")
            into = <PyObject **> view.buf
            for i in range(count):
                put_bytes(&into[i], spans[i].at, spans[i].length, &recent)
        finally:
            PyBuffer_Release(&view)

    cdef ExampleFeature *_feature(self, uint32_t which, uint32_t place) except NULL:
        if which > 1 or place >= self._walk.maps[which].count:
            raise IndexError(f"feature {place} of map {which}")
        return &self._walk.maps[which].features[place]

    cdef int _fill(self, uint32_t which, tuple features) except -1:
        cdef ExampleMap *map = &self._walk.maps[which]
        cdef size_t count = <size_t> len(features), slots = 4
        cdef ExampleFeature *feature
        if count > FEATURES_MAX:
            raise ValueError(f"{count} features; at most {FEATURES_MAX} are supported")
        while slots < 4 * count:           # progress: doubles
            slots *= 2
        map.features = <ExampleFeature *> calloc(count + 1, sizeof(ExampleFeature))
        map.slots = <uint16_t *> calloc(slots, sizeof(uint16_t))
        if map.features == NULL or map.slots == NULL:
            raise MemoryError
        map.mask = <uint32_t> (slots - 1)
        for key, kind, required, number, fallback in features:
            feature = &map.features[map.count]
            map.count += 1
            feature.key = <const uint8_t *> PyBytes_AS_STRING(key)
            feature.key_size = <size_t> PyBytes_GET_SIZE(key)
            feature.kind = KINDS[kind]
            feature.required = required
            feature.count = EXAMPLE_ANY if number is None else <size_t> number
            self._held.append(key)
            if fallback is not None:
                self._fill_fallback(feature, fallback)
        example_map_fill(map)
        return 0

    cdef int _fill_fallback(self, ExampleFeature *feature, tuple fallback) except -1:
        """``fallback``: the bytes of each value."""
        cdef size_t width = example_width(feature.kind), i
        cdef TfSpan span
        if feature.count != <size_t> len(fallback):
            raise ValueError("a default of another number of values")
        cdef uint8_t *out = <uint8_t *> calloc(len(fallback) + 1, width)
        if out == NULL:
            raise MemoryError
        feature.fallback = out
        for i, value in enumerate(fallback):
            if feature.kind == EXAMPLE_BYTES:
                span.at = <const uint8_t *> PyBytes_AS_STRING(value)
                span.length = <size_t> PyBytes_GET_SIZE(value)
                (<TfSpan *> out)[i] = span
            elif <size_t> PyBytes_GET_SIZE(value) == width:
                _copy(out + i * width, <const uint8_t *> PyBytes_AS_STRING(value), width)
            else:
                raise ValueError("a default of another width")
        self._held.append(fallback)
        return 0

    cdef int _read(self, Rows rows, size_t first, size_t stop, uint64_t origin, Fault *fault,
                   size_t *bad) noexcept nogil:
        """Reads some rows of a chunk; EXAMPLE_OK, or why not, of the row ``bad``."""
        cdef RowSpan spans[ROWS_AT_ONCE]
        cdef size_t done = first, count, filled, i
        cdef int why
        self._walk.reading.fault = fault
        while done < stop:                 # progress: one row at least
            count = min(stop - done, <size_t> ROWS_AT_ONCE)
            filled = rows.fill(done, count, spans)
            for i in range(filled):
                bad[0] = done + i
                if spans[i].at == NULL:
                    return ROW_NULL
                self._walk.reading.base = spans[i].at
                self._walk.origin = origin + spans[i].origin
                self._walk.row = bad[0] + 1
                why = example_record(&self._walk, spans[i].at, spans[i].at + spans[i].length)
                if why != EXAMPLE_OK:
                    return why
            if filled < count:
                bad[0] = done + filled
                return ROW_LOST
            done += count
        return EXAMPLE_OK


cdef inline void _copy(uint8_t *out, const uint8_t *from_, size_t width) noexcept:
    cdef size_t i
    for i in range(width):
        out[i] = from_[i]


cdef Block _taken(TfStore *store):
    cdef uint8_t *data = store.data
    cdef size_t used = store.used
    store.data, store.used, store.room = NULL, 0, 0
    return block_take(data, used)


def parse(Rows rows not None, size_t first, size_t stop, tuple features not None,
          tuple lists not None, bint addresses=False, uint64_t origin=0, size_t before=0):
    """Reads the records ``[first, stop)`` of a chunk, before which there are ``before`` records in
    ``origin`` bytes.

    ``features``, ``lists``: of the map in field 1, and of the feature lists in field 2; no key
    twice; each ``(key, "bytes" | "float" | "int64", whether required, number of values or None,
    default or None)``, where a default is a tuple of the bytes of each value in memory.
    ``addresses``: strings are given by address and length among the buffers of the records.
    Raises: ``DecodeError`` naming the row and the feature; ``ValueError`` for a null row.
    Threads: the GIL is released from 32 KiB of input on.
    """
    cdef Parsed self = Parsed.__new__(Parsed)
    cdef Fault fault
    cdef size_t bad = 0
    cdef int status
    if not first <= stop <= rows.count:
        raise ValueError(f"rows {first} to {stop} of {rows.count}")
    self._input, self._held = rows, []
    self._walk.addresses = addresses
    self._walk.reading.kernel = kernel_in_use()
    self._fill(0, features)
    self._fill(1, lists)
    if rows.nbytes < RELEASE_FROM:
        status = self._read(rows, first, stop, origin, &fault, &bad)
    else:
        with nogil:
            status = self._read(rows, first, stop, origin, &fault, &bad)
    if status != EXAMPLE_OK:
        raise _error(self, status, &fault, before + bad)
    self.rows = stop - first
    return self


cdef object _error(Parsed parsed, int status, Fault *fault, size_t row):
    if status == ROW_NULL:
        return ValueError(f"row {row} is null")
    if status == ROW_LOST:
        return ValueError(f"row {row} leaves its buffer")
    if status == EXAMPLE_FAULT:
        error = fault_error_bare(fault)
        if not isinstance(error, DecodeError):
            return error
        return _of_row(row, error.reason, error.offset)
    cdef const ExampleFeature *bad = parsed._walk.bad
    cdef bytes key = PyBytes_FromStringAndSize(<const char *> bad.key, bad.key_size)
    name = repr(key.decode("utf-8", "backslashreplace"))
    if status == EXAMPLE_MISSING:
        return _of_row(row, f"feature {name} is required and missing", 0)
    offset = 0 if bad.row != parsed._walk.row else bad.at - parsed._walk.reading.base
    if status == EXAMPLE_KIND:
        return _of_row(row, f"feature {name} has {KIND_NAMES[parsed._walk.found]} values; "
                            f"{KIND_NAMES[bad.kind]} are wanted", offset)
    return _of_row(row, f"feature {name} has {parsed._walk.found} values; {bad.count} are wanted",
                   offset)


cdef object _of_row(size_t row, str reason, size_t offset):
    return in_row(DecodeError(reason, offset), row)
