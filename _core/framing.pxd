"""Records in a stream and the prefixes of records, as framing.h has them."""

from libc.stdint cimport int64_t, uint8_t, uint64_t

from crc32c cimport Crc32c


cdef extern from "framing.h" nogil:
    ctypedef enum Framing:
        FRAMING_DELIMITED
        FRAMING_TFRECORD

    ctypedef enum FrameReason:
        FRAME_FINE
        FRAME_CUT
        FRAME_CUT_LENGTH
        FRAME_RECORD_CRC

    ctypedef struct FrameFault:
        FrameReason reason
        size_t at
        uint64_t wanted
        uint64_t found

    ctypedef struct FrameText:
        const char *text

    ctypedef struct Frames:
        const uint8_t *base
        size_t at
        size_t end
        int64_t *starts
        int64_t *lengths
        size_t room
        size_t found

    ctypedef struct Prefix:
        size_t skip
        bint confluent

    FrameText frame_text(FrameReason reason)
    FrameReason frames_find(Frames *frames, Framing framing, const Crc32c *crc,
                            FrameFault *fault)
    FrameReason prefix_size(Prefix prefix, const uint8_t *record, size_t size, size_t *used,
                            FrameFault *fault)
