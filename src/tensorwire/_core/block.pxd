cdef class Block:
    cdef void *_data
    cdef readonly size_t nbytes


# Takes over memory of malloc(), also where it fails. `nbytes` of it are used.
cdef Block block_take(void *data, size_t nbytes)
