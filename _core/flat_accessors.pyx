"""Methods that take the place of generated accessors, one type of them for all shapes.

Each has a fast way, for instances whose table is native and bytes that lie inside the buffer, and
calls the method that it replaces for everything else: so what is odd or wrong, or raises, is
upstream's by construction. Source of the shapes: google/flatbuffers src/idl_gen_python.cpp.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.object cimport PyObject, Py_TYPE
from libc.stdint cimport int64_t, uint32_t, uint64_t

from flat_classes cimport (
    PyMethod_New, PyObject_Vectorcall, PyVectorcall_NARGS, class_of_callables, class_slot,
    is_instance, slot_of, slot_set,
)
from flat cimport FLAT_BOOL, FLAT_FLOAT64, FLAT_UINT32
from flat_loose cimport (
    LOOSE_ABSENT, LOOSE_AT_MAX, LOOSE_ELEMENT, LOOSE_ELEMENT_FOLLOW, LOOSE_FOLLOW, LOOSE_FOUND,
    LOOSE_INDEX_MAX, LOOSE_INLINE, LOOSE_MISS, LOOSE_STRUCT, Held, LooseStatus, held_drop,
    held_is_plain, held_take, loose_bits, loose_has, loose_locate, loose_number, loose_text,
    loose_width, plain_int,
)
from tensorwire._core.flat_callable cimport FlatCallable
from tensorwire._core.flat_runtime cimport Table, numbers_at, table_at
from tensorwire._core.flat_targets cimport Target, target_find, target_learn, target_make

cimport cython


cdef object MISS = object()


@cython.final
cdef class Accessor(FlatCallable):
    """One method of a generated class.

    ``shape`` is one of `SHAPES`; the rest is what that shape needs: ``slot`` in the vtable (of a
    struct's field its distance), ``base`` type of numbers, ``stride`` of elements, ``length`` of a
    fixed array, ``default`` where the field is absent, ``target`` class of what is read.
    """

    def __cinit__(self, owner, original, str shape not None, *, int64_t slot=0, int base=0,
                  int64_t stride=0, int64_t length=0, default=None, Target target=None):
        _require(shape, slot, base, stride, length, target)
        self.place = class_slot(<PyObject *> owner, "_tab")
        if self.place < 0:
            raise TypeError(f"{owner!r} has no slot _tab")
        self.owner = owner
        self.original = original
        self.shape = shape
        self.path.slot, self.path.stride, self.length, self.base = slot, stride, length, base
        self.default = default
        self.target = target
        _take_shape(self, shape)

    @property
    def __doc__(self):
        return self.original.__doc__

    def __get__(self, instance, owner):
        return self if instance is None else PyMethod_New(self, instance)

    def __repr__(self):
        return f"<native {self.shape} {self.__qualname__}>"


cdef Table accessor_table(Accessor self, PyObject *instance):
    cdef PyObject *found
    if not is_instance(instance, <PyObject *> self.owner):
        return None
    found = slot_of(instance, self.place)[0]
    if found == NULL or <PyObject *> Py_TYPE(<object> found) != <PyObject *> Table:
        return None
    if (<Table> found).is_odd or not 0 <= (<Table> found).pos <= LOOSE_AT_MAX:
        return None
    return <Table> found


cdef bint _is_native_init(PyObject *attribute) noexcept:
    return (attribute != NULL and <PyObject *> Py_TYPE(<object> attribute) == <PyObject *> Accessor
            and (<Accessor> attribute).call == _init_call)


# -- calls --

cdef object _original(Accessor self, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    return PyObject_Vectorcall(self.original, args, nargsf, kwnames)


cdef object _plain_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``instance.Name()``"""
    cdef Accessor self = <Accessor> me
    cdef Table table
    if PyVectorcall_NARGS(nargsf) == 1 and kwnames == NULL:
        table = accessor_table(self, args[0])
        if table is not None:
            found = self.reader(self, table, 0)
            if found is not MISS:
                return found
    return _original(self, args, nargsf, kwnames)


cdef object _index_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``instance.Name(j)``"""
    cdef Accessor self = <Accessor> me
    cdef Table table
    cdef int64_t index
    if (PyVectorcall_NARGS(nargsf) == 2 and kwnames == NULL and plain_int(args[1], &index)
            and -LOOSE_INDEX_MAX <= index <= LOOSE_INDEX_MAX):
        table = accessor_table(self, args[0])
        if table is not None:
            found = self.reader(self, table, index)
            if found is not MISS:
                return found
    return _original(self, args, nargsf, kwnames)


cdef object _into_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``instance.Name(obj)``: a struct inside of a struct, shown by an object that is given."""
    cdef Accessor self = <Accessor> me
    cdef Table table
    if PyVectorcall_NARGS(nargsf) == 2 and kwnames == NULL:
        table = accessor_table(self, args[0])
        if table is not None:
            (<object> args[1]).Init(table.Bytes, table.pos + self.path.slot)
            return <object> args[1]
    return _original(self, args, nargsf, kwnames)


cdef object _init_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``instance.Init(buf, pos)``"""
    cdef Accessor self = <Accessor> me
    cdef int64_t pos
    if (PyVectorcall_NARGS(nargsf) == 3 and kwnames == NULL and plain_int(args[2], &pos)
            and 0 <= pos <= LOOSE_AT_MAX
            and <PyObject *> Py_TYPE(<object> args[0]) == <PyObject *> self.owner):
        slot_set(args[0], self.place, table_at(args[1], pos))
        return None
    return _original(self, args, nargsf, kwnames)


# -- readers --

cdef LooseStatus _locate(Accessor self, Table table, int64_t index, int64_t *at):
    """Where it lies, for what is not read here."""
    cdef Held held
    cdef LooseStatus status
    if not held_take(&held, <PyObject *> table.Bytes):
        return LOOSE_MISS
    status = loose_locate(&held.bytes, &self.path, table.pos, index, at)
    held_drop(&held)
    return status


cdef object _read_number(Accessor self, Table table, int64_t index):
    cdef Held held
    cdef int64_t at
    cdef uint64_t bits = 0
    cdef LooseStatus status
    if not held_take(&held, <PyObject *> table.Bytes):
        return MISS
    status = loose_locate(&held.bytes, &self.path, table.pos, index, &at)
    if status == LOOSE_FOUND:
        if loose_has(&held.bytes, at, loose_width(self.base)):
            bits = loose_bits(&held.bytes, self.base, at)
        else:
            status = LOOSE_MISS
    held_drop(&held)
    if status == LOOSE_FOUND:
        return loose_number(self.base, bits)
    return self.default if status == LOOSE_ABSENT else MISS


cdef object _read_text(Accessor self, Table table, int64_t index):
    cdef Held held
    cdef int64_t at, start = 0
    cdef uint32_t length = 0
    cdef LooseStatus status
    cdef bint is_plain = held_is_plain(<PyObject *> table.Bytes)
    if not held_take(&held, <PyObject *> table.Bytes):
        return MISS
    status = loose_locate(&held.bytes, &self.path, table.pos, index, &at)
    if status == LOOSE_FOUND:
        if not loose_text(&held.bytes, at, &start, &length):
            status = LOOSE_MISS
        elif is_plain:
            return PyBytes_FromStringAndSize(<const char *> held.bytes.data + start, length)
    held_drop(&held)
    if status == LOOSE_FOUND:
        return bytes(table.Bytes[start:start + length])
    return self.default if status == LOOSE_ABSENT else MISS


cdef object _read_object(Accessor self, Table table, int64_t index):
    """An instance of another generated class, for a table or a struct."""
    cdef int64_t at
    cdef LooseStatus status = _locate(self, table, index, &at)
    if status == LOOSE_ABSENT:
        return self.default
    if status == LOOSE_MISS or not 0 <= at <= LOOSE_AT_MAX:
        return MISS
    made = target_make(self.target, <PyObject *> table.Bytes, at)
    return MISS if made is None else made


cdef object _read_union(Accessor self, Table table, int64_t index):
    cdef int64_t at
    cdef LooseStatus status = _locate(self, table, index, &at)
    if status == LOOSE_FOUND:
        return table_at(<PyObject *> table.Bytes, at)
    return self.default if status == LOOSE_ABSENT else MISS


cdef object _read_root(Accessor self, Table table, int64_t index):
    """The root of a buffer that is a vector of bytes."""
    cdef int64_t at
    cdef LooseStatus status = _locate(self, table, index, &at)
    if status == LOOSE_ABSENT:
        return self.default
    cls = target_find(self.target)
    if status == LOOSE_MISS or cls is None:
        return MISS
    return cls.GetRootAs(table.Bytes, at + 4)


cdef object _read_absent(Accessor self, Table table, int64_t index):
    """Whether there is nothing."""
    cdef int64_t at
    cdef LooseStatus status = _locate(self, table, index, &at)
    return MISS if status == LOOSE_MISS else status == LOOSE_ABSENT


cdef LooseStatus _vector(Accessor self, Table table, int64_t *start, uint32_t *count):
    """First element and number of elements."""
    cdef Held held
    cdef int64_t at
    cdef LooseStatus status
    if not held_take(&held, <PyObject *> table.Bytes):
        return LOOSE_MISS
    status = loose_locate(&held.bytes, &self.path, table.pos, 0, &at)
    if status == LOOSE_FOUND:
        if loose_has(&held.bytes, at, 4):
            count[0] = <uint32_t> loose_bits(&held.bytes, FLAT_UINT32, at)
            start[0] = at + 4
        else:
            status = LOOSE_MISS
    held_drop(&held)
    return status


cdef object _read_count(Accessor self, Table table, int64_t index):
    cdef int64_t start
    cdef uint32_t count
    cdef LooseStatus status = _vector(self, table, &start, &count)
    if status == LOOSE_FOUND:
        return count
    return self.default if status == LOOSE_ABSENT else MISS


cdef object _read_array(Accessor self, Table table, int64_t index):
    cdef int64_t start
    cdef uint32_t count
    cdef LooseStatus status = _vector(self, table, &start, &count)
    if status == LOOSE_FOUND:
        return numbers_at(table.Bytes, self.base, count, start)
    return self.default if status == LOOSE_ABSENT else MISS


cdef object _read_fixed(Accessor self, Table table, int64_t index):
    """An element of a fixed array; None outside of it."""
    return _read_number(self, table, index) if 0 <= index < self.length else None


cdef object _read_fixed_array(Accessor self, Table table, int64_t index):
    return numbers_at(table.Bytes, self.base, self.length, table.pos + self.path.slot)


# -- shapes --

cdef enum Needs:
    NEEDS_BASE = 1
    NEEDS_TARGET = 2
    NEEDS_STRIDE = 4

# What each shape needs beside a slot.
SHAPES = {
    "number": NEEDS_BASE,
    "string": 0,
    "table": NEEDS_TARGET,
    "struct": NEEDS_TARGET,
    "union": 0,
    "nested root": NEEDS_TARGET,
    "absent": 0,
    "count": 0,
    "array": NEEDS_BASE,
    "number element": NEEDS_BASE | NEEDS_STRIDE,
    "string element": NEEDS_STRIDE,
    "table element": NEEDS_TARGET | NEEDS_STRIDE,
    "struct element": NEEDS_TARGET | NEEDS_STRIDE,
    "number of struct": NEEDS_BASE,
    "struct of struct": 0,
    "array of struct": NEEDS_BASE,
    "number element of struct": NEEDS_BASE | NEEDS_STRIDE,
    "struct element of struct": NEEDS_TARGET | NEEDS_STRIDE,
    "init": 0,
}


cdef int _require(shape, int64_t slot, int base, int64_t stride, int64_t length, target) except -1:
    """Raises for what would lead a reader astray."""
    cdef int needs = SHAPES[shape]
    if not (0 <= slot <= LOOSE_INDEX_MAX and 0 <= stride <= 0xFFFF and 0 <= length <= 0xFFFF):
        raise ValueError(f"{shape}: slot {slot}, stride {stride} or length {length} out of range")
    if needs & NEEDS_BASE and not FLAT_BOOL <= base <= FLAT_FLOAT64:
        raise ValueError(f"{shape}: {base} is no number's base type")
    if needs & NEEDS_STRIDE and stride == 0 or needs & NEEDS_TARGET and target is None:
        raise ValueError(f"{shape}: stride or target is missing")
    return 0


cdef int _take_shape(Accessor self, str shape) except -1:
    cdef str held = shape.partition(" ")[0]
    self.is_indexed = "element" in shape
    self.call = _index_call if self.is_indexed else _plain_call
    if shape.endswith("of struct"):
        self.path.way = LOOSE_STRUCT
    elif shape in ("table element",):
        self.path.way = LOOSE_ELEMENT_FOLLOW
    elif shape.endswith("element"):
        self.path.way = LOOSE_ELEMENT
    elif shape in ("number", "string", "struct", "absent"):
        self.path.way = LOOSE_INLINE
    else:
        self.path.way = LOOSE_FOLLOW
    if shape == "init":
        self.call = _init_call
    elif shape == "struct of struct":
        self.call = _into_call
    elif shape == "array of struct":
        self.reader = _read_fixed_array
    elif shape == "number element of struct":
        self.reader = _read_fixed
    elif held == "number":
        self.reader = _read_number
    elif held == "string":
        self.reader = _read_text
    elif held in ("table", "struct"):
        self.reader = _read_object
    elif held == "union":
        self.reader = _read_union
    elif held == "nested":
        self.reader = _read_root
    elif held == "absent":
        self.reader = _read_absent
    elif held == "count":
        self.reader = _read_count
    else:
        self.reader = _read_array
    return 0


# `call` is the first thing behind the header of an object: see flat_accessors.pxd.
class_of_callables(Accessor, sizeof(PyObject), True)
target_learn(_is_native_init)
