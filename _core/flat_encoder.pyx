"""What writes FlatBuffers from back to front: tables, vectors and strings of values found before.

Every position is counted from the buffer's end, where its first byte lies at a multiple of what it
aligns to; the whole is padded to the widest of these.
Source: google/flatbuffers ``docs/source/internals.md``.
"""

from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from flat cimport FLAT_IS_STRUCT, FlatField, FlatObject
from flat_vtables cimport (
    FlatVtable, flat_vtable_add, flat_vtable_find, flat_vtable_hash, flat_vtables_free,
)
from tensorwire._core.output cimport (
    output_begin, output_bytes, output_copy, output_end, output_range, output_size, output_space,
    output_take,
)

cimport cython

from tensorwire.errors import EncodeError, LimitError


cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX


cdef enum:
    # What offsets of 32 bits reach, signed ones too: FLATBUFFERS_MAX_BUFFER_SIZE of base.h.
    REACH = 0x7fffffff
    OBJECT_MOST = 65535                    # a table's size in its vtable
    DEPTH_ROOM = 16
    # Levels of C calls: of tables, and of structs in them.
    DEPTH_MOST = 200
    LEVELS_MOST = 400


@cython.final
cdef class FlatEncoder:
    """One buffer that is being written.

    ``limits``: `tensorwire.limits.Limits`.
    """

    def __cinit__(self, FlatNames names not None, limits, bint forced, bint sorts, bint shares):
        output_begin(&self.out, False)
        self.names = names
        self.limits = limits
        self.depth_limit = min(limits.flat_depth, DEPTH_MOST)
        self.forced, self.sorts = forced, sorts
        self.strings = {} if shares else None
        self.held = []
        self.far = []
        self.widest = 4

    def __dealloc__(self):
        output_end(&self.out)
        flat_vtables_free(&self.known)
        PyMem_Free(self.words)
        PyMem_Free(self.fields)
        PyMem_Free(self.scratch)
        PyMem_Free(self.places)

    # -- where it is --

    cdef int enter(self, const FlatObject *object) except -1:
        """A table or struct begins."""
        if not object.is_struct:
            self.tables += 1
        if self.tables > self.depth_limit or self.depth >= LEVELS_MOST:
            text = f"nested deeper than {self.depth_limit} tables; see limits.flat_depth"
            raise self.at_place(LimitError, text)
        if self.depth == self.depth_room:
            room = max(DEPTH_ROOM, 2 * self.depth_room)
            self.places = <EncodedPlace *> _grown(self.places, room, sizeof(EncodedPlace))
            self.depth_room = room
        self.places[self.depth].object = object
        self.places[self.depth].field = NULL
        self.places[self.depth].index = -1
        self.depth += 1
        return 0

    cdef void leave(self) noexcept:
        """It ends."""
        self.depth -= 1
        if not self.places[self.depth].object.is_struct:
            self.tables -= 1

    cdef object wrong(self, str reason):
        """An `EncodeError` about the field, and the element of it, that is being written."""
        return self.at_place(EncodeError, reason)

    cdef object at_place(self, error, reason):
        return error(reason, None, self.path())

    cdef str path(self):
        cdef str path = ""
        cdef size_t i
        for i in range(self.depth):
            if self.places[i].field == NULL:
                break
            declared = self.names.plans.declarations.objects[self.places[i].object.head.index]
            path += f"{'.' if path else ''}{declared.fields[self.places[i].field.index].name}"
            if self.places[i].index >= 0:
                path += f"[{self.places[i].index}]"
        return path

    # -- what is gathered --

    cdef int note(self, const FlatField *field, uint64_t bits) except -1:
        """A field of the innermost table."""
        if self.field_count == self.field_room:
            room = max(32, 2 * self.field_room)
            self.fields = <EncodedField *> _grown(self.fields, room, sizeof(EncodedField))
            self.field_room = room
        self.fields[self.field_count].field = field
        self.fields[self.field_count].bits = bits
        self.field_count += 1
        return 0

    cdef uint8_t *struct_room(self, size_t size) except NULL:
        """Zero bytes for a struct, until the next call."""
        if self.scratch_room - self.scratch_used < size:
            room = max(256, 2 * self.scratch_room, self.scratch_used + size)
            self.scratch = <uint8_t *> _grown(self.scratch, room, 1)
            self.scratch_room = room
        memset(self.scratch + self.scratch_used, 0, size)
        self.scratch_used += size
        return self.scratch + (self.scratch_used - size)

    # -- what is written --

    cdef int fits(self, size_t more) except -1:
        """Raises: ``LimitError`` where so many bytes more would be out of reach."""
        cdef uint64_t used = output_size(&self.out) - self.low
        if more > REACH or used > REACH - more:
            text = f"{used + more} bytes: offsets of 32 bits reach {REACH}"
            raise self.at_place(LimitError, text)
        return 0

    cdef int align(self, uint32_t to, size_t after) except -1:
        """Zero bytes, so that what comes after another ``after`` bytes begins at a multiple."""
        cdef size_t padding = -(output_size(&self.out) + after) & (to - 1)
        cdef uint8_t *place
        if to > self.widest:
            self.widest = to
        if padding:
            place = output_space(&self.out, padding)
            if place == NULL:
                raise MemoryError
            memset(place, 0, padding)
        return 0

    cdef uint64_t bytes_vector(self, const uint8_t *data, size_t nbytes, size_t count,
                               uint32_t align, PyObject *owner, bint wide) except 0:
        """A vector of what lies in memory; ``owner``, if there is one, holds it unchanged.

        ``wide``: its length has 64 bits.
        """
        cdef uint32_t width = 8 if wide else 4
        if not wide and count > 0xffffffff:
            raise self.at_place(LimitError, f"{count} elements: lengths have 32 bits")
        self.align(width, nbytes)
        self.align(align, nbytes)
        if owner == NULL:
            output_copy(&self.out, data, nbytes)
        else:
            output_range(&self.out, data, nbytes, owner)
        _put(&self.out, count, width)
        return output_size(&self.out)

    cdef uint64_t string(self, const char *text, Py_ssize_t length) except 0:
        self.fits(<size_t> length + 16)
        self.align(4, <size_t> length + 1)
        _put(&self.out, 0, 1)
        output_copy(&self.out, <const uint8_t *> text, <size_t> length)
        _put(&self.out, <uint64_t> length, 4)
        return output_size(&self.out)

    cdef uint64_t offsets(self, list targets) except 0:
        """A vector of offsets to what begins at each of ``targets``; 0 stands for nothing."""
        cdef Py_ssize_t i, count = len(targets)
        cdef uint64_t at, target
        cdef uint32_t offset
        cdef uint8_t *place
        self.fits(4 * <size_t> count + 16)
        self.align(4, 4 * <size_t> count)
        place = output_space(&self.out, 4 * <size_t> count)
        if place == NULL:
            raise MemoryError
        at = output_size(&self.out)
        for i in range(count):
            target = targets[i]
            offset = <uint32_t> (at - 4 * <size_t> i - target) if target else 0
            memcpy(place + 4 * i, &offset, 4)
        _put(&self.out, <uint64_t> count, 4)
        return output_size(&self.out)

    cdef uint64_t table(self, size_t first) except 0:
        """The innermost table, of the fields noted from ``first`` on, which are then forgotten."""
        cdef EncodedField *fields = self.fields + first
        cdef size_t i, count = self.field_count - first, slots = 0
        cdef uint32_t wide = 0, align
        cdef uint64_t start, end = <uint64_t> -1
        for i in range(count):
            slots = max(slots, <size_t> (fields[i].field.offset - 2) / 2)
            wide |= fields[i].field.align
        self.words_for(slots)
        self.fits(4 * slots + 16)
        align = 1 << 15
        while align:                       # progress: halves
            if wide & align:
                for i in range(count):
                    if fields[i].field.align == align:
                        self.field(&fields[i])
                        # What aligns the last field is outside: equal tables then share their
                        # vtable wherever they lie.
                        end = min(end, output_size(&self.out) - fields[i].field.size)
                        fields[i].bits = output_size(&self.out)
            align >>= 1
        self.fits(16)
        self.align(4, 0)
        start = output_size(&self.out) + 4
        end = min(end, start - 4)
        if start - end > OBJECT_MOST:
            raise self.wrong(f"a table of {start - end} bytes, most is {OBJECT_MOST}")
        self.words[0] = <uint16_t> (start - end)
        for i in range(count):
            self.words[(fields[i].field.offset - 2) / 2] = <uint16_t> (start - fields[i].bits)
        self.field_count = first
        self.vtable(start, slots + 1)
        return start

    cdef int words_for(self, size_t slots) except -1:
        if slots + 1 > self.words_room:
            room = max(64, 2 * slots)
            self.words = <uint16_t *> _grown(self.words, room, sizeof(uint16_t))
            self.words_room = room
        memset(self.words, 0, (slots + 1) * sizeof(uint16_t))
        return 0

    cdef int field(self, const EncodedField *encoded) except -1:
        """What lies in the table itself."""
        cdef const FlatField *field = encoded.field
        cdef uint64_t bits = encoded.bits
        cdef uint8_t *place
        self.fits(field.size + field.align)
        self.align(field.align, field.size)
        if field.role == FLAT_IS_STRUCT:
            place = output_space(&self.out, field.size)
            if place == NULL:
                raise MemoryError
            memcpy(place, self.scratch + bits, field.size)
            return 0
        if field.role > FLAT_IS_STRUCT:    # an offset, counted from itself
            bits = output_size(&self.out) + field.size - bits
        _put(&self.out, bits, field.size)
        return 0

    cdef int vtable(self, uint64_t start, uint32_t count) except -1:
        """The offset to a vtable of ``count`` words, which begins a table; and the vtable, unless
        there is one already."""
        cdef uint32_t hash = flat_vtable_hash(self.words, count)
        cdef const FlatVtable *known = flat_vtable_find(&self.known, self.words, count, hash)
        cdef uint64_t at
        if known:
            _put(&self.out, self.low + known.offset - start, 4)
            return 0
        at = start + 2 * (count + 1)
        if not flat_vtable_add(&self.known, self.words, count, hash, <uint32_t> (at - self.low)):
            raise MemoryError
        _put(&self.out, at - start, 4)
        output_copy(&self.out, <const uint8_t *> self.words, 2 * count)
        _put(&self.out, 2 * (count + 1), 2)
        return 0

    cdef bytes finish(self, uint64_t root, bytes identifier, int prefix):
        """The buffer. ``identifier``: four bytes, or empty; ``prefix``: bytes of its size, or 0."""
        cdef size_t ahead = 4 + <size_t> len(identifier) + <size_t> prefix
        self.fits(ahead + self.widest)
        if prefix > <int> self.widest:
            self.widest = prefix
        self.align(self.widest, ahead)
        output_copy(&self.out, identifier, <size_t> len(identifier))
        _put(&self.out, output_size(&self.out) + 4 - root, 4)
        if prefix:
            if prefix == 4 and output_size(&self.out) > 0xffffffff:
                raise self.at_place(LimitError, "a size prefix of 32 bits; 8 gives one of 64")
            _put(&self.out, output_size(&self.out), prefix)
        return output_bytes(&self.out)


cdef inline void _put(Output *out, uint64_t bits, uint32_t width) noexcept:
    memcpy(output_take(out, width), &bits, width)          # little-endian: see platform.h


cdef void *_grown(void *block, size_t room, size_t width) except NULL:
    if room > <size_t> PY_SSIZE_T_MAX / width:
        raise MemoryError
    block = PyMem_Realloc(block, room * width)
    if block == NULL:
        raise MemoryError
    return block
