"""Chosen fields of one message type out of many records, as rows of equal length."""

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.object cimport PyObject
from libc.stdint cimport INT32_MAX, SIZE_MAX, int32_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from tensorwire._core.block cimport Block, block_take
from tensorwire._core.bulk cimport kernel_in_use
from tensorwire._core.faults cimport fault_error_bare
from tensorwire._core.rows cimport Rows, RowSpan
from tf_bytes cimport Recent, put_bytes, put_object
from tf_items cimport RELEASE_FROM, ROWS_AT_ONCE, TfReading, TfSpan, TfStore, tf_store_free
from wire cimport (
    KIND_BOOL, KIND_BYTES, KIND_COUNT, KIND_DOUBLE, KIND_ENUM, KIND_FIXED32, KIND_FIXED64,
    KIND_FLOAT, KIND_GROUP, KIND_INT32, KIND_INT64, KIND_MESSAGE, KIND_SFIXED32, KIND_SFIXED64,
    KIND_SINT32, KIND_SINT64, KIND_STRING, KIND_UINT32, KIND_UINT64, Fault, kind_packable,
    kind_wire,
)

cimport cython

from tensorwire.errors import DecodeError, in_row

cdef extern from "tf_decode.h" nogil:
    enum:
        TF_DENSE
        TF_WORD64
        TF_ZIGZAG64
        TF_WORD32
        TF_ZIGZAG32
        TF_BOOL
        TF_SIGNED_WIDE
        TF_UNSIGNED_WIDE
        TF_ZIGZAG_WIDE
        TF_FIXED32
        TF_FIXED64
        TF_FIXED32_SIGNED_WIDE
        TF_FIXED32_UNSIGNED_WIDE
        TF_FLOAT_WIDE
        TF_SPAN
        TF_GROUP

    ctypedef struct TfField:
        uint32_t number
        uint32_t tag
        uint32_t output
        uint8_t form
        uint8_t width
        uint8_t repeated
        uint8_t packable

    ctypedef struct TfDecode:
        TfReading reading
        const TfField *fields
        TfStore *stores
        uint32_t field_count
        uint16_t *dense

    size_t tf_form_width(uint8_t form)
    int tf_decode_record(TfDecode *decode, const uint8_t *at, const uint8_t *stop, size_t row,
                         int32_t *sizes)
    uint8_t *tf_block(size_t nbytes)
    void tf_fill(uint8_t *out, const uint8_t *item, size_t width, size_t count)
    void tf_pad(const TfStore *store, const int32_t *sizes, size_t stride, size_t rows,
                size_t longest, size_t width, const uint8_t *fallback, uint8_t *out)

# Kind of the field -> form of its values in memory as wide as on the wire, and in 8 bytes.
cdef dict FORMS = {
    KIND_DOUBLE: TF_FIXED64, KIND_FLOAT: TF_FIXED32, KIND_INT64: TF_WORD64,
    KIND_UINT64: TF_WORD64, KIND_INT32: TF_WORD32, KIND_FIXED64: TF_FIXED64,
    KIND_FIXED32: TF_FIXED32, KIND_BOOL: TF_BOOL, KIND_STRING: TF_SPAN, KIND_GROUP: TF_GROUP,
    KIND_MESSAGE: TF_SPAN, KIND_BYTES: TF_SPAN, KIND_UINT32: TF_WORD32, KIND_ENUM: TF_WORD32,
    KIND_SFIXED32: TF_FIXED32, KIND_SFIXED64: TF_FIXED64, KIND_SINT32: TF_ZIGZAG32,
    KIND_SINT64: TF_ZIGZAG64,
}
cdef dict WIDE_FORMS = {
    KIND_FLOAT: TF_FLOAT_WIDE, KIND_INT32: TF_SIGNED_WIDE, KIND_UINT32: TF_UNSIGNED_WIDE,
    KIND_SINT32: TF_ZIGZAG_WIDE, KIND_FIXED32: TF_FIXED32_UNSIGNED_WIDE,
    KIND_SFIXED32: TF_FIXED32_SIGNED_WIDE,
}


