"""What upstream's ``flatbuffers.table`` and ``flatbuffers.encode`` do, natively.

Every method has two ways: a fast one that reads by `flat_loose.h`, for positions that are plain
numbers in a buffer that lets itself be read; and upstream's steps with upstream's own objects, for
everything else. So what is odd or wrong ends in upstream's results and exceptions.
"""

import struct

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.memoryview cimport PyMemoryView_FromObject
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from flat cimport FLAT_BASES, FLAT_BOOL, FLAT_FLOAT64
from flat_loose cimport (
    LOOSE_AT_MAX, LOOSE_INDEX_MAX, Held, held_drop, held_is_plain, held_take, loose_bits,
    loose_count, loose_elements, loose_field, loose_follow, loose_has, loose_number, loose_text,
    loose_width, plain_int,
)

from tensorwire._core.array_views cimport array_over

cimport cython


cdef extern from *:
    """
    static inline void table_class_call(PyObject *cls, vectorcallfunc call)
    {
        ((PyTypeObject *)cls)->tp_vectorcall = call;
    }
    """
    ctypedef object (*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *)
    void table_class_call(object cls, vectorcallfunc call)
    Py_ssize_t PyVectorcall_NARGS(size_t nargs)


cdef struct Known:
    PyObject *thing
    int base

cdef enum:
    KNOWN_MAX = 24

# Upstream's `*Flags` classes and `Struct`s, by the base type they stand for. They are looked for
# one by one: fifteen comparisons take less time than one hash.
cdef Known[KNOWN_MAX] flags_known
cdef Known[KNOWN_MAX] packers_known
cdef int flags_count = 0, packers_count = 0
cdef list held_alive = []
cdef object uoffset_flags = None, soffset_flags = None, voffset_flags = None

UOFFSET = struct.Struct("<I")
SOFFSET = struct.Struct("<i")
VOFFSET = struct.Struct("<H")

cdef object frombuffer = None
cdef list dtypes = [None] * FLAT_BASES
# Names of NumPy's types by base type.
cdef tuple NAMES = (None, None, "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32",
                    "int64", "uint64", "float32", "float64")


def bind(flags, packers, offsets, /):
    """Makes upstream's objects known: pairs of them and base types; the flags of uoffset, soffset
    and voffset. Called by what installs; the last call counts.
    """
    global flags_count, packers_count, held_alive
    global uoffset_flags, soffset_flags, voffset_flags
    flags, packers = list(flags)[:KNOWN_MAX], list(packers)[:KNOWN_MAX]
    flags_count = packers_count = 0
    for i, (thing, base) in enumerate(flags):
        flags_known[i].thing, flags_known[i].base = <PyObject *> thing, base
    for i, (thing, base) in enumerate(packers):
        packers_known[i].thing, packers_known[i].base = <PyObject *> thing, base
    flags_count, packers_count, held_alive = len(flags), len(packers), [flags, packers]
    uoffset_flags, soffset_flags, voffset_flags = offsets


cdef inline int _base_of(const Known *known, int count, PyObject *thing) noexcept:
    cdef int i
    for i in range(count):
        if known[i].thing == thing:
            return known[i].base
    return 0


