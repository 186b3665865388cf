"""Arrow's C data interface, inwards: what a producer's capsules hold, without copying.

A producer's memory is trusted, as the interface demands: buffers have no sizes in it. Whoever reads
a buffer says how many bytes its format, length and offset give it.
Source: arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html.
"""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid
from libc.errno cimport EINVAL, ENOMEM, ENOSYS
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset, strlen

from arrow_abi cimport ArrowArray, ArrowArrayStream, ArrowSchema

# Levels of nested fields and arrays, which reading recurses over.
cdef enum:
    DEPTH_MAX = 200

# What an empty buffer without an address points to, and what a node is before it gets its array:
# Python code can make either with `__new__`.
cdef char NOTHING = 0
cdef ArrowArray EMPTY
memset(&EMPTY, 0, sizeof(ArrowArray))


cdef void *_pointer(capsule, const char *name) except NULL:
    """Raises: ``TypeError`` for anything but a capsule of that name."""
    if not PyCapsule_IsValid(capsule, name):
        raise TypeError(f"expected a capsule named {name.decode()!r}, not {capsule!r}")
    return PyCapsule_GetPointer(capsule, name)


cdef bytes _sized(const char *data, int *at):
    """A size in four bytes, and as many bytes; moves ``at`` behind them."""
    cdef int size
    memcpy(&size, data + at[0], 4)
    if size < 0:
        raise ValueError(f"metadata with a size of {size}")
    text = data[at[0] + 4:at[0] + 4 + size]
    at[0] += 4 + size
    return text


cdef dict _metadata(const char *data):
    cdef int pairs
    cdef int at = 4
    if data == NULL:
        return None
    memcpy(&pairs, data, 4)
    found = {}
    for _ in range(pairs):
        key = _sized(data, &at)
        found[key.decode("utf-8", "replace")] = _sized(data, &at).decode("utf-8", "replace")
    return found


cdef tuple _describe(const ArrowSchema *schema, int depth):
    cdef int64_t i
    if depth > DEPTH_MAX:
        raise ValueError(f"Arrow fields nested more than {DEPTH_MAX} deep")
    if schema == NULL or schema.release == NULL or schema.format == NULL:
        raise ValueError("the Arrow schema was released before it was read")
    if schema.n_children > 0 and schema.children == NULL:
        raise ValueError("an Arrow schema lacks its children")
    children = tuple([
        _describe(schema.children[i], depth + 1) for i in range(schema.n_children)
    ])
    dictionary = None
    if schema.dictionary != NULL:
        dictionary = _describe(schema.dictionary, depth + 1)
    name = "" if schema.name == NULL else schema.name.decode("utf-8", "replace")
    return (
        schema.format.decode("utf-8", "replace"), name, schema.flags,
        _metadata(schema.metadata), children, dictionary,
    )


def read_schema(capsule, /):
    """The field in a capsule ``arrow_schema``, as `arrow_export` describes one; leaves it there.

    Raises: ``TypeError`` for another object, ``ValueError`` where the capsule is empty.
    """
    return _describe(<const ArrowSchema *> _pointer(capsule, "arrow_schema"), 0)


@cython.final
cdef class Owner:
    """The array that was moved here; its producer's release is called once, after the last user."""

    cdef ArrowArray array

    def __cinit__(self):
        memset(&self.array, 0, sizeof(ArrowArray))

    def __dealloc__(self):
        if self.array.release != NULL:
            self.array.release(&self.array)


@cython.final
cdef class ArrowBuffer:
    """Bytes of a producer, read-only, with the buffer protocol; holds the whole array.

    ``address``: where they lie, for whoever wants them aligned.
    """

    cdef Owner owner
    cdef const void *data
    cdef Py_ssize_t nbytes

    def __cinit__(self):
        self.data = &NOTHING
        self.nbytes = 0

    @property
    def address(self):
        return <size_t> self.data

    def __len__(self):
        return self.nbytes

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, <void *> self.data, self.nbytes, True, flags)


