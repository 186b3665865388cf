"""The object API of generated code: ``Pack``, which writes an object with a builder.

Each method does the steps of the one it replaces, in their order and with their errors. What cannot
go the short way goes through the builder's own methods.
"""

from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject, Py_TYPE

from class_lookup cimport class_lookup
from flat_classes cimport (
    PyMethod_New, PyObject_Vectorcall, PyVectorcall_NARGS, class_of_callables,
)
from tensorwire._core.flat_builder_short cimport *
from tensorwire._core.flat_callable cimport FlatCallable
from tensorwire._core.flat_functions cimport (
    FUNCTION_END, FUNCTION_INLINE, FUNCTION_NUMBER, FUNCTION_OFFSET, FUNCTION_START,
    FUNCTION_STRUCT, FUNCTION_VECTOR, BuilderFunction, function_struct,
)
from tensorwire._core.flat_pack_vectors cimport pack_end_vector, pack_numbers, pack_start_vector

cimport cython

from tensorwire._core.flat_functions import NAMES


cdef extern from "Python.h":
    int Py_EnterRecursiveCall(const char *where) except -1
    void Py_LeaveRecursiveCall()
    PyObject **PySequence_Fast_ITEMS(object sequence)

# Before the table: what it refers to.
cdef enum Doing:
    DO_NUMBERS = 1      # a vector of numbers, element by element; or of an array, at once
    DO_STRUCTS          # a vector of structs, each of which packs itself
    DO_TABLES           # a vector of tables, likewise
    DO_STRINGS          # a vector of strings
    DO_STRING           # builder.CreateString(self.f)
    DO_OBJECT           # self.f.Pack(builder)
    # In the table.
    DO_NUMBER           # Add(builder, self.f)
    DO_OFFSET           # if self.f is not None: Add(builder, <what was written before>)
    DO_INLINE           # if self.f is not None: Add(builder, self.f.Pack(builder))

#: What a step may do, by name; and the kind of function that belongs to it.
STEPS = {
    "numbers": (DO_NUMBERS, FUNCTION_VECTOR), "structs": (DO_STRUCTS, FUNCTION_VECTOR),
    "tables": (DO_TABLES, FUNCTION_VECTOR), "strings": (DO_STRINGS, FUNCTION_VECTOR),
    "string": (DO_STRING, None), "object": (DO_OBJECT, None),
    "number": (DO_NUMBER, FUNCTION_NUMBER), "offset": (DO_OFFSET, FUNCTION_OFFSET),
    "inline": (DO_INLINE, FUNCTION_INLINE),
}

cdef object ABSENT = object()


@cython.final
cdef class PackStep:
    """One attribute of an object.

    ``function``: that which starts the vector, or adds the field; ``number``: base type of a
    vector's elements; ``arrays``: whether the method knows NumPy. ``before``: of an ``offset``,
    which of the steps before wrote it.
    """
    cdef int doing
    cdef str name
    cdef BuilderFunction function
    cdef int number
    cdef bint arrays
    cdef Py_ssize_t before

    def __cinit__(self, str doing not None, str name not None, BuilderFunction function=None, *,
                  int number=0, bint arrays=False, Py_ssize_t before=0):
        self.doing, kind = STEPS[doing]
        if kind is not None and (function is None or function.kind != kind):
            raise ValueError(f"{doing} {name} of another function")
        if self.doing == DO_NUMBERS and not 2 <= number < len(NAMES):
            raise ValueError(f"numbers of type {number}")
        self.name, self.function = name, function
        self.number, self.arrays, self.before = number, arrays, before


@cython.final
cdef class Packer(FlatCallable):
    """A native ``Pack``: of a table, ``start`` and ``end`` of which are functions, with ``before``
    and ``inside`` it; or of a struct, ``end`` being what makes it of the attributes ``paths``."""

    cdef BuilderFunction start, end
    cdef list before, inside
    cdef tuple paths

    def __cinit__(self, original, BuilderFunction start, BuilderFunction end not None,
                  list before not None, list inside not None, tuple paths=()):
        self.call = _pack_call
        self.original = original
        self.start, self.end = start, end
        self.before, self.inside, self.paths = before, inside, paths
        if start is None:
            if end.kind != FUNCTION_STRUCT or end.arguments != len(paths):
                raise ValueError(f"a struct of {len(paths)} attributes")
        elif start.kind != FUNCTION_START or end.kind != FUNCTION_END:
            raise ValueError("a table that does not start and end")
        for one in before:
            if not DO_NUMBERS <= (<PackStep?> one).doing <= DO_OBJECT:
                raise ValueError("a step inside before the table")
        for one in inside:
            if (<PackStep?> one).doing < DO_NUMBER or (
                    not 0 <= (<PackStep> one).before <= len(before)):
                raise ValueError("a step before inside the table")

    @property
    def __doc__(self):
        return self.original.__doc__

    def __get__(self, instance, owner):
        return self if instance is None else PyMethod_New(self, instance)


