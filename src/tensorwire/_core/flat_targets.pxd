from cpython.object cimport PyObject
from libc.stdint cimport int64_t

from flat_classes cimport SeenClass

ctypedef bint (*InitTest)(PyObject *) noexcept


cdef class Target:
    cdef dict names         # of the module that says the name; None: `module` says where it lies
    cdef str module
    cdef str name
    cdef tuple attributes   # then looked up, one after the other
    cdef SeenClass seen
    cdef Py_ssize_t place   # of the slot `_tab`, in instances of the class that was seen


# The object of that name now; None where it is not to be found without upstream's own steps.
cdef object target_find(Target self)
# A new instance of the class of that name, with a table at a position that upstream would take.
# None where only upstream's own steps can make it.
cdef object target_make(Target self, PyObject *buffer, int64_t pos)
# Whether instances of a class are made natively; the class is then seen, and `place` set.
cdef bint target_sees(Target self, PyObject *cls)
# Says how a native `Init` is told from other attributes.
cdef void target_learn(InitTest asked) noexcept
