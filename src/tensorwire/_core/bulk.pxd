from varint_bulk cimport VarintKernel


# The kernel that was picked when the module was imported; for the varint_run_* functions.
cdef const VarintKernel *kernel_in_use() noexcept nogil
