from crc32c cimport Crc32c


# The kernel that was picked when the module was imported, with its tables.
cdef const Crc32c *crc32c_in_use() noexcept nogil