# Tables live shortly: with memory kept from those before, one is made in 38 ns in place of 48.
@cython.freelist(32)
cdef class Table:
    """Takes the place of ``flatbuffers.table.Table``: the same attributes, methods and errors.

    Lifetime: holds no export of the buffer. Each call takes the buffer anew, and looks whether what
    it reads lies inside; so a bytearray may change its size, and a mapping be closed, meanwhile.
    Threads: as upstream's, for reading from many.
    """
    __slots__ = ("Bytes", "Pos")

    def __init__(self, buf, pos):
        cdef int64_t plain
        if not (plain_int(<PyObject *> pos, &plain) and 0 <= plain <= LOOSE_AT_MAX):
            _enforce(pos, 0, LOOSE_AT_MAX, "uint32")
        self.Bytes = buf
        _set_pos(self, pos)

    @property
    def Pos(self):
        """Where the table or struct begins in ``Bytes``."""
        return self.odd if self.is_odd else self.pos

    @Pos.setter
    def Pos(self, value):
        _set_pos(self, value)

    def Offset(self, vtableOffset):
        """The distance of a field from ``Pos``, by its place in the vtable; 0 if it is absent."""
        cdef Held held
        cdef int64_t slot, field
        cdef bint is_read
        if (plain_int(<PyObject *> vtableOffset, &slot) and _is_index(slot)
                and type(self) is Table and _take(self, &held)):
            is_read = loose_field(&held.bytes, self.pos, slot, &field)
            held_drop(&held)
            if is_read:
                return field
        vtable = self.Pos - _get(self, SOFFSET, soffset_flags, self.Pos)
        if vtableOffset < _get(self, VOFFSET, voffset_flags, vtable):
            return _get(self, VOFFSET, voffset_flags, vtable + vtableOffset)
        return 0

    def Indirect(self, off):
        """Where the offset at an absolute position leads."""
        cdef Held held
        cdef int64_t at, target
        cdef bint is_read
        if plain_int(<PyObject *> off, &at) and held_take(&held, <PyObject *> self.Bytes):
            is_read = loose_follow(&held.bytes, at, &target)
            held_drop(&held)
            if is_read:
                return target
        _enforce(off, 0, LOOSE_AT_MAX, "uint32")
        return off + _unpack(UOFFSET, self.Bytes, off)

    def String(self, off):
        """The bytes of the string that the offset at an absolute position refers to."""
        cdef Held held
        cdef int64_t at, start
        cdef uint32_t length
        if (held_is_plain(<PyObject *> self.Bytes) and plain_int(<PyObject *> off, &at)
                and held_take(&held, <PyObject *> self.Bytes)
                and loose_text(&held.bytes, at, &start, &length)):
            return PyBytes_FromStringAndSize(<const char *> held.bytes.data + start, length)
        _enforce(off, 0, LOOSE_AT_MAX, "uint32")
        head = off + _unpack(UOFFSET, self.Bytes, off)
        first = head + 4
        return bytes(self.Bytes[first:first + _unpack(UOFFSET, self.Bytes, head)])

    def VectorLen(self, off):
        """How many elements the vector has that the field at ``Pos + off`` refers to."""
        cdef Held held
        cdef int64_t field
        cdef uint32_t count
        cdef bint is_read
        if plain_int(<PyObject *> off, &field) and _is_offset(field) and _take(self, &held):
            is_read = loose_count(&held.bytes, self.pos, field, &count)
            held_drop(&held)
            if is_read:
                return count
        _enforce(off, 0, LOOSE_AT_MAX, "uint32")
        off += self.Pos        # in place, as upstream: the error of an odd `Pos` says so
        return _unpack(UOFFSET, self.Bytes, off + _unpack(UOFFSET, self.Bytes, off))

    def Vector(self, off):
        """Where the elements of that vector begin, absolutely."""
        cdef Held held
        cdef int64_t field, start
        cdef bint is_read
        if (plain_int(<PyObject *> off, &field) and _is_offset(field)
                and type(self) is Table and _take(self, &held)):
            is_read = loose_elements(&held.bytes, self.pos, field, &start)
            held_drop(&held)
            if is_read:
                return start
        _enforce(off, 0, LOOSE_AT_MAX, "uint32")
        off += self.Pos
        return off + _get(self, UOFFSET, uoffset_flags, off) + 4

    def Union(self, t2, off):
        """Lets ``t2``, a `Table` itself, be the table that the field at ``Pos + off`` refers to."""
        if type(t2) is not Table and not _is_upstreams(type(t2)):
            raise AssertionError
        _enforce(off, 0, LOOSE_AT_MAX, "uint32")
        off += self.Pos
        t2.Pos = off + _get(self, UOFFSET, uoffset_flags, off)
        t2.Bytes = self.Bytes

    def Get(self, flags, off):
        """A number of the type that ``flags`` stands for, at an absolute position."""
        cdef Held held
        cdef int base = _base_of(flags_known, flags_count, <PyObject *> flags)
        cdef int64_t at
        cdef uint64_t bits = 0
        cdef bint is_read
        if (base != 0 and plain_int(<PyObject *> off, &at)
                and held_take(&held, <PyObject *> self.Bytes)):
            is_read = loose_has(&held.bytes, at, loose_width(base))
            if is_read:
                bits = loose_bits(&held.bytes, base, at)
            held_drop(&held)
            if is_read:
                return loose_number(base, bits)
        _enforce(off, 0, LOOSE_AT_MAX, "uint32")
        convert = flags.py_type
        return convert(_unpack(flags.packer_type, self.Bytes, off))

    def GetSlot(self, slot, d, validator_flags):
        """The number of a field by its place in the vtable; ``d`` if it is absent."""
        _enforce(slot, 0, 0xFFFF, "uint16")
        if validator_flags is not None:
            _enforce_flags(d, validator_flags)
        off = self.Offset(slot)
        return d if off == 0 else self.Get(validator_flags, self.Pos + off)

    def GetVectorAsNumpy(self, flags, off):
        """The vector that the field at ``Pos + off`` refers to, as a view by NumPy.

        Copies: none. The array is writable if the buffer is, and keeps the buffer's export.
        """
        cdef int base = _base_of(flags_known, flags_count, <PyObject *> flags)
        start = self.Vector(off)
        return _numbers(self.Bytes, base, flags, self.VectorLen(off), start)

    def GetArrayAsNumpy(self, flags, off, length):
        """``length`` numbers at an absolute position, as a view by NumPy."""
        cdef int base = _base_of(flags_known, flags_count, <PyObject *> flags)
        return _numbers(self.Bytes, base, flags, length, off)

    def GetVOffsetTSlot(self, slot, d):
        """The distance of a field from ``Pos`` by its place in the vtable; ``d`` if absent."""
        _enforce(slot, 0, 0xFFFF, "uint16")
        _enforce(d, 0, 0xFFFF, "uint16")
        off = self.Offset(slot)
        return d if off == 0 else off

    def __getstate__(self):
        # As Python has it for upstream's class of slots: either may be restored into the other.
        import copyreg

        names = [name for name in copyreg._slotnames(type(self)) if hasattr(self, name)]
        return getattr(self, "__dict__", None) or None, {n: getattr(self, n) for n in names}


