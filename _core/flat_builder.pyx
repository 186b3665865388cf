"""The FlatBuffers builder: upstream's class, at the speed of C.

Every method first tries its short way (``flat_builder_short``); where that does not apply, the
careful one (``flat_builder_careful``) goes through upstream's steps.
Source: google/flatbuffers 25.12.19, ``python/flatbuffers/builder.py``; ``CreateVectorOfTables``
from a later commit, 81edeb1.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_FromStringAndSize
from libc.string cimport memset

from flat cimport (
    FLAT_BOOL, FLAT_FLOAT32, FLAT_FLOAT64, FLAT_INT16, FLAT_INT32, FLAT_INT64, FLAT_INT8,
    FLAT_UINT16, FLAT_UINT32, FLAT_UINT64, FLAT_UINT8,
)
from flat_numbers cimport flat_int
from tensorwire._core.flat_builder_short cimport *

from tensorwire._core import flat_builder_careful as careful

# The methods that others are made of: a subclass that overrides one finds it called.
_PARTS = (
    "CreateString EndVector GrowByteBuffer Head Offset Pad Place PlaceSOffsetT PlaceUOffsetT Prep "
    "Prepend PrependInt32 PrependSOffsetTRelative PrependSlot PrependUOffsetTRelative "
    "PrependVOffsetT Slot StartVector WriteVtable assertNested assertNotNested "
    "assertStructIsInline"
).split()


cdef bint _is_plain(type cls) except -1:
    if cls is Builder:
        return True
    return all([getattr(cls, name) is getattr(Builder, name) for name in _PARTS])


cdef class Builder(BuilderState):
    """Writes FlatBuffers, from the end of a growing buffer to its beginning.

    The bytes are those that upstream's builder of the same calls writes.
    Raises: upstream's errors where its package is loaded, else our own of the same names, all of
    them ``RuntimeError``; ``TypeError`` for numbers out of their range, ``struct.error`` for what
    is no number of the kind.
    Threads: from one at a time.
    """

    MAX_BUFFER_SIZE = 2**31

    def __cinit__(self, *args, **kwargs):
        self.plain = _is_plain(type(self))

    def __init__(self, initialSize=1024):
        cdef Py_ssize_t size
        if flat_int(initialSize, &size) and 0 <= size <= FLAT_MOST:
            self.data = PyByteArray_FromStringAndSize(NULL, size)
            memset(PyByteArray_AS_STRING(self.data), 0, size)
        else:
            self.data = careful.initial(initialSize)
        self.clear()

    def Clear(self):
        """Everything as before the first call, but for the buffer, which keeps its size."""
        self.clear()
        self.elements, self.counted = None, True

    def Output(self):
        """A copy of what was written, as a ``bytearray``. Raises: ``BuilderNotFinishedError``."""
        if not self.done:
            raise careful.error("BuilderNotFinishedError")
        return self.data[self.at:]

    def Head(self):
        """Where what was written begins in ``Bytes``."""
        return self.at

    def Offset(self):
        """How much was written: the offset of what was written last, from the buffer's end."""
        return flat_written(self)

    def ForceDefaults(self, forceDefaults):
        """Whether to write fields that equal their default."""
        self.forced = forceDefaults

    # -- space --

    def GrowByteBuffer(self):
        """Doubles ``Bytes``; what was written moves to its end. ``head`` is left to the caller."""
        careful.grow(self)

    def Pad(self, n):
        """Writes ``n`` zero bytes."""
        careful.pad(self, n)

    def Prep(self, size, additionalBytes):
        """Makes room for that many bytes and an item of ``size`` before them, which aligns."""
        cdef Py_ssize_t width, additional
        if not (self.plain and flat_int(size, &width) and 1 <= width <= FLAT_MOST
                and flat_int(additionalBytes, &additional) and 0 <= additional <= FLAT_MOST
                and flat_prep(self, width, additional)):
            careful.prep(self, size, additionalBytes)

    def Place(self, x, flags):
        """Writes a number where room was made."""
        careful.place(self, x, flags)

    def Prepend(self, flags, off):
        """Writes a number, aligned."""
        careful.prepend(self, flags, off)

    def PlaceVOffsetT(self, x):
        """Writes an offset of a vtable where room was made."""
        if not short_place(self, FLAT_UINT16, x):
            careful.place(self, x, careful.flags(FLAT_UINT16))

    def PlaceSOffsetT(self, x):
        """Writes a signed offset where room was made."""
        if not short_place(self, FLAT_INT32, x):
            careful.place(self, x, careful.flags(FLAT_INT32))

    def PlaceUOffsetT(self, x):
        """Writes an offset where room was made."""
        if not short_place(self, FLAT_UINT32, x):
            careful.place(self, x, careful.flags(FLAT_UINT32))

    def PrependVOffsetT(self, x):
        """Writes an offset of a vtable, aligned."""
        if not short_prepend(self, FLAT_UINT16, x):
            self.Prepend(careful.flags(FLAT_UINT16), x)

    def PrependSOffsetTRelative(self, off):
        """Writes how far behind itself ``off`` lies, signed. Raises: ``OffsetArithmeticError``."""
        careful.prepend_offset(self, off, self.PlaceSOffsetT, 4)

    def PrependUOffsetTRelative(self, off):
        """Writes how far behind itself ``off`` lies. Raises: ``OffsetArithmeticError``."""
        if not short_prepend_offset(self, off):
            careful.prepend_offset(self, off, self.PlaceUOffsetT, 4)

    # -- objects --

    def assertNested(self):
        """Raises: ``IsNotNestedError``."""
        if not self.inside:
            raise careful.error("IsNotNestedError")

    def assertNotNested(self):
        """Raises: ``IsNestedError``."""
        if self.inside:
            raise careful.error("IsNestedError")

    def assertStructIsInline(self, obj):
        """Raises: ``StructIsNotInlineError`` unless ``obj`` is what was written last."""
        careful.struct_is_inline(self, obj)

    def StartObject(self, numfields):
        """Begins a table of that many slots. Raises: ``IsNestedError``."""
        cdef Py_ssize_t slots = -1
        if not flat_int(numfields, &slots) or not short_start_object(self, slots):
            careful.start_object(self, numfields)

    def Slot(self, slotnum):
        """Notes that the field of that slot was written last."""
        cdef Py_ssize_t slot = 0
        if self.plain and flat_int(slotnum, &slot) and flat_slot_open(self, slot):
            flat_slot_set(self, slot)
        else:
            careful.slot(self, slotnum)

    def PrependSlot(self, flags, o, x, d):
        """A field of slot ``o``: the number ``x``, unless it is the default ``d``."""
        careful.prepend_slot(self, flags, o, x, d)

    def PrependUOffsetTRelativeSlot(self, o, x, d, /):
        """A field of slot ``o``: an offset to ``x``, unless it is ``d``."""
        if not short_prepend_offset_slot(self, o, x, d):
            careful.prepend_offset_slot(self, o, x, d)

    def PrependStructSlot(self, v, x, d):
        """Notes the struct ``x``, written last, as the field of slot ``v``, unless it is ``d``."""
        if not short_prepend_struct_slot(self, v, x, d):
            careful.prepend_struct_slot(self, v, x, d)

    def WriteVtable(self):
        """Ends the object with its vtable, or an offset to an equal one."""
        return careful.write_vtable(self)

    def EndObject(self):
        """Ends the object and gives its offset. Raises: ``IsNotNestedError``."""
        cdef Py_ssize_t start
        if short_end_object(self, &start):
            return start
        self.assertNested()
        self.inside = False
        return self.WriteVtable()

    def Finish(self, rootTable, file_identifier=None):
        """Ends the buffer, whose root is that table. ``file_identifier``: four bytes."""
        return self._Builder__Finish(rootTable, False, file_identifier)

    def FinishSizePrefixed(self, rootTable, file_identifier=None):
        """Ends the buffer, with its size before it."""
        return self._Builder__Finish(rootTable, True, file_identifier)

    def _Builder__Finish(self, rootTable, sizePrefix, file_identifier=None):
        if not short_finish(self, rootTable, sizePrefix, file_identifier):
            return careful.finish(self, rootTable, sizePrefix, file_identifier)
        return self.at

    # -- vectors and strings --

    def StartVector(self, elemSize, numElems, alignment):
        """Begins a vector, whose elements then come from the last to the first."""
        cdef Py_ssize_t width = -1, align = -1
        if (not flat_int(elemSize, &width) or not flat_int(alignment, &align)
                or not short_start_vector(self, width, numElems, align)):
            return careful.start_vector(self, elemSize, numElems, alignment)
        return flat_written(self)

    def EndVector(self, numElems=None):
        """Ends the vector and gives its offset."""
        if numElems is not None or not short_end_vector(self):
            return careful.end_vector(self, numElems)
        return flat_written(self)

    def CreateString(self, s, encoding="utf-8", errors="strict"):
        """Writes a string: ``str``, or bytes as they are."""
        if encoding != "utf-8" or errors != "strict" or not short_string(self, s):
            return careful.create_string(self, s, encoding, errors)
        return flat_written(self)

    def CreateSharedString(self, s, encoding="utf-8", errors="strict"):
        """Writes a string, unless it was written by this method before."""
        if not self.plain:
            return careful.create_shared_string(self, s, encoding, errors)
        if not self.shared:
            self.shared = {}
        elif s in self.shared:
            return self.shared[s]
        offset = self.CreateString(s, encoding, errors)
        self.shared[s] = offset
        return offset

    def CreateByteVector(self, x):
        """Writes a vector of bytes, from ``bytes`` or a ``bytearray``."""
        if not short_bytes(self, x):
            return careful.create_byte_vector(self, x)
        return flat_written(self)

    def CreateNumpyVector(self, x):
        """Writes a one-dimensional array of numbers."""
        if not short_array(self, x, 1):
            return careful.create_numpy_vector(self, x)
        return flat_written(self)

    def CreateVectorOfTables(self, offsets):
        """Writes a vector of offsets, of tables or strings."""
        return careful.create_vector_of_tables(self, offsets)

    # -- numbers --

    def PrependBool(self, x):
        """Writes a bool, aligned."""
        if not short_prepend(self, FLAT_BOOL, x):
            self.Prepend(careful.flags(FLAT_BOOL), x)

    def PrependByte(self, x):
        """Writes a uint8, aligned."""
        if not short_prepend(self, FLAT_UINT8, x):
            self.Prepend(careful.flags(FLAT_UINT8), x)

    def PrependUint8(self, x):
        """Writes a uint8, aligned."""
        if not short_prepend(self, FLAT_UINT8, x):
            self.Prepend(careful.flags(FLAT_UINT8), x)

    def PrependUint16(self, x):
        """Writes a uint16, aligned."""
        if not short_prepend(self, FLAT_UINT16, x):
            self.Prepend(careful.flags(FLAT_UINT16), x)

    def PrependUint32(self, x):
        """Writes a uint32, aligned."""
        if not short_prepend(self, FLAT_UINT32, x):
            self.Prepend(careful.flags(FLAT_UINT32), x)

    def PrependUint64(self, x):
        """Writes a uint64, aligned."""
        if not short_prepend(self, FLAT_UINT64, x):
            self.Prepend(careful.flags(FLAT_UINT64), x)

    def PrependInt8(self, x):
        """Writes a int8, aligned."""
        if not short_prepend(self, FLAT_INT8, x):
            self.Prepend(careful.flags(FLAT_INT8), x)

    def PrependInt16(self, x):
        """Writes a int16, aligned."""
        if not short_prepend(self, FLAT_INT16, x):
            self.Prepend(careful.flags(FLAT_INT16), x)

    def PrependInt32(self, x):
        """Writes a int32, aligned."""
        if not short_prepend(self, FLAT_INT32, x):
            self.Prepend(careful.flags(FLAT_INT32), x)

    def PrependInt64(self, x):
        """Writes a int64, aligned."""
        if not short_prepend(self, FLAT_INT64, x):
            self.Prepend(careful.flags(FLAT_INT64), x)

    def PrependFloat32(self, x):
        """Writes a float32, aligned."""
        if not short_prepend(self, FLAT_FLOAT32, x):
            self.Prepend(careful.flags(FLAT_FLOAT32), x)

    def PrependFloat64(self, x):
        """Writes a float64, aligned."""
        if not short_prepend(self, FLAT_FLOAT64, x):
            self.Prepend(careful.flags(FLAT_FLOAT64), x)

    def PrependBoolSlot(self, o, x, d, /):
        """A field of slot ``o``: bool ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_BOOL, o, x, d):
            self.PrependSlot(careful.flags(FLAT_BOOL), o, x, d)

    def PrependByteSlot(self, o, x, d, /):
        """A field of slot ``o``: uint8 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_UINT8, o, x, d):
            self.PrependSlot(careful.flags(FLAT_UINT8), o, x, d)

    def PrependUint8Slot(self, o, x, d, /):
        """A field of slot ``o``: uint8 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_UINT8, o, x, d):
            self.PrependSlot(careful.flags(FLAT_UINT8), o, x, d)

    def PrependUint16Slot(self, o, x, d, /):
        """A field of slot ``o``: uint16 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_UINT16, o, x, d):
            self.PrependSlot(careful.flags(FLAT_UINT16), o, x, d)

    def PrependUint32Slot(self, o, x, d, /):
        """A field of slot ``o``: uint32 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_UINT32, o, x, d):
            self.PrependSlot(careful.flags(FLAT_UINT32), o, x, d)

    def PrependUint64Slot(self, o, x, d, /):
        """A field of slot ``o``: uint64 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_UINT64, o, x, d):
            self.PrependSlot(careful.flags(FLAT_UINT64), o, x, d)

    def PrependInt8Slot(self, o, x, d, /):
        """A field of slot ``o``: int8 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_INT8, o, x, d):
            self.PrependSlot(careful.flags(FLAT_INT8), o, x, d)

    def PrependInt16Slot(self, o, x, d, /):
        """A field of slot ``o``: int16 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_INT16, o, x, d):
            self.PrependSlot(careful.flags(FLAT_INT16), o, x, d)

    def PrependInt32Slot(self, o, x, d, /):
        """A field of slot ``o``: int32 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_INT32, o, x, d):
            self.PrependSlot(careful.flags(FLAT_INT32), o, x, d)

    def PrependInt64Slot(self, o, x, d, /):
        """A field of slot ``o``: int64 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_INT64, o, x, d):
            self.PrependSlot(careful.flags(FLAT_INT64), o, x, d)

    def PrependFloat32Slot(self, o, x, d, /):
        """A field of slot ``o``: float32 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_FLOAT32, o, x, d):
            self.PrependSlot(careful.flags(FLAT_FLOAT32), o, x, d)

    def PrependFloat64Slot(self, o, x, d, /):
        """A field of slot ``o``: float64 ``x``, unless it is the default ``d``."""
        if not short_prepend_slot(self, FLAT_FLOAT64, o, x, d):
            self.PrependSlot(careful.flags(FLAT_FLOAT64), o, x, d)
