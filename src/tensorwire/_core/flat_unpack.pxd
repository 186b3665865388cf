from cpython.object cimport PyObject

from flat_classes cimport SeenClass
from tensorwire._core.flat_callable cimport FlatCallable
from tensorwire._core.flat_targets cimport Target


cdef class Unpacker(FlatCallable):
    cdef SeenClass met              # the class of tables that was met last
    cdef Py_ssize_t slot            # of `_tab` in its instances
    cdef list natives               # its accessors, for each step
    cdef list names, defaults, steps
    cdef dict module              # its globals
    cdef readonly object init


cdef class Maker(FlatCallable):
    cdef SeenClass seen             # the class of objects that are made by their attributes alone
    cdef Unpacker unpacker          # its own
    cdef Target target
    cdef object method              # the classmethod, of which `original` is bound to `owner`
    cdef readonly object owner
    cdef readonly str kind


# `cls.InitFromBuf(buffer, pos)`
cdef object object_from_buffer(object cls, object buffer, object pos)
