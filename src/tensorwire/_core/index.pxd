from libc.stdint cimport uint8_t, uint32_t

from cursor cimport Item
from wire cimport Fault, MessagePlan


cdef struct Piece:
    # Bytes [start, stop) of a message, from the base of its owner.
    size_t start
    size_t stop


cdef struct Scan:
    # Walks the items of a message over all its pieces.
    const uint8_t *base
    const Piece *piece
    const Piece *piece_end
    size_t at
    size_t stop


cdef struct Entry:
    # One present field of a message. Offsets count from the base.
    uint32_t slot
    uint32_t pad
    size_t count             # items, packed runs counting as one; 0 for a cleared oneof member
    size_t first
    size_t last
    void *starts             # offsets of the items, made on first indexed use


cdef struct Index:
    size_t count
    size_t room
    Entry entries[1]         # `count` of them, ascending by slot


# Stands for an index that would be larger than what it saves.
cdef Index *NO_INDEX

cdef void scan_begin(Scan *scan, const uint8_t *base, const Piece *pieces,
                     size_t count) noexcept nogil
# 1 and a filled item; 0 at the end; -1 and a filled fault.
cdef int scan_next(Scan *scan, Item *item, Fault *fault) noexcept nogil
# A new index of the items that the scan walks; NO_INDEX, unless `forced`, where it would not pay;
# NULL and a filled fault.
cdef Index *index_build(const MessagePlan *plan, Scan *scan, bint forced, Fault *fault) noexcept
# The entry of the field in that slot, or NULL.
cdef Entry *index_entry(Index *index, uint32_t slot) noexcept nogil
cdef void index_free(Index *index) noexcept
