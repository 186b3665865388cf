cdef class Block:
    cdef void *_data
    cdef readonly size_t nbytes
    cdef size_t _held        # what memory_free() needs to know; 0: memory of malloc()
    cdef bint _is_fixed      # exported read-only


# Takes over memory of malloc(), also where it fails. `nbytes` of it are used.
cdef Block block_take(void *data, size_t nbytes)
# Takes over memory of memory_new() and its like, also where it fails; exported read-only.
cdef Block block_held(void *data, size_t nbytes, size_t held)
# Memory of its own, exported read-only.
cdef Block block_fresh(size_t nbytes, bint zeroed)
