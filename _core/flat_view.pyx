"""Views of tables and structs in place: a plan, a buffer, and a position in it.

What is read was verified before. Every position is checked against the buffer's end all the same:
the bytes of a mapped file may change, and then a read raises or gives other values, no more.
"""

from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF, Py_XINCREF
from libc.stdint cimport int32_t, uint32_t

from flat cimport FlatField, FlatObject
from seal cimport view_alloc, view_class_seal
from tensorwire._core.flat_plan cimport FlatPlans, object_class, object_name
from tensorwire._core.source cimport Source
from wire cimport le_load16, le_load32, le_load64

cimport cython

from tensorwire.errors import DecodeError


cdef object ground_changed(const FlatGround *ground, size_t at):
    """The error for bytes that are no longer those that were verified."""
    cdef Source source = <Source> ground.source
    return DecodeError("the bytes changed since they were verified", ground_offset(ground, at), "",
                       source.path)


cdef size_t ground_offset(const FlatGround *ground, size_t at):
    """A position of a buffer, counted from the first byte of its source."""
    return <size_t> (ground.base - (<Source> ground.source).data) + at


cdef size_t ground_follow(const FlatGround *ground, size_t at, bint wide) except 0:
    cdef size_t offset
    if ground.size - at < <size_t> (8 if wide else 4):
        raise ground_changed(ground, at)
    offset = <size_t> le_load64(ground.base + at) if wide else le_load32(ground.base + at)
    if offset >= ground.size - at or at + offset == 0:
        raise ground_changed(ground, at)
    return at + offset


cdef size_t ground_vector(const FlatGround *ground, size_t at, bint wide, uint32_t item,
                          size_t *count) except 0:
    cdef size_t width = 8 if wide else 4
    if at > ground.size or ground.size - at < width:
        raise ground_changed(ground, at)
    count[0] = <size_t> le_load64(ground.base + at) if wide else le_load32(ground.base + at)
    if count[0] > (ground.size - at - width) / item:
        raise ground_changed(ground, at)
    return at + width


@cython.no_gc
cdef class FlatView:
    """Base of what a schema makes classes of. Never made from Python."""

    def __cinit__(self, *args, **kwargs):
        raise TypeError(f"{type(self).__name__} is a view: a schema's root() and fields make it")

    def __repr__(self):
        name = object_name(self.object)
        return f"<{name} at byte {ground_offset(&self.ground, self.at)}>"

    def __eq__(self, other):
        """Whether both are the same place of the same buffer, read as the same type."""
        if not isinstance(other, FlatView):
            return NotImplemented
        return (
            self.object == (<FlatView> other).object and self.at == (<FlatView> other).at
            and self.ground.base == (<FlatView> other).ground.base
            and self.ground.source == (<FlatView> other).ground.source
        )

    def __hash__(self):
        return hash((<size_t> self.ground.base + self.at, <size_t> self.object))

    def __reduce__(self):
        raise TypeError("views of a buffer cannot be pickled; pickle the buffer")

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


@cython.no_gc
cdef class FlatTable(FlatView):
    """Base of the classes of tables. Fields are attributes, named as in the schema.

    Copies: numbers and strings are fresh objects; arrays, tables and structs are views. Lifetime:
    a view keeps its source. Threads: frozen.
    """


@cython.no_gc
cdef class FlatStruct(FlatView):
    """Base of the classes of structs."""


cdef void _drop(PyObject *place) noexcept:
    Py_XDECREF((<FlatView> place).ground.source)


cdef inline void _fill(FlatView self, const FlatObject *plan, const FlatGround *ground,
                       size_t at) noexcept:
    self.ground = ground[0]
    Py_XINCREF(ground.source)
    self.object = plan
    self.at = at


cdef FlatTable table_new(const FlatObject *plan, const FlatGround *ground, size_t at):
    cdef FlatTable self
    cdef size_t vtable
    cdef uint32_t size
    if at > ground.size or ground.size - at < 4:
        raise ground_changed(ground, at)
    vtable = at - <size_t> <ssize_t> <int32_t> le_load32(ground.base + at)
    if vtable > ground.size or ground.size - vtable < 2:
        raise ground_changed(ground, at)
    size = le_load16(ground.base + vtable)
    if size > ground.size - vtable:
        raise ground_changed(ground, at)
    if plan.head.cls == NULL:
        object_class(plan)                 # makes it, and keeps it
    self = <FlatTable> view_alloc(plan.head.cls)
    _fill(self, plan, ground, at)
    self.vtable = vtable
    self.vtable_size = size
    return self


cdef FlatStruct struct_new(const FlatObject *plan, const FlatGround *ground, size_t at):
    cdef FlatStruct self
    if at > ground.size or ground.size - at < plan.size:
        raise ground_changed(ground, at)
    if plan.head.cls == NULL:
        object_class(plan)                 # makes it, and keeps it
    self = <FlatStruct> view_alloc(plan.head.cls)
    _fill(self, plan, ground, at)
    return self


cdef ssize_t table_find(FlatTable self, const FlatField *field) except -1:
    cdef size_t where
    if field.offset + 2 > self.vtable_size:
        return 0
    where = le_load16(self.ground.base + self.vtable + field.offset)
    if where == 0:
        return 0
    if where > self.ground.size - self.at or self.ground.size - self.at - where < field.size:
        raise ground_changed(&self.ground, self.at)
    return <ssize_t> (self.at + where)


def seal_flat(cls, /):
    """Makes a class of views final, and its instances cheap to drop. Called by what made the class.

    Raises: ``TypeError`` for anything but a direct subclass without slots of its own.
    """
    if not isinstance(cls, type) or cls.__base__ not in (FlatTable, FlatStruct):
        raise TypeError(f"{cls!r} is no direct subclass of FlatTable or FlatStruct")
    if cls.__basicsize__ != cls.__base__.__basicsize__:
        raise TypeError(f"{cls!r} has slots or a dictionary of its own")
    view_class_seal(cls, _drop)


def root_view(FlatPlans plans not None, uint32_t place, Source source not None, size_t start,
              size_t stop, size_t at, /):
    """The table of type ``place`` at ``at`` of a source, in the buffer ``[start, stop)`` of it.

    Copies nothing. REQUIRES: verified. Raises: ``DecodeError`` if the bytes changed since.
    """
    cdef FlatGround ground
    if place >= plans.object_count or plans.objects[place].is_struct:
        raise IndexError(f"no table {place}")
    if not start <= at <= stop <= source.size:
        raise ValueError(f"byte {at} in [{start}, {stop}) of {source.size} bytes")
    ground.source = <PyObject *> source
    ground.base = source.data + start
    ground.size = stop - start
    return table_new(&plans.objects[place], &ground, at - start)


def view_place(FlatView view not None, /):
    """``(source, start, stop, position)``: the buffer that a view lies in, and where."""
    cdef size_t start = ground_offset(&view.ground, 0)
    return <object> view.ground.source, start, start + view.ground.size, start + view.at


def view_plans(FlatView view not None, /):
    """``(plans, place)`` of the type of a view."""
    return <object> <PyObject *> view.object.head.set, view.object.head.index
