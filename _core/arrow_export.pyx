"""Arrow's C data interface, outwards: capsules made from plain descriptions.

A *field* is a sequence ``(format, name, flags, metadata, children, dictionary)``, an *array* a
sequence ``(length, null_count, buffers, children, dictionary)``: children are sequences of the
same kind, a buffer is an object with the buffer protocol or None. The array made from it holds the
buffers, and lets each go when its consumer releases it, in whatever thread that happens.
Source: arrow.apache.org/docs/format/CDataInterface.html, "Memory management", "Moving an array".
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.exc cimport PyErr_Fetch, PyErr_Restore
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.errno cimport EINVAL, EIO, ENOMEM, ENOSYS
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from arrow_abi cimport ArrowArray, ArrowArrayStream, ArrowSchema

cdef extern from *:
    """
    /* What a buffer of no bytes points to: consumers may want an address, and an aligned one. */
    static const uint64_t arrow_nothing[8];
    """
    const void *arrow_nothing

cdef extern from "Python.h" nogil:
    int Py_IsInitialized()

# Levels of nested fields and arrays: filling and releasing recurse.
cdef enum:
    DEPTH_MAX = 200

# What consumers turn back into an exception of the right kind.
cdef dict CODES = {
    MemoryError: ENOMEM, NotImplementedError: ENOSYS, ValueError: EINVAL,
    TypeError: EINVAL, KeyError: EINVAL,
}


cdef void *_zeroed(size_t count, size_t size) except NULL:
    cdef void *block = calloc(count if count else 1, size)
    if block == NULL:
        raise MemoryError()
    return block


cdef char *_text(bytes text) except NULL:
    """A copy of ``text`` with a zero behind it; freed by the caller."""
    cdef size_t size = len(text)
    cdef char *copy = <char *> malloc(size + 1)
    if copy == NULL:
        raise MemoryError()
    memcpy(copy, <const char *> text, size + 1)
    return copy


cdef bytes _name(name):
    """UTF-8 of a name, which in C ends at its first zero. Raises: ``ValueError`` where it has one.
    """
    cdef bytes text = name.encode()
    if b"\0" in text:
        raise ValueError(f"a name with a zero character cannot be exported: {name!r}")
    return text


cdef bytes _metadata(pairs):
    """CDataInterface.html, ArrowSchema.metadata: a count, then keys and values with their sizes."""
    parts = [len(pairs).to_bytes(4, "little")]
    for pair in pairs.items():
        for text in pair:
            encoded = text.encode()
            parts += [len(encoded).to_bytes(4, "little"), encoded]
    return b"".join(parts)


cdef void _schema_release(ArrowSchema *schema) noexcept nogil:
    """Frees a schema, whole or as far as it was filled. No Python object lies in it."""
    cdef int64_t i
    for i in range(schema.n_children):
        if schema.children[i] != NULL and schema.children[i].release != NULL:
            schema.children[i].release(schema.children[i])
        free(schema.children[i])
    if schema.dictionary != NULL and schema.dictionary.release != NULL:
        schema.dictionary.release(schema.dictionary)
    free(schema.dictionary)
    free(schema.children)
    free(<void *> schema.format)
    free(<void *> schema.name)
    free(<void *> schema.metadata)
    schema.release = NULL


cdef int _schema_fill(ArrowSchema *out, field, int depth) except -1:
    """Fills zeroed memory. After an error ``out`` is to be released all the same."""
    cdef Py_ssize_t i
    if depth > DEPTH_MAX:
        raise ValueError(f"fields nested more than {DEPTH_MAX} deep")
    format, name, flags, metadata, children, dictionary = field
    out.release = _schema_release
    out.format = _text(_name(format))
    out.name = _text(_name(name))
    out.flags = flags
    if metadata:
        out.metadata = _text(_metadata(metadata))
    out.children = <ArrowSchema **> _zeroed(len(children), sizeof(ArrowSchema *))
    out.n_children = len(children)
    for i in range(len(children)):
        out.children[i] = <ArrowSchema *> _zeroed(1, sizeof(ArrowSchema))
        _schema_fill(out.children[i], children[i], depth + 1)
    if dictionary is not None:
        out.dictionary = <ArrowSchema *> _zeroed(1, sizeof(ArrowSchema))
        _schema_fill(out.dictionary, dictionary, depth + 1)
    return 0


# What an exported array owns, beside its children; each array has its own, since the
# specification lets a consumer move any of them out and release it on its own.
cdef struct Hold:
    Py_ssize_t count     # views that are filled
    Py_buffer *views
    const void **buffers


cdef void _views_release(Hold *hold) noexcept with gil:
    """Takes the GIL in any thread; an exception on its way through this one stays."""
    cdef PyObject *kind
    cdef PyObject *value
    cdef PyObject *trace
    cdef Py_ssize_t i
    PyErr_Fetch(&kind, &value, &trace)
    for i in range(hold.count):
        PyBuffer_Release(&hold.views[i])
    PyErr_Restore(kind, value, trace)


cdef void _array_release(ArrowArray *array) noexcept nogil:
    """Frees an array, whole or as far as it was filled, less the children that were moved out."""
    cdef Hold *hold = <Hold *> array.private_data
    cdef int64_t i
    for i in range(array.n_children):
        if array.children[i] != NULL and array.children[i].release != NULL:
            array.children[i].release(array.children[i])
        free(array.children[i])
    if array.dictionary != NULL and array.dictionary.release != NULL:
        array.dictionary.release(array.dictionary)
    free(array.dictionary)
    free(array.children)
    # After the interpreter's end there is nobody left to give the buffers back to.
    if hold.count > 0 and Py_IsInitialized():
        _views_release(hold)
    free(hold.views)
    free(<void *> hold.buffers)
    free(hold)
    array.release = NULL


cdef int _buffers_fill(ArrowArray *out, buffers) except -1:
    """Borrows each buffer; None becomes NULL."""
    cdef Hold *hold = <Hold *> out.private_data
    cdef Py_buffer *view
    cdef Py_ssize_t i
    hold.views = <Py_buffer *> _zeroed(len(buffers), sizeof(Py_buffer))
    hold.buffers = <const void **> _zeroed(len(buffers), sizeof(void *))
    out.buffers = hold.buffers
    out.n_buffers = len(buffers)
    for i in range(len(buffers)):
        if buffers[i] is None:
            continue
        view = &hold.views[hold.count]
        PyObject_GetBuffer(buffers[i], view, PyBUF_SIMPLE)
        hold.count += 1
        hold.buffers[i] = view.buf if view.len > 0 else arrow_nothing
    return 0


cdef int _array_fill(ArrowArray *out, array, int depth) except -1:
    """Fills zeroed memory. After an error ``out`` is to be released, where it has a release."""
    cdef Py_ssize_t i
    if depth > DEPTH_MAX:
        raise ValueError(f"arrays nested more than {DEPTH_MAX} deep")
    length, null_count, buffers, children, dictionary = array
    out.private_data = _zeroed(1, sizeof(Hold))
    out.release = _array_release
    out.length = length
    out.null_count = null_count
    _buffers_fill(out, buffers)
    out.children = <ArrowArray **> _zeroed(len(children), sizeof(ArrowArray *))
    out.n_children = len(children)
    for i in range(len(children)):
        out.children[i] = <ArrowArray *> _zeroed(1, sizeof(ArrowArray))
        _array_fill(out.children[i], children[i], depth + 1)
    if dictionary is not None:
        out.dictionary = <ArrowArray *> _zeroed(1, sizeof(ArrowArray))
        _array_fill(out.dictionary, dictionary, depth + 1)
    return 0


cdef void _schema_drop(ArrowSchema *schema) noexcept:
    if schema.release != NULL:
        schema.release(schema)
    free(schema)


cdef void _array_drop(ArrowArray *array) noexcept:
    if array.release != NULL:
        array.release(array)
    free(array)


cdef void _stream_drop(ArrowArrayStream *stream) noexcept:
    if stream.release != NULL:
        stream.release(stream)
    free(stream)


# Destructors of capsules. A consumer that took the struct left its `release` NULL.
cdef void _schema_capsule_end(object capsule) noexcept:
    _schema_drop(<ArrowSchema *> PyCapsule_GetPointer(capsule, "arrow_schema"))


cdef void _array_capsule_end(object capsule) noexcept:
    _array_drop(<ArrowArray *> PyCapsule_GetPointer(capsule, "arrow_array"))


cdef void _stream_capsule_end(object capsule) noexcept:
    _stream_drop(<ArrowArrayStream *> PyCapsule_GetPointer(capsule, "arrow_array_stream"))


def export_schema(field, /):
    """A capsule ``arrow_schema`` of one field.

    Raises: ``ValueError`` for a name with a zero character.
    """
    cdef ArrowSchema *schema = <ArrowSchema *> _zeroed(1, sizeof(ArrowSchema))
    try:
        _schema_fill(schema, field, 0)
        return PyCapsule_New(schema, "arrow_schema", _schema_capsule_end)
    except BaseException:
        _schema_drop(schema)
        raise


def export_array(array, /):
    """A capsule ``arrow_array``, which holds the buffers of ``array``. Copies: nothing.

    Raises: ``BufferError`` for a buffer that is not contiguous.
    """
    cdef ArrowArray *out = <ArrowArray *> _zeroed(1, sizeof(ArrowArray))
    try:
        _array_fill(out, array, 0)
        return PyCapsule_New(out, "arrow_array", _array_capsule_end)
    except BaseException:
        _array_drop(out)
        raise


# What an exported stream owns. `code` is not 0 once it has failed: from then on every call fails
# alike, since an iterator that raised looks exhausted when it is asked again.
cdef struct Flow:
    PyObject *field
    PyObject *arrays      # NULL after the end
    char *error
    int code


cdef void _flow_fail(Flow *flow, error) noexcept:
    """Keeps the code and the text of ``error``; where even that fails, the code alone."""
    cdef bytes text
    cdef size_t size
    flow.code = EIO
    for kind, known in CODES.items():
        if isinstance(error, kind):
            flow.code = known
            break
    try:
        reason = f"{type(error).__name__}: {error}"
    except Exception:      # an exception may fail to say what it is
        reason = type(error).__name__
    text = reason.encode("utf-8", "replace").replace(b"\0", b" ")
    size = len(text)
    free(flow.error)
    flow.error = <char *> malloc(size + 1)
    if flow.error != NULL:
        memcpy(flow.error, <const char *> text, size + 1)


cdef int _stream_schema(ArrowArrayStream *stream, ArrowSchema *out) noexcept with gil:
    cdef Flow *flow = <Flow *> stream.private_data
    memset(out, 0, sizeof(ArrowSchema))
    try:
        _schema_fill(out, <object> flow.field, 0)
    except BaseException as error:
        if out.release != NULL:
            out.release(out)
        _flow_fail(flow, error)
    return flow.code


cdef int _flow_next(Flow *flow, ArrowArray *out) except -1:
    """Fills ``out`` with the next array, or leaves it released at the end."""
    if flow.arrays == NULL:
        return 0
    try:
        array = next(<object> flow.arrays)
    except StopIteration:
        Py_DECREF(<object> flow.arrays)
        flow.arrays = NULL
        return 0
    _array_fill(out, array, 0)
    return 0


cdef int _stream_next(ArrowArrayStream *stream, ArrowArray *out) noexcept with gil:
    cdef Flow *flow = <Flow *> stream.private_data
    memset(out, 0, sizeof(ArrowArray))
    if flow.code != 0:
        return flow.code
    try:
        _flow_next(flow, out)
    except BaseException as error:
        if out.release != NULL:
            out.release(out)
        _flow_fail(flow, error)
    return flow.code


cdef const char *_stream_error(ArrowArrayStream *stream) noexcept nogil:
    return (<Flow *> stream.private_data).error


cdef void _flow_release(Flow *flow) noexcept with gil:
    cdef PyObject *kind
    cdef PyObject *value
    cdef PyObject *trace
    PyErr_Fetch(&kind, &value, &trace)
    Py_DECREF(<object> flow.field)
    if flow.arrays != NULL:
        Py_DECREF(<object> flow.arrays)
    PyErr_Restore(kind, value, trace)


cdef void _stream_release(ArrowArrayStream *stream) noexcept nogil:
    cdef Flow *flow = <Flow *> stream.private_data
    if Py_IsInitialized():
        _flow_release(flow)
    free(flow.error)
    free(flow)
    stream.release = NULL


def export_stream(field, arrays, /):
    """A capsule ``arrow_array_stream`` of the arrays that the iterator ``arrays`` gives.

    They are asked for one by one, in whatever thread the consumer reads. What the iterator raises
    becomes the stream's error, with the name of its class.
    """
    cdef ArrowArrayStream *stream = <ArrowArrayStream *> _zeroed(1, sizeof(ArrowArrayStream))
    cdef Flow *flow = <Flow *> calloc(1, sizeof(Flow))
    if flow == NULL:
        free(stream)
        raise MemoryError()
    Py_INCREF(field)
    Py_INCREF(arrays)
    flow.field = <PyObject *> field
    flow.arrays = <PyObject *> arrays
    stream.private_data = flow
    stream.get_schema = _stream_schema
    stream.get_next = _stream_next
    stream.get_last_error = _stream_error
    stream.release = _stream_release
    try:
        return PyCapsule_New(stream, "arrow_array_stream", _stream_capsule_end)
    except BaseException:
        _stream_drop(stream)
        raise