@cython.final
cdef class Decoded:
    """What `decode` found: sizes, and the values of each field until they are fetched."""

    cdef TfDecode _decode
    cdef TfField *_fields
    cdef const uint8_t **_fallbacks  # bytes of each field's default, as wide as a value
    cdef int32_t *_sizes
    cdef Block _sizes_block
    cdef tuple _inputs               # that spans point into
    cdef list _defaults
    cdef size_t _rows
    cdef size_t _outputs

    def __init__(self):
        raise TypeError("made by decode()")

    def __dealloc__(self):
        cdef uint32_t i
        if self._decode.stores != NULL:
            for i in range(self._decode.field_count):
                tf_store_free(&self._decode.stores[i])
        free(self._decode.stores)
        free(self._fields)
        free(self._fallbacks)

    @property
    def sizes(self):
        """A `Block` of int32: rows of one number for each field that was asked for."""
        return self._sizes_block

    def longest(self, uint32_t place):
        """The most values that a field has in any record, at least 1."""
        self._require(place)
        return <Py_ssize_t> self._longest(place)

    def numbers(self, uint32_t place):
        """A `Block` of a field's numbers, rows of equal length padded with the default."""
        self._require(place)
        cdef TfField *field = &self._fields[place]
        cdef TfStore *store = &self._decode.stores[place]
        cdef size_t longest = self._longest(place), nbytes
        cdef uint8_t *out
        if longest > SIZE_MAX // 2 // (self._rows * field.width):
            raise MemoryError(f"{self._rows} rows of {longest} values")
        nbytes = self._rows * longest * field.width
        if not field.repeated or store.used == nbytes:  # every row is full
            out, store.data = store.data, NULL
            if out == NULL:
                raise ValueError("the field was fetched before")
            return block_take(out, nbytes)
        if store.used and store.data == NULL:
            raise ValueError("the field was fetched before")
        out = tf_block(nbytes)
        if out == NULL:
            raise MemoryError(f"{self._rows} rows of {longest} values")
        with nogil:
            tf_pad(store, self._sizes + field.output, self._outputs, self._rows, longest,
                   field.width, self._fallbacks[place], out)
        return block_take(out, nbytes)

    def objects(self, uint32_t place, out):
        """Puts a field's ``bytes`` into ``out``, an object array of rows of equal length."""
        self._require(place)
        cdef Py_buffer view
        PyObject_GetBuffer(out, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE)
        try:
            if view.format == NULL or view.format != b"O":
                raise TypeError("an array of objects is needed")
            if <size_t> view.len // sizeof(PyObject *) != self._rows * self._longest(place):
                raise ValueError("out has another number of items")
            self._put_objects(place, <PyObject **> view.buf)
        finally:
            PyBuffer_Release(&view)

    cdef int _put_objects(self, uint32_t place, PyObject **out) except -1:
        cdef TfField *field = &self._fields[place]
        cdef const TfSpan *span = <const TfSpan *> self._decode.stores[place].data
        cdef size_t longest = self._longest(place), row, i, size
        cdef object fallback = self._defaults[place]
        cdef Recent recent
        memset(&recent, 0, sizeof(recent))
        for row in range(self._rows):
            size = <size_t> self._sizes[row * self._outputs + field.output]
            for i in range(longest):
                if i < size:
                    put_bytes(out, span.at, span.length, &recent)
                    span += 1
                else:
                    put_object(out, fallback)
                out += 1
            if size == 0 and not field.repeated:
                span += 1                  # there is one for each row
        return 0

    cdef size_t _longest(self, uint32_t place) noexcept:
        cdef size_t row
        cdef int32_t found = 1, size
        if not self._fields[place].repeated:
            return 1
        for row in range(self._rows):
            size = self._sizes[row * self._outputs + self._fields[place].output]
            found = max(found, size)
        return <size_t> found

    cdef int _require(self, uint32_t place) except -1:
        if place >= self._decode.field_count:
            raise IndexError(f"field {place} of {self._decode.field_count}")
        return 0

    cdef int _fill_fields(self, tuple fields) except -1:
        cdef TfField *field
        cdef uint32_t i
        cdef uint8_t code
        for i, (number, kind, wide, repeated, fallback, output) in enumerate(fields):
            field = &self._fields[i]
            field.number = number
            field.form = (WIDE_FORMS if wide else FORMS)[kind]
            code = kind
            if code >= KIND_COUNT:
                raise ValueError(f"kind {kind}")
            field.tag = field.number << 3 | kind_wire(code)
            field.output = output
            field.width = <uint8_t> tf_form_width(field.form)
            field.repeated = repeated
            field.packable = repeated and kind_packable(code)
            if field.output >= self._outputs:
                raise ValueError(f"output {output} of {self._outputs}")
            if field.number < TF_DENSE:
                self._decode.dense[field.number] = <uint16_t> (i + 1)
            if field.form not in (TF_SPAN, TF_GROUP) and len(fallback) != field.width:
                raise ValueError(f"a default of {len(fallback)} bytes for {field.width}")
            self._fallbacks[i] = <const uint8_t *> PyBytes_AS_STRING(fallback)
            self._defaults.append(fallback)
            if not repeated:
                self._fill_single(i)
        return 0

    cdef int _fill_single(self, uint32_t place) except -1:
        """One value for each row, the default so far."""
        cdef TfStore *store = &self._decode.stores[place]
        cdef TfField *field = &self._fields[place]
        cdef TfSpan none
        store.data = tf_block(self._rows * field.width)
        if store.data == NULL:
            raise MemoryError
        store.room = self._rows * field.width
        if field.form in (TF_SPAN, TF_GROUP):
            none.at, none.length = NULL, 0
            tf_fill(store.data, <const uint8_t *> &none, field.width, self._rows)
        else:
            tf_fill(store.data, self._fallbacks[place], field.width, self._rows)
        return 0

    cdef int _read(self, Rows rows, size_t first, Fault *fault, size_t *bad) noexcept nogil:
        """Reads a chunk, whose rows count from ``first`` on. 0; -1 and a fault of row ``bad``; -2:
        the row is null; -3: it leaves its buffer; -4: it is too long."""
        cdef RowSpan spans[ROWS_AT_ONCE]
        cdef TfDecode *decode = &self._decode
        cdef size_t done = 0, count, filled, i
        decode.reading.fault = fault
        while done < rows.count:           # progress: one row at least
            count = min(rows.count - done, <size_t> ROWS_AT_ONCE)
            filled = rows.fill(done, count, spans)
            for i in range(filled):
                bad[0] = first + done + i
                if spans[i].at == NULL:
                    return -2
                if spans[i].length > INT32_MAX:
                    return -4
                decode.reading.base = spans[i].at
                if tf_decode_record(decode, spans[i].at, spans[i].at + spans[i].length, bad[0],
                                    self._sizes + bad[0] * self._outputs) < 0:
                    return -1
            if filled < count:
                bad[0] = first + done + filled
                return -3
            done += count
        return 0


