"""The object API of generated code: ``InitFromObj``, ``InitFromBuf``, ``_UnPack``, union creators.

Each does the steps of what it replaces, by the native accessors of the classes that it meets, and
calls what it replaces for everything else. An object's attributes are set once, in the order in
which its ``__init__`` sets them.
"""

from cpython.object cimport PyObject, Py_TYPE
from libc.stdint cimport int64_t

from class_lookup cimport class_lookup
from flat_classes cimport (
    PyMethod_New, PyObject_Vectorcall, PyVectorcall_NARGS, class_instance,
    class_is_ordinary, class_is_seen, class_of_callables, class_see, class_slot, slot_of,
    vectorcallfunc,
)
from flat_loose cimport LOOSE_AT_MAX, Held, held_drop, held_take, loose_follow, plain_int
from tensorwire._core.flat_accessors cimport MISS, Accessor
from tensorwire._core.flat_callable cimport FlatCallable
from tensorwire._core.flat_runtime cimport Table
from tensorwire._core.flat_targets cimport Target, target_find, target_make

cimport cython


cdef extern from "Python.h":
    bint PyType_Check(object value)
    int Py_EnterRecursiveCall(const char *where) except -1
    void Py_LeaveRecursiveCall()

cdef tuple NOTHING = ()

cdef enum Doing:
    DO_VALUE = 1        # self.f = t.A()
    DO_ARRAY            # if not t.ANone(): self.f = t.AAsNumpy()
    DO_LIST             # if not t.ANone(): self.f = [t.A(i) for i in range(t.ALength())]
    DO_OBJECT           # if t.A() is not None: self.f = T.InitFromObj(t.A())
    DO_OBJECTS          # if not t.ANone(): self.f = [T.InitFromObj(t.A(i)) or None for ...]
    DO_STRUCT           # if t.A(S()) is not None: self.f = T.InitFromObj(t.A(S()))
    DO_UNION            # self.f = creator(self.fType, t.A())
    DO_TEXT             # if self.f is not None: self.f = self.f.decode('utf-8')

#: What a step may do, by name.
STEPS = {
    "value": DO_VALUE, "array": DO_ARRAY, "list": DO_LIST, "object": DO_OBJECT,
    "objects": DO_OBJECTS, "struct": DO_STRUCT, "union": DO_UNION, "text": DO_TEXT,
}


@cython.final
cdef class Step:
    """One statement of an ``_UnPack``.

    ``place``: which attribute is set; ``other``: for a union that of its type. ``read``, ``none``,
    ``count`` and ``array`` are names of methods of the table's class. ``target``: the class whose
    ``InitFromObj`` is called, or the creator; ``struct``: the class of what it is read into.
    """
    cdef int doing
    cdef Py_ssize_t place, other
    cdef str read, none, count, array
    cdef Target target, struct

    def __cinit__(self, str doing not None, Py_ssize_t place, *, str read=None, str none=None,
                  str count=None, str array=None, Py_ssize_t other=0, Target target=None,
                  Target struct=None):
        self.doing = STEPS[doing]
        self.place, self.other = place, other
        self.read, self.none, self.count, self.array = read, none, count, array
        self.target, self.struct = target, struct


cdef Accessor _native(cls, str name, bint is_indexed):
    """The native accessor that the class has under that name, or None."""
    cdef PyObject *found = NULL if name is None else class_lookup(cls, name)
    if found == NULL or <PyObject *> Py_TYPE(<object> found) != <PyObject *> Accessor:
        return None
    if (<Accessor> found).reader == NULL or (<Accessor> found).is_indexed != is_indexed:
        return None
    return <Accessor> found


cdef object _ask(Accessor native, str name, object of, Table table):
    """``of.name()``"""
    if native is not None:
        found = native.reader(native, table, 0)
        if found is not MISS:
            return found
    return getattr(of, name)()


cdef object _ask_at(Accessor native, str name, object of, Table table, int64_t index):
    """``of.name(index)``"""
    if native is not None:
        found = native.reader(native, table, index)
        if found is not MISS:
            return found
    return getattr(of, name)(index)


@cython.final
cdef class Natives:
    """The native accessors of one class for one step; None where it has others."""
    cdef Accessor reader, asker, counter, viewer

    def __cinit__(self, Step step not None, owner):
        self.reader = _native(owner, step.read, step.doing in (DO_LIST, DO_OBJECTS))
        self.asker = _native(owner, step.none, False)
        self.counter = _native(owner, step.count, False)
        self.viewer = _native(owner, step.array, False)


