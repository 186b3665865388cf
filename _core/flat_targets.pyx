"""Classes and functions that generated code says by name, looked up as late as upstream does."""

from cpython.module cimport PyImport_GetModuleDict, PyModule_Check, PyModule_GetDict
from cpython.object cimport PyObject
from libc.stdint cimport int64_t

from class_lookup cimport class_lookup
from flat_classes cimport (
    class_instance, class_is_plain, class_is_seen, class_see, class_slot, slot_set,
)
from tensorwire._core.flat_runtime cimport table_at

cimport cython


cdef extern from "Python.h":
    PyObject *PyDict_GetItemWithError(object items, object key) except? NULL
    bint PyType_Check(object value)

cdef tuple NOTHING = ()

# Whether an attribute of a class is a native `Init`. Given by the module that has those.
cdef InitTest is_init = NULL


cdef void target_learn(InitTest asked) noexcept:
    global is_init
    is_init = asked


@cython.final
cdef class Target:
    """What a name, and attributes after it, stands for when it is asked.

    ``names`` is the dictionary of the module in which the name is global; or None, and ``module``
    the module that code imports to take the name from.
    """

    def __cinit__(self, dict names, str module, str name not None, tuple attributes=()):
        self.names = names
        self.module = module
        self.name = name
        self.attributes = attributes
        self.place = -1

    def find(self):
        """The object, or None."""
        return target_find(self)

    def __repr__(self):
        where = "" if self.module is None else f"{self.module}."
        return f"<Target {where}{'.'.join([self.name, *self.attributes])}>"


cdef object target_find(Target self):
    cdef PyObject *found
    cdef PyObject *module
    if self.names is not None:
        found = PyDict_GetItemWithError(self.names, self.name)
    else:
        module = PyDict_GetItemWithError(<object> PyImport_GetModuleDict(), self.module)
        if module == NULL or not PyModule_Check(<object> module):
            return None
        found = PyDict_GetItemWithError(<object> PyModule_GetDict(<object> module), self.name)
    if found == NULL:
        return None
    result = <object> found
    for attribute in self.attributes:
        result = getattr(result, attribute, None)
    return result


cdef bint target_sees(Target self, PyObject *cls):
    cdef Py_ssize_t place
    if class_is_seen(&self.seen, cls):
        return True
    if not class_is_plain(cls) or is_init == NULL:
        return False
    if not is_init(class_lookup(<object> cls, "Init")):
        return False
    place = class_slot(cls, "_tab")
    if place < 0:
        return False
    self.place = place
    class_see(&self.seen, cls)
    return True


cdef object target_make(Target self, PyObject *buffer, int64_t pos):
    cdef Py_ssize_t place
    cls = target_find(self)
    if cls is None:
        return None
    if PyType_Check(cls) and target_sees(self, <PyObject *> cls):
        place = self.place           # making an instance may run code, which may see other classes
        made = class_instance(<PyObject *> cls, NOTHING)
        slot_set(<PyObject *> made, place, table_at(buffer, pos))
        return made
    made = cls()
    made.Init(<object> buffer, pos)
    return made