@cython.final
cdef class ArrowNode:
    """An array or a child of one: its numbers as the producer gives them, its buffers on demand."""

    cdef Owner owner
    cdef const ArrowArray *array

    def __cinit__(self):
        self.array = &EMPTY

    @property
    def length(self):
        return self.array.length

    @property
    def null_count(self):
        """-1: not counted."""
        return self.array.null_count

    @property
    def offset(self):
        """Values of the buffers before the first; of a struct, before the first of its children
        too."""
        return self.array.offset

    @property
    def buffers(self):
        """How many there are."""
        return self.array.n_buffers

    @property
    def children(self):
        return tuple([
            _node(self.owner, self.array.children[i]) for i in range(self.array.n_children)
        ])

    @property
    def dictionary(self):
        """The array of values that this one's numbers are places in, or None."""
        if self.array.dictionary == NULL:
            return None
        return _node(self.owner, self.array.dictionary)

    def buffer(self, int64_t index, int64_t nbytes, /):
        """The first ``nbytes`` bytes of a buffer; None where it is missing.

        REQUIRES: the format gives the buffer so many. Raises: ``ValueError`` for a negative count,
        and for a missing buffer that should have bytes, unless it is the validity.
        """
        cdef ArrowBuffer buffer
        if not 0 <= index < self.array.n_buffers or nbytes < 0:
            raise ValueError(f"an Arrow array of {self.array.n_buffers} buffers has no "
                             f"{nbytes} bytes in buffer {index}")
        if self.array.buffers[index] == NULL and (index == 0 or nbytes == 0):
            return None
        if self.array.buffers[index] == NULL:
            raise ValueError(f"an Arrow array lacks the {nbytes} bytes of its buffer {index}")
        buffer = ArrowBuffer.__new__(ArrowBuffer)
        buffer.owner = self.owner
        buffer.data = self.array.buffers[index] if nbytes else &NOTHING
        buffer.nbytes = nbytes
        return buffer


cdef ArrowNode _node(Owner owner, const ArrowArray *array):
    cdef ArrowNode node
    if array == NULL or array.length < 0 or array.offset < 0 or array.n_buffers < 0:
        raise ValueError("an Arrow array has a negative length, offset or number of buffers")
    if array.length > (<int64_t> 1 << 62) - array.offset:
        raise ValueError(f"an Arrow array has {array.length} values from {array.offset} on")
    if array.n_buffers and array.buffers == NULL or array.n_children and array.children == NULL:
        raise ValueError("an Arrow array lacks its buffers or its children")
    node = ArrowNode.__new__(ArrowNode)
    node.owner = owner
    node.array = array
    return node


cdef ArrowNode _taken(ArrowArray *array):
    """Moves ``array`` into an owner: CDataInterface.html, "Moving an array"."""
    cdef Owner owner = Owner.__new__(Owner)
    if array.release == NULL:
        raise ValueError("the Arrow array was already taken by another consumer")
    memcpy(&owner.array, array, sizeof(ArrowArray))
    array.release = NULL
    return _node(owner, &owner.array)


def take_array(capsule, /):
    """The array of a capsule ``arrow_array``, which is empty from then on. Copies: nothing.

    Raises: ``TypeError`` for another object, ``ValueError`` for a capsule that is empty already.
    """
    return _taken(<ArrowArray *> _pointer(capsule, "arrow_array"))


@cython.final
cdef class ArrowStream:
    """The stream of a capsule ``arrow_array_stream``, which is empty from then on: an iterator.

    Errors of the producer: ``ValueError``, ``NotImplementedError`` or ``MemoryError`` where its
    code says so, else ``OSError``, with its text. Threads: one at a time, as the interface says.
    """

    cdef ArrowArrayStream stream

    def __cinit__(self, capsule, /):
        cdef ArrowArrayStream *given
        memset(&self.stream, 0, sizeof(ArrowArrayStream))
        given = <ArrowArrayStream *> _pointer(capsule, "arrow_array_stream")
        if given.release == NULL:
            raise ValueError("the Arrow stream was already taken by another consumer")
        memcpy(&self.stream, given, sizeof(ArrowArrayStream))
        given.release = NULL

    def __dealloc__(self):
        self._close()

    cdef void _close(self) noexcept:
        if self.stream.release != NULL:
            self.stream.release(&self.stream)
            self.stream.release = NULL

    cdef int _check(self, int code) except -1:
        """Raises for a code that is not 0."""
        cdef const char *text
        if code == 0:
            return 0
        text = self.stream.get_last_error(&self.stream)
        reason = f"the Arrow stream failed with error {code}"
        if text != NULL and strlen(text):
            reason = text.decode("utf-8", "replace")
        if code == EINVAL:
            raise ValueError(reason)
        if code == ENOSYS:
            raise NotImplementedError(reason)
        if code == ENOMEM:
            raise MemoryError(reason)
        raise OSError(code, reason)

    def schema(self):
        """The field of the arrays, as `arrow_export` describes one."""
        cdef ArrowSchema schema
        cdef int code
        memset(&schema, 0, sizeof(ArrowSchema))
        if self.stream.release == NULL:
            raise ValueError("the Arrow stream is closed")
        with nogil:
            code = self.stream.get_schema(&self.stream, &schema)
        self._check(code)
        try:
            return _describe(&schema, 0)
        finally:
            if schema.release != NULL:
                schema.release(&schema)

    def close(self):
        """Lets the producer go; the arrays that were read stay."""
        self._close()

    def __iter__(self):
        return self

    def __next__(self):
        cdef ArrowArray array
        cdef int code
        memset(&array, 0, sizeof(ArrowArray))
        if self.stream.release == NULL:
            raise StopIteration
        with nogil:
            code = self.stream.get_next(&self.stream, &array)
        self._check(code)
        if array.release == NULL:
            raise StopIteration
        return _taken(&array)
