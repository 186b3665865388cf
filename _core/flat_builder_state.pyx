"""What a FlatBuffers builder holds, and its attributes as upstream's has them.

Source of names and behaviour: google/flatbuffers 25.12.19, ``python/flatbuffers/builder.py``.
"""

from copyreg import __newobj__

from cpython.bytearray cimport PyByteArray_FromStringAndSize
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint16_t
from libc.stdlib cimport free, realloc

from flat_vtables cimport FlatVtable, flat_vtables_free

_NAMES = (
    "Bytes", "head", "minalign", "nested", "finished", "forceDefaults", "sharedStrings",
    "objectEnd", "vectorNumElems", "current_vtable", "vtables",
)


cdef class BuilderState:
    """The buffer, filled from its end, and what is being written into it.

    Every attribute can be read and set at any time; the next call goes by what it finds.
    """

    def __cinit__(self, *args, **kwargs):
        self.data = bytearray()
        self.ends = NULL
        self.least[:] = [1, 1, 1, 1]
        self.clear()

    def __dealloc__(self):
        free(self.ends)
        flat_vtables_free(&self.known)

    cdef void clear(self) noexcept:
        """Everything but the buffer, as it is before the first call."""
        self.at = PyByteArray_GET_SIZE(self.data)
        self.widest = 1
        self.inside = self.done = self.forced = self.ended = self.open = False
        self.listed = self.mapped = self.shared = None
        flat_vtables_free(&self.known)

    cdef int reserve(self, Py_ssize_t needed) except -1:
        """Doubles the buffer until ``needed`` bytes are free. 0, and nothing done, beyond the most.

        REQUIRES: 0 <= self.at <= length.
        """
        cdef Py_ssize_t length = PyByteArray_GET_SIZE(self.data), longer = length, written
        cdef bytearray grown
        written = length - self.at
        while longer - written < needed:           # progress: doubles up to the most
            if longer >= FLAT_MOST:
                return 0
            longer = min(2 * longer, FLAT_MOST) if longer else 1
        if longer == length:
            return 1
        grown = PyByteArray_FromStringAndSize(NULL, longer)
        memset(PyByteArray_AS_STRING(grown), 0, longer - length)
        memcpy(PyByteArray_AS_STRING(grown) + (longer - length), flat_base(self), length)
        self.data = grown
        self.at += longer - length
        return 1

    cdef int widen(self, Py_ssize_t slot) except -1:
        """Room for that slot; 0 where no vtable could have it."""
        cdef Py_ssize_t room = max(slot + 1, 2 * self.room, 32)
        cdef uint32_t *wider
        if slot >= FLAT_SLOTS:
            return 0
        # Behind the ends there is place for the words of a vtable.
        wider = <uint32_t *> realloc(
            self.ends, room * sizeof(uint32_t) + (room + 1) * sizeof(uint16_t))
        if wider == NULL:
            raise MemoryError
        self.ends, self.room = wider, room
        return 1

    def __reduce__(self):
        values = {name: getattr(self, name) for name in _NAMES if hasattr(self, name)}
        return __newobj__, (type(self),), (getattr(self, "__dict__", None), values)

    # -- attributes --

    @property
    def Bytes(self):
        """The buffer, a ``bytearray``; another one after each growth."""
        return self.data

    @Bytes.setter
    def Bytes(self, value):
        if not isinstance(value, bytearray):
            raise TypeError(f"Bytes must be a bytearray, not {type(value).__name__}")
        self.data = value

    @property
    def head(self):
        """Where what was written begins in ``Bytes``."""
        return self.at

    @head.setter
    def head(self, value):
        self.at = value

    @property
    def minalign(self):
        """The widest alignment that anything asked for."""
        return self.widest

    @minalign.setter
    def minalign(self, value):
        self.widest = value

    @property
    def nested(self):
        """Whether an object, vector or string is being written."""
        return self.inside

    @nested.setter
    def nested(self, value):
        self.inside = value

    @property
    def finished(self):
        """Whether ``Finish`` was called since the last ``Clear``."""
        return self.done

    @finished.setter
    def finished(self, value):
        self.done = value

    @property
    def forceDefaults(self):
        """Whether fields that equal their default are written."""
        return self.forced

    @forceDefaults.setter
    def forceDefaults(self, value):
        self.forced = value

    @property
    def sharedStrings(self):
        """Offsets by string, of those that ``CreateSharedString`` wrote; or None."""
        return self.shared

    @sharedStrings.setter
    def sharedStrings(self, value):
        self.shared = value

    @property
    def objectEnd(self):
        """Where the object that was started last ends, from the buffer's end; or None."""
        return self.end if self.ended else None

    @objectEnd.setter
    def objectEnd(self, value):
        if value is not None:
            self.end = value
        self.ended = value is not None

    @property
    def vectorNumElems(self):
        """Elements of the vector that was started last; None after its end."""
        if not self.counted:
            raise AttributeError("vectorNumElems")
        return self.elements

    @vectorNumElems.setter
    def vectorNumElems(self, value):
        self.elements = value
        self.counted = True

    @property
    def current_vtable(self):
        """Where each field of the object that is being written begins, from the buffer's end; 0 for
        those that are absent. None where no object is."""
        cdef Py_ssize_t i
        cdef list slots
        cdef object end
        if self.open:
            slots = PyList_New(self.slots)
            for i in range(self.slots):
                end = self.ends[i] if i < self.used else 0
                Py_INCREF(end)
                PyList_SET_ITEM(slots, i, end)
            self.listed, self.open = slots, False
        return self.listed

    @current_vtable.setter
    def current_vtable(self, value):
        self.listed, self.open = value, False

    @property
    def vtables(self):
        """Offsets of the vtables that were written, from the buffer's end, by what is in them."""
        if self.mapped is None:
            self.mapped = _mapped(&self.known)
        return self.mapped

    @vtables.setter
    def vtables(self, value):
        self.mapped = value


cdef dict _mapped(const FlatVtables *known):
    """Keys as upstream's: the slots from the last in use to the first, then the object's size."""
    cdef dict mapped = {}
    cdef const FlatVtable *entry
    cdef const uint16_t *words
    cdef size_t i
    cdef uint32_t k
    for i in range(known.count):
        entry = &known.entries[i]
        words = known.words + entry.first
        mapped[tuple([words[entry.count - 1 - k] for k in range(entry.count)])] = entry.offset
    return mapped