cdef object _call(PyObject *cls, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``Table(buf, pos)``, as a vectorcall. Not that of a subclass, which inherits none."""
    cdef Py_ssize_t count = PyVectorcall_NARGS(nargsf)
    cdef int64_t pos
    if count == 2 and kwnames == NULL and plain_int(args[1], &pos) and 0 <= pos <= LOOSE_AT_MAX:
        return table_at(args[0], pos)
    given = [<object> args[i] for i in range(count)]
    named = {}
    if kwnames != NULL:
        named = {name: <object> args[count + i] for i, name in enumerate(<tuple> kwnames)}
    return type.__call__(<object> cls, *given, **named)


cdef Table table_at(PyObject *buffer, int64_t pos):
    cdef Table self = Table.__new__(Table)
    self.Bytes = <object> buffer
    self.pos = pos
    return self


cdef bint _is_upstreams(cls) except -1:
    """Whether it is the `Table` that ours replaces: modules that took it out of flatbuffers before,
    and processes in which nothing is installed, make such."""
    return cls.__module__ == "flatbuffers.table" and cls.__qualname__ == "Table"


cdef inline int _set_pos(Table self, pos) except -1:
    self.is_odd = not plain_int(<PyObject *> pos, &self.pos)
    self.odd = pos if self.is_odd else None
    return 0


cdef inline bint _is_index(int64_t slot) noexcept:
    return -LOOSE_INDEX_MAX <= slot <= LOOSE_INDEX_MAX


cdef inline bint _is_offset(int64_t off) noexcept:
    return 0 <= off <= LOOSE_AT_MAX


cdef inline bint _take(Table self, Held *held) noexcept:
    """The buffer, where ``Pos`` is a position in it that sums may be made with."""
    return (not self.is_odd and 0 <= self.pos <= LOOSE_AT_MAX
            and held_take(held, <PyObject *> self.Bytes))


cdef object _unpack(packer, buffer, at):
    unpack = packer.unpack_from
    return unpack(memoryview(buffer), at)[0]


cdef object _get(Table self, packer, flags, at):
    """An offset, by the method of a subclass if there is one."""
    if type(self) is not Table and flags is not None:
        return self.Get(flags, at)
    _enforce(at, 0, LOOSE_AT_MAX, "uint32")
    return _unpack(packer, self.Bytes, at)


cdef int _enforce(number, least, most, name) except -1:
    if not least <= number <= most:
        raise TypeError(f"bad number {number!s} for type {name}")
    return 0


cdef int _enforce_flags(number, flags) except -1:
    if flags.min_val is None and flags.max_val is None:
        return 0
    return _enforce(number, flags.min_val, flags.max_val, flags.name)


cdef object _numbers(buffer, int base, flags, count, start):
    import numpy

    if base != 0:
        return numbers_at(buffer, base, count, start)
    dtype = numpy.dtype(flags.name).newbyteorder("<")
    return numpy.frombuffer(buffer, dtype=dtype, count=count, offset=start)


cdef object numbers_at(object buffer, int base, object count, object start):
    global frombuffer
    cdef Held held
    cdef int64_t elements, at
    if frombuffer is None:
        import numpy

        for i in range(FLAT_BOOL, FLAT_FLOAT64 + 1):
            dtypes[i] = numpy.dtype(NAMES[i]).newbyteorder("<")
        frombuffer = numpy.frombuffer
    if (held_is_plain(<PyObject *> buffer) and plain_int(<PyObject *> count, &elements)
            and plain_int(<PyObject *> start, &at) and 0 <= elements <= LOOSE_AT_MAX
            and held_take(&held, <PyObject *> buffer)
            and loose_has(&held.bytes, at, elements * loose_width(base))):
        found = _array(buffer, base, held.bytes.data + at, elements)
        if found is not None:
            return found
    return frombuffer(buffer, dtypes[base], count, start)


cdef object _array(buffer, int base, const uint8_t *data, int64_t count):
    """As `np.frombuffer` makes it: a bytearray is held by a memoryview."""
    if type(buffer) is bytes:
        return array_over(buffer, dtypes[base], data, count, False)
    return array_over(PyMemoryView_FromObject(buffer), dtypes[base], data, count, True)


def Get(packer_type, buf, head):
    """``flatbuffers.encode.Get``: a value at ``head``; a negative one counts from the end."""
    cdef Held held
    cdef int base = _base_of(packers_known, packers_count, <PyObject *> packer_type)
    cdef int64_t at
    cdef uint64_t bits = 0
    cdef bint is_read
    if base != 0 and plain_int(<PyObject *> head, &at) and held_take(&held, <PyObject *> buf):
        is_read = loose_has(&held.bytes, at, loose_width(base))
        if is_read:
            bits = loose_bits(&held.bytes, base, at)
        held_drop(&held)
        if is_read:
            return loose_number(base, bits)
    return _unpack(packer_type, buf, head)


def GetVectorAsNumpy(numpy_type, buf, count, offset):
    """``flatbuffers.encode.GetVectorAsNumpy``: a view of ``count`` elements at ``offset``."""
    import numpy

    return numpy.frombuffer(buf, dtype=numpy_type, count=count, offset=offset)


def Write(packer_type, buf, head, n):
    """``flatbuffers.encode.Write``: packs ``n`` into the buffer at ``head``."""
    packer_type.pack_into(buf, head, n)


table_class_call(Table, _call)
