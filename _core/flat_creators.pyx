"""Native union creators: functions that unpack a table as the member that a number stands for."""

from cpython.object cimport PyObject, Py_TYPE

from flat_classes cimport (
    PyObject_Vectorcall, PyVectorcall_NARGS, SeenClass, class_is_seen, class_of_callables,
    class_see,
)
from flat_loose cimport plain_int
from libc.stdint cimport int64_t
from tensorwire._core.flat_callable cimport FlatCallable
from tensorwire._core.flat_runtime cimport Table
from tensorwire._core.flat_targets cimport Target, target_find
from tensorwire._core.flat_unpack cimport object_from_buffer

cimport cython


cdef extern from "Python.h":
    bint PyType_Check(object value)


@cython.final
cdef class Creator(FlatCallable):
    """``creator(union type, table)``; upstream compares the type with each member in turn.

    ``enum``: the class whose attributes are the types; ``members``: (attribute, its value, class
    whose ``InitFromBuf`` is called), in the order in which they are compared.
    """
    cdef Target enum
    cdef SeenClass seen             # the enum, when its attributes were those of `members`
    cdef tuple members
    cdef dict cases

    def __cinit__(self, original, Target enum not None, tuple members not None):
        self.call = _create_call
        self.original, self.enum, self.members = original, enum, members
        self.cases = {}
        for _, value, target in members:
            self.cases.setdefault(value, <Target?> target)

    @property
    def __doc__(self):
        return self.original.__doc__


cdef bint _is_known(Creator self) except -1:
    """Whether the types are still those of which ``cases`` was made."""
    enum = target_find(self.enum)
    if enum is None or not PyType_Check(enum):
        return False
    if class_is_seen(&self.seen, <PyObject *> enum):
        return True
    for name, value, _ in self.members:
        known = getattr(enum, name, None)
        if type(known) is not int or known != value:
            return False
    class_see(&self.seen, <PyObject *> enum)
    return True


cdef object _create_call(PyObject *me, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    cdef Creator self = <Creator> me
    cdef int64_t ignored
    if PyVectorcall_NARGS(nargsf) == 2 and kwnames == NULL and plain_int(args[0], &ignored):
        table = <object> args[1]
        if table is None:
            return None
        if <PyObject *> Py_TYPE(table) == <PyObject *> Table and _is_known(self):
            target = self.cases.get(<object> args[0])
            if target is None:
                return None
            cls = target_find(target)
            if cls is not None:
                return object_from_buffer(cls, (<Table> table).Bytes, table.Pos)
    return PyObject_Vectorcall(self.original, args, nargsf, kwnames)


class_of_callables(Creator, sizeof(PyObject), False)