@cython.final
cdef class Unpacker(FlatCallable):
    """A native ``_UnPack``. ``names`` and ``defaults`` of the attributes that ``init`` sets, in its
    order; the globals of the ``module``, for its NumPy."""

    def __cinit__(self, original, init, list names not None, list defaults not None,
                  list steps not None, dict module not None):
        self.call = _unpack_call
        self.original, self.init, self.module = original, init, module
        self.names, self.defaults, self.steps = names, defaults, steps
        if len(names) != len(defaults):
            raise ValueError(f"{len(names)} attributes with {len(defaults)} defaults")
        for one in steps:
            if not (0 <= (<Step?> one).place < len(names) and 0 <= (<Step> one).other < len(names)):
                raise ValueError("a step for no attribute")

    @property
    def __doc__(self):
        return self.original.__doc__

    def __get__(self, instance, owner):
        return self if instance is None else PyMethod_New(self, instance)


cdef Table _table_of(Unpacker self, object of):
    """Its table, and the natives are those of its class; None where the fast way may be gone."""
    cdef PyObject *cls = <PyObject *> Py_TYPE(of)
    cdef PyObject *found
    cdef Py_ssize_t slot
    if not class_is_seen(&self.met, cls):
        slot = class_slot(cls, "_tab")
        if slot < 0:
            return None
        natives = [Natives(step, <object> cls) for step in self.steps]
        self.slot, self.natives = slot, natives
        class_see(&self.met, cls)
    found = slot_of(<PyObject *> of, self.slot)[0]
    if found == NULL or <PyObject *> Py_TYPE(<object> found) != <PyObject *> Table:
        return None
    if (<Table> found).is_odd or not 0 <= (<Table> found).pos <= LOOSE_AT_MAX:
        return None
    return <Table> found


cdef bint unpacker_run(Unpacker self, object into, list values, object of) except -1:
    """Fills ``values``, or without them the attributes of ``into``. False: not done."""
    cdef Table table = _table_of(self, of)
    cdef list natives = self.natives        # another class, met meanwhile, makes another list
    cdef Py_ssize_t i
    if table is None or self.module.get("np") is None:
        return False
    for i in range(len(self.steps)):
        if not _do(self, <Step> self.steps[i], <Natives> natives[i], into, values, of, table):
            return False
    return True


cdef bint _do(Unpacker self, Step step, Natives natives, object into, list values, object of,
              Table table) except -1:
    cdef int doing = step.doing
    if doing == DO_VALUE:
        return _put(self, step, into, values, _ask(natives.reader, step.read, of, table))
    if doing == DO_ARRAY:
        if not _ask(natives.asker, step.none, of, table):
            _put(self, step, into, values, _ask(natives.viewer, step.array, of, table))
        return True
    if doing == DO_TEXT:
        text = _got(self, step.place, into, values)
        return text is None or _put(self, step, into, values, text.decode("utf-8"))
    if doing == DO_LIST or doing == DO_OBJECTS:
        return _do_list(self, step, natives, into, values, of, table)
    if doing == DO_STRUCT:
        shown = target_find(step.struct)
        if shown is None:
            return False
        shown = getattr(of, step.read)(shown())
    else:
        shown = _ask(natives.reader, step.read, of, table)
    if doing == DO_UNION:
        creator = target_find(step.target)
        if creator is None:
            return False
        return _put(self, step, into, values, creator(_got(self, step.other, into, values), shown))
    if shown is None:
        return True
    cls = target_find(step.target)
    return cls is not None and _put(self, step, into, values, _from_object(cls, shown))


cdef bint _do_list(Unpacker self, Step step, Natives natives, object into, list values, object of,
                   Table table) except -1:
    cdef int64_t i, count
    cdef list made
    if _ask(natives.asker, step.none, of, table):
        return True
    count = _ask(natives.counter, step.count, of, table)
    made = []
    for i in range(count):
        shown = _ask_at(natives.reader, step.read, of, table, i)
        if step.doing == DO_OBJECTS and shown is not None:
            cls = target_find(step.target)
            if cls is None:
                return False
            shown = _from_object(cls, shown)
        made.append(shown)
    return _put(self, step, into, values, made)


cdef object _got(Unpacker self, Py_ssize_t place, object into, list values):
    return values[place] if values is not None else getattr(into, self.names[place])


cdef bint _put(Unpacker self, Step step, object into, list values, object value) except -1:
    if values is not None:
        values[step.place] = value
    else:
        setattr(into, self.names[step.place], value)
    return True


