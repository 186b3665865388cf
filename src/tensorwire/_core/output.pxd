from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef extern from "output.h" nogil:
    ctypedef struct Segment:
        const uint8_t *at
        size_t length
        void *owner

    ctypedef struct Output:
        Segment *segments
        size_t count
        bint counting
        bint failed

    void output_begin(Output *out, bint counting)
    void output_end(Output *out)
    void output_close(Output *out)
    size_t output_size(const Output *out)
    uint8_t *output_take(Output *out, size_t length)
    uint8_t *output_space(Output *out, size_t length)
    void output_copy(Output *out, const uint8_t *source, size_t length)
    void output_range(Output *out, const uint8_t *source, size_t length, void *owner)
    void output_payload(Output *out, const uint8_t *source, size_t length, void *owner,
                        uint32_t tag)
    void output_varint(Output *out, uint64_t value)
    void output_number(Output *out, uint64_t value, uint32_t tag)
    void output_set_item_end(Output *out)
    void output_set_item_begin(Output *out, size_t length, uint32_t number)
    void output_fixed32(Output *out, uint32_t value)
    void output_fixed64(Output *out, uint64_t value)


cdef class Rope:
    # An output on the heap, for ranges that outlive the encoding.
    cdef Output out
    cdef size_t held         # segments whose owners it holds

    cdef list ranges(self)


# The bytes of a finished output; a `bytes` object that is all of it itself.
cdef bytes output_bytes(Output *out)
# Whether two finished outputs have the same bytes.
cdef bint output_equal(Output *a, Output *b) except -1
