"""Memory that a kernel filled, handed on to arrays."""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from libc.stdlib cimport free


@cython.final
@cython.no_gc
cdef class Block:
    """Writable bytes of its own, freed with the last array on them; `np.frombuffer` takes it."""

    def __init__(self):
        raise TypeError("Blocks are made by the modules that fill them")

    def __dealloc__(self):
        free(self._data)

    def __len__(self):
        return <Py_ssize_t> self.nbytes

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self._data if self._data != NULL else <void *> b"",
                          <Py_ssize_t> self.nbytes, self._data == NULL, flags)


cdef Block block_take(void *data, size_t nbytes):
    cdef Block block
    try:
        block = Block.__new__(Block)
    except BaseException:
        free(data)
        raise
    block._data = data
    block.nbytes = nbytes
    return block
