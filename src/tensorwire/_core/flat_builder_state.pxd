from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from flat_vtables cimport FlatVtables


cdef extern from *:
    """
    /* Builder.MAX_BUFFER_SIZE of google/flatbuffers python/flatbuffers/builder.py: 2 GiB. */
    #define FLAT_MOST ((Py_ssize_t)1 << 31)
    /* The last slot of any vtable: its size is 16 bits, and 4 bytes come before the first. */
    #define FLAT_SLOTS ((65535 - 4) / 2)
    """
    const Py_ssize_t FLAT_MOST
    const Py_ssize_t FLAT_SLOTS


cdef class BuilderState:
    # The attributes of a builder. Those that it writes often are numbers here and objects only
    # when somebody asks for them.
    cdef bytearray data
    cdef Py_ssize_t at              # where what was written begins; may be anything from outside
    cdef Py_ssize_t widest          # minalign
    cdef bint inside                # nested
    cdef bint done                  # finished
    cdef bint forced                # forceDefaults
    cdef bint plain                 # no method that others are made of is overridden
    cdef object shared              # sharedStrings
    # What elements of 1, 2, 4 and 8 bytes align to at least; upstream knows nothing of it.
    cdef uint32_t[4] least
    # objectEnd
    cdef bint ended
    cdef Py_ssize_t end
    # vectorNumElems
    cdef bint counted
    cdef object elements
    # current_vtable: while `open`, `slots` of them, those from `used` on absent; else `listed`.
    cdef bint open
    cdef Py_ssize_t slots
    cdef Py_ssize_t used
    cdef Py_ssize_t room
    cdef uint32_t *ends             # where each field begins, from the buffer's end; 0: absent
    cdef object listed
    # vtables: in `known`, or in `mapped` once somebody asked for it
    cdef FlatVtables known
    cdef object mapped

    cdef void clear(self) noexcept
    cdef int reserve(self, Py_ssize_t needed) except -1
    cdef int widen(self, Py_ssize_t slot) except -1


# What follows does as upstream's methods do, or, where they would fail, run other code or meet what
# is no usual state, gives 0 and leaves everything as it was (alignment and growth aside, which the
# careful way finds done). REQUIRES: `self.plain`.

cdef inline uint8_t *flat_base(BuilderState self) noexcept:
    return <uint8_t *> PyByteArray_AS_STRING(self.data)


cdef inline Py_ssize_t flat_written(BuilderState self) noexcept:
    return PyByteArray_GET_SIZE(self.data) - self.at


cdef inline Py_ssize_t flat_least(BuilderState self, Py_ssize_t width) noexcept:
    """What a vector of elements of that size aligns to at least."""
    if width == 1:
        return self.least[0]
    if width == 2:
        return self.least[1]
    if width == 4:
        return self.least[2]
    return self.least[3] if width == 8 else 1


cdef inline int flat_prep(BuilderState self, Py_ssize_t size, Py_ssize_t additional) except -1:
    """Room for ``additional`` bytes and ``size`` before them, padded so that the latter align.

    REQUIRES: 1 <= size <= FLAT_MOST, 0 <= additional <= FLAT_MOST: no sum here wraps.
    """
    cdef Py_ssize_t length = PyByteArray_GET_SIZE(self.data)
    cdef Py_ssize_t pad, needed
    if not 0 <= self.at <= length:
        return 0
    pad = -(length - self.at + additional) & (size - 1)
    needed = pad + size + additional
    if self.at < needed and not self.reserve(needed):
        return 0
    if size > self.widest:
        self.widest = size
    if pad:
        self.at -= pad
        memset(flat_base(self) + self.at, 0, pad)
    return 1


cdef inline void flat_put(BuilderState self, uint64_t bits, int width) noexcept:
    """REQUIRES: flat_prep() made room for ``width`` bytes."""
    self.at -= width
    memcpy(flat_base(self) + self.at, &bits, width)      # little-endian: see platform.h


cdef inline int flat_slot_open(BuilderState self, Py_ssize_t slot) except -1:
    """Whether a field may be noted in that slot; then there is room for it."""
    if (not self.open or not self.inside or not 0 <= slot < self.slots
            or not 0 <= flat_written(self) <= FLAT_MOST):
        return 0
    if slot >= self.room:
        return self.widen(slot)
    return 1


cdef inline void flat_slot_set(BuilderState self, Py_ssize_t slot) noexcept:
    """REQUIRES: flat_slot_open() of that slot."""
    while self.used <= slot:           # progress: one slot
        self.ends[self.used] = 0
        self.used += 1
    self.ends[slot] = <uint32_t> flat_written(self)