cdef object _pack_call(PyObject *called, PyObject *const *args, size_t nargs, PyObject *names):
    cdef Packer self = <Packer> called
    if names == NULL and PyVectorcall_NARGS(nargs) == 2:
        builder = <object> args[1]
        if isinstance(builder, BuilderState) and (<BuilderState> builder).plain:
            return _pack(self, <object> args[0], <BuilderState> builder)
    return PyObject_Vectorcall(self.original, args, nargs, names)


cdef object _pack(Packer self, object value, BuilderState builder):
    """Writes an object. REQUIRES: a builder that is plain."""
    Py_EnterRecursiveCall(" in Pack")
    try:
        return _struct(self, value, builder) if self.start is None else _table(self, value, builder)
    finally:
        Py_LeaveRecursiveCall()


cdef object _packed(object value, BuilderState builder):
    """``value.Pack(builder)``"""
    cdef PyObject *found = class_lookup(type(value), "Pack")
    if found != NULL and <PyObject *> Py_TYPE(<object> found) == <PyObject *> Packer:
        return _pack(<Packer> found, value, builder)
    return value.Pack(builder)


cdef object _struct(Packer self, object value, BuilderState builder):
    cdef list arguments = []
    for path in self.paths:
        found = value
        for name in <tuple> path:
            found = getattr(found, name)
        arguments.append(found)
    return function_struct(self.end, builder, PySequence_Fast_ITEMS(arguments))


cdef object _table(Packer self, object value, BuilderState builder):
    cdef Py_ssize_t i, start = 0
    cdef list written = []
    cdef PackStep step
    for i in range(PyList_GET_SIZE(self.before)):
        step = <PackStep> <object> PyList_GET_ITEM(self.before, i)
        found = getattr(value, step.name)
        written.append(ABSENT if found is None else _before(step, found, builder))
    if not short_start_object(builder, self.start.size):
        builder.StartObject(self.start.size)
    for i in range(PyList_GET_SIZE(self.inside)):
        step = <PackStep> <object> PyList_GET_ITEM(self.inside, i)
        if step.doing == DO_OFFSET:
            found = written[step.before]
            if found is not ABSENT and not short_offset_slot(builder, step.function.slot, found, 0):
                step.function.original(builder, found)
            continue
        found = getattr(value, step.name)
        if step.doing == DO_NUMBER:
            if not short_number_slot(builder, step.function.number, step.function.slot, found,
                                     step.function.default):
                step.function.original(builder, found)
        elif found is not None:
            found = _packed(found, builder)
            if not short_struct_slot(builder, step.function.slot, found, 0):
                step.function.original(builder, found)
    return start if short_end_object(builder, &start) else builder.EndObject()


cdef object _before(PackStep step, object value, BuilderState builder):
    """Writes what a table refers to; its offset."""
    if step.doing == DO_STRING:
        return flat_written(builder) if short_string(builder, value) else (
            builder.CreateString(value))
    if step.doing == DO_OBJECT:
        return _packed(value, builder)
    if step.doing == DO_NUMBERS:
        return pack_numbers(step.function, value, step.number, step.arrays, builder)
    if step.doing == DO_STRUCTS:
        return _structs(step, value, builder)
    return _offsets(step, value, builder)


cdef object _structs(PackStep step, object value, BuilderState builder):
    """A vector of structs, the last one first."""
    cdef Py_ssize_t i, count = len(value)
    pack_start_vector(step.function, count, builder)
    for i in range(count - 1, -1, -1):
        _packed(value[i], builder)
    return pack_end_vector(builder)


cdef object _offsets(PackStep step, object value, BuilderState builder):
    """A vector of tables or strings: these, and then the offsets to them."""
    cdef Py_ssize_t i, count = len(value)
    cdef list made = []
    for i in range(count):
        item = value[i]
        if step.doing == DO_TABLES:
            made.append(_packed(item, builder))
        else:
            made.append(flat_written(builder) if short_string(builder, item) else
                        builder.CreateString(item))
    count = len(value)
    pack_start_vector(step.function, count, builder)
    for i in range(count - 1, -1, -1):
        if not short_prepend_offset(builder, made[i]):
            builder.PrependUOffsetTRelative(made[i])
    return pack_end_vector(builder)


# `call` is the first thing behind the header of an object.
class_of_callables(Packer, sizeof(PyObject), True)