def decode(tuple inputs not None, tuple fields not None, size_t outputs):
    """Reads the records of some `Rows`, one chunk after the other.

    ``fields``: each ``(number, kind, whether in 8 bytes, whether repeated, default, output)``, no
    number twice; ``default`` is a value's bytes in memory. ``outputs``: how many were asked for.
    Raises: ``DecodeError`` naming the row; ``ValueError`` for a null row.
    Threads: the GIL is released from 32 KiB of input on.
    """
    cdef Decoded self = _new_decoded(inputs, fields, outputs)
    cdef Rows rows
    cdef Fault fault
    cdef size_t first = 0, bad = 0
    cdef int status
    for rows in inputs:
        if rows.nbytes < RELEASE_FROM:
            status = self._read(rows, first, &fault, &bad)
        else:
            with nogil:
                status = self._read(rows, first, &fault, &bad)
        if status != 0:
            raise _error(status, &fault, bad)
        first += rows.count
    return self


cdef Decoded _new_decoded(tuple inputs, tuple fields, size_t outputs):
    cdef Decoded self = Decoded.__new__(Decoded)
    cdef size_t count = <size_t> len(fields)
    cdef Rows rows
    self._inputs, self._defaults, self._outputs = inputs, [], outputs
    for rows in inputs:
        self._rows += rows.count
    if self._rows == 0 or count >= TF_DENSE * TF_DENSE or outputs >= 1 << 24:
        raise ValueError(f"{self._rows} records, {count} fields, {outputs} outputs")
    if self._rows > SIZE_MAX // 32 // (outputs + 1):
        raise MemoryError
    self._sizes = <int32_t *> calloc(self._rows * outputs + 1, sizeof(int32_t))
    if self._sizes == NULL:
        raise MemoryError
    self._sizes_block = block_take(self._sizes, self._rows * outputs * sizeof(int32_t))
    self._decode.stores = <TfStore *> calloc(count + 1, sizeof(TfStore))
    self._fields = <TfField *> calloc(count + 1, sizeof(TfField))
    self._fallbacks = <const uint8_t **> calloc(count + 1, sizeof(uint8_t *))
    if self._decode.stores == NULL or self._fields == NULL or self._fallbacks == NULL:
        raise MemoryError
    memset(self._decode.dense, 0, TF_DENSE * sizeof(uint16_t))
    self._decode.fields = self._fields
    self._decode.field_count = <uint32_t> count
    self._decode.reading.kernel = kernel_in_use()
    self._fill_fields(fields)
    return self


cdef object _error(int status, Fault *fault, size_t row):
    if status == -2:
        return ValueError(f"row {row} is null")
    if status == -3:
        return ValueError(f"row {row} leaves its buffer")
    if status == -4:
        return in_row(DecodeError("2 GiB or more; no message has that many", 0), row)
    error = fault_error_bare(fault)
    if isinstance(error, DecodeError):
        in_row(error, row)
    return error
