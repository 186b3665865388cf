"""The buffers that spans lie in, borrowed once for all columns on them."""

cimport cython
from cpython.buffer cimport (
    PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from arrow_spans cimport Cursor


@cython.final
cdef class Held:
    """One borrowed buffer, for the length of a call or an object."""

    def __cinit__(self, owner, bint writable):
        PyObject_GetBuffer(owner, &self.view, PyBUF_WRITABLE if writable else PyBUF_SIMPLE)

    def __dealloc__(self):
        PyBuffer_Release(&self.view)


@cython.final
cdef class SpanSource:
    """The buffers of a `Sources` with their addresses, found once for all columns on them.

    ``starts``: int64, the address of each buffer and the end of the last. None is an empty buffer.
    Lifetime: holds the buffers. Raises: ``ValueError`` where ``starts`` does not fit the buffers.
    """

    def __cinit__(self, buffers, starts, /):
        self.buffers = tuple(buffers)
        self.count = len(self.buffers)
        cdef Held taken = Held(starts, False)
        if taken.view.len != <Py_ssize_t> (8 * (self.count + 1)):
            raise ValueError(f"{self.count} buffers have {self.count + 1} starts, "
                             f"not {taken.view.len // 8}")
        # A copy: what is checked here must stay as it is.
        self.starts = <int64_t *> calloc(self.count + 1, sizeof(int64_t))
        if self.starts == NULL:
            raise MemoryError()
        memcpy(self.starts, taken.view.buf, taken.view.len)
        self.data = <const uint8_t **> calloc(self.count + 1, sizeof(void *))
        if self.data == NULL:
            raise MemoryError()
        self.held = []
        self._take()

    cdef int _take(self) except -1:
        cdef const int64_t *starts = self.starts
        cdef int64_t i, size
        cdef Held held
        for i in range(self.count):
            buffer = self.buffers[i]
            if buffer is None:
                size = 0
            elif PyBytes_CheckExact(buffer):
                self.data[i] = <const uint8_t *> PyBytes_AS_STRING(buffer)
                size = PyBytes_GET_SIZE(buffer)
            else:
                held = Held(buffer, False)
                self.held.append(held)
                self.data[i] = <const uint8_t *> held.view.buf
                size = held.view.len
            # Bounds instead of a difference, which could wrap.
            if starts[i] < 0 or starts[i + 1] < starts[i] or starts[i + 1] - starts[i] > size:
                raise ValueError(f"buffer {i} of {size} bytes cannot reach "
                                 f"from {starts[i]} to {starts[i + 1]}")
        return 0

    def __dealloc__(self):
        free(self.data)
        free(self.starts)

    @property
    def end(self):
        """The end of the last buffer."""
        return self.starts[self.count]

    def sizes(self):
        """Bytes of each buffer."""
        cdef const int64_t *starts = self.starts
        return [starts[i + 1] - starts[i] for i in range(self.count)]

    cdef Cursor cursor(self) noexcept:
        """At the first buffer; valid as long as this object."""
        cdef Cursor cursor
        cursor.data = self.data
        cursor.starts = self.starts
        cursor.count = self.count
        cursor.at = 0
        return cursor