cdef object _unpack_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``self._UnPack(table)``"""
    cdef Unpacker self = <Unpacker> me
    if PyVectorcall_NARGS(nargsf) == 2 and kwnames == NULL:
        if unpacker_run(self, <object> args[0], None, <object> args[1]):
            return None
    return PyObject_Vectorcall(self.original, args, nargsf, kwnames)


@cython.final
cdef class Maker(FlatCallable):
    """A native classmethod. ``kind``: ``"from object"``, ``"from buffer"`` or ``"root"``;
    ``target``: the class of which the method that it replaces makes one."""

    def __cinit__(self, owner, original, str kind not None, Target target not None):
        if kind not in ("from object", "from buffer", "root"):
            raise ValueError(f"no kind {kind!r}")
        self.call = (_object_call if kind == "from object" else
                     _buffer_call if kind == "from buffer" else _root_call)
        self.owner, self.method, self.kind, self.target = owner, original, kind, target
        self.original = original.__get__(None, owner)

    @property
    def __doc__(self):
        return self.original.__doc__

    def __get__(self, instance, owner):
        cls = type(instance) if owner is None else owner
        return self if cls is self.owner else self.method.__get__(None, cls)


cdef Maker _maker(object cls, str name, vectorcallfunc call):
    """The native classmethod that the class itself has under that name, or None."""
    cdef PyObject *found = class_lookup(cls, name) if PyType_Check(cls) else NULL
    if found == NULL or <PyObject *> Py_TYPE(<object> found) != <PyObject *> Maker:
        return None
    if (<Maker> found).call != call or (<Maker> found).owner is not cls:
        return None
    return <Maker> found


cdef object _from_object(object cls, object shown):
    """``cls.InitFromObj(shown)``"""
    cdef Maker maker = _maker(cls, "InitFromObj", _object_call)
    return cls.InitFromObj(shown) if maker is None else _make(maker, shown)


cdef object object_from_buffer(object cls, object buffer, object pos):
    cdef Maker maker = _maker(cls, "InitFromBuf", _buffer_call)
    cdef int64_t at
    if maker is not None and plain_int(<PyObject *> pos, &at) and 0 <= at <= LOOSE_AT_MAX:
        shown = target_make(maker.target, <PyObject *> buffer, at)
        if shown is not None:
            return _from_object(cls, shown)
    return cls.InitFromBuf(buffer, pos)


cdef bint _sees(Maker self, PyObject *cls) except -1:
    """Whether objects of that class are made by their attributes alone."""
    cdef PyObject *unpack
    if class_is_seen(&self.seen, cls):
        return True
    if not class_is_ordinary(cls):
        return False
    unpack = class_lookup(<object> cls, "_UnPack")
    if unpack == NULL or <PyObject *> Py_TYPE(<object> unpack) != <PyObject *> Unpacker:
        return False
    if class_lookup(<object> cls, "__init__") != <PyObject *> (<Unpacker> unpack).init:
        return False
    self.unpacker = <Unpacker> unpack
    class_see(&self.seen, cls)
    return True


cdef object _make(Maker self, object shown):
    """``InitFromObj``"""
    cdef Unpacker unpacker
    cdef list values
    cdef Py_ssize_t i
    cdef bint is_done
    cls = target_find(self.target)
    if cls is None or not PyType_Check(cls) or not _sees(self, <PyObject *> cls):
        return self.original(shown)
    unpacker = self.unpacker
    values = unpacker.defaults[:]
    Py_EnterRecursiveCall(" in InitFromObj")
    try:
        is_done = unpacker_run(unpacker, None, values, shown)
    finally:
        Py_LeaveRecursiveCall()
    if not is_done:
        return self.original(shown)
    made = class_instance(<PyObject *> cls, NOTHING)
    for i in range(len(values)):
        setattr(made, unpacker.names[i], values[i])
    return made


cdef object _object_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    cdef Maker self = <Maker> me
    if PyVectorcall_NARGS(nargsf) == 1 and kwnames == NULL:
        return _make(self, <object> args[0])
    return PyObject_Vectorcall(self.original, args, nargsf, kwnames)


cdef object _buffer_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``InitFromBuf(buf, pos)``"""
    cdef Maker self = <Maker> me
    cdef int64_t at
    if (PyVectorcall_NARGS(nargsf) == 2 and kwnames == NULL and plain_int(args[1], &at)
            and 0 <= at <= LOOSE_AT_MAX):
        shown = target_make(self.target, args[0], at)
        if shown is not None:
            return _from_object(self.owner, shown)
    return PyObject_Vectorcall(self.original, args, nargsf, kwnames)


cdef object _root_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """``GetRootAs(buf, offset=0)``"""
    cdef Maker self = <Maker> me
    cdef Py_ssize_t count = PyVectorcall_NARGS(nargsf)
    cdef Held held
    cdef int64_t offset = 0, at = -1
    if (1 <= count <= 2 and kwnames == NULL and (count == 1 or plain_int(args[1], &offset))
            and held_take(&held, args[0])):
        if not loose_follow(&held.bytes, offset, &at):
            at = -1
        held_drop(&held)
        if 0 <= at <= LOOSE_AT_MAX:
            made = target_make(self.target, args[0], at)
            if made is not None:
                return made
    return PyObject_Vectorcall(self.original, args, nargsf, kwnames)


# `call` is the first thing behind the header of an object of either.
class_of_callables(Unpacker, sizeof(PyObject), True)
class_of_callables(Maker, sizeof(PyObject), False)
