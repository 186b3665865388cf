"""Memory that a kernel filled, handed on to arrays."""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from libc.stdlib cimport free

from projected cimport memory_free, memory_new


@cython.final
@cython.no_gc
cdef class Block:
    """Bytes of its own, freed with the last array on them; `np.frombuffer` takes it.

    Writable, unless what made it says otherwise.
    """

    def __init__(self):
        raise TypeError("Blocks are made by the modules that fill them")

    def __dealloc__(self):
        if self._held:
            memory_free(self._data, self._held)
        else:
            free(self._data)

    def __len__(self):
        return <Py_ssize_t> self.nbytes

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self._data if self._data != NULL else <void *> b"",
                          <Py_ssize_t> self.nbytes, self._is_fixed or self._data == NULL,
                          flags)


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


cdef Block block_held(void *data, size_t nbytes, size_t held):
    cdef Block block
    try:
        block = Block.__new__(Block)
    except BaseException:
        memory_free(data, held)
        raise
    block._data, block.nbytes = data, nbytes
    block._held, block._is_fixed = held, True
    return block


cdef Block block_fresh(size_t nbytes, bint zeroed):
    cdef size_t held = nbytes if nbytes else 1
    cdef void *data = memory_new(held, zeroed)
    if data == NULL:
        raise MemoryError
    return block_held(data, nbytes, held)
