"""What the encoder takes from its leaf headers."""

from libc.stdint cimport uint8_t, uint64_t

from tensorwire._core.output cimport Output


cdef extern from "encode.h" nogil:
    uint64_t varint_settled(uint8_t kind, uint64_t value)
    uint64_t varint_of_number(uint8_t kind, uint64_t bits)
    const uint8_t *varint_before(const uint8_t *begin, const uint8_t *end)
    void output_varints(Output *out, uint8_t kind, const void *numbers, size_t count)

cdef extern from "sort.h" nogil:
    int sort_records(void *records, size_t count, size_t size,
                     int (*before)(const void *, const void *) noexcept nogil)
