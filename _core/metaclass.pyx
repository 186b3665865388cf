"""The type of message classes, which take attributes, as upstream's do, but none that breaks them.

onnx, for one, gives three of its classes a ``__repr__`` of its own.
"""

from cpython.object cimport PyObject

from class_lookup cimport class_lookup

from tensorwire._core.fields import Field
from tensorwire._core.message import TYPE_KEY

cdef extern from *:
    """
    /* Message classes are immutable to CPython, which so refuses another __class__ for their
     * instances, whose memory belongs to a plan of their class. For as long as an attribute is
     * set, the class is not; the old value is held meanwhile, so that no code runs that its end
     * would run. REQUIRES: an exact str. */
    static int class_store(PyObject *cls, PyObject *name, PyObject *value)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        PyObject *old = _PyType_Lookup(type, name);
        int status;
        Py_XINCREF(old);
        type->tp_flags &= ~(unsigned long)Py_TPFLAGS_IMMUTABLETYPE;
        status = PyType_Type.tp_setattro(cls, name, value);
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
        Py_XDECREF(old);
        return status;
    }

    /* Calls come without a tuple and dict of arguments, as calls of `type`'s classes do: CPython
     * 3.10 lets no heap type inherit that. No base, so that no subclass leads around it. */
    static int (*class_setter)(PyObject *, PyObject *, PyObject *);
    static int class_setattro(PyObject *cls, PyObject *name, PyObject *value)
    {
        return class_setter(cls, name, value);
    }
    static PyObject *metaclass_make(int (*setter)(PyObject *, PyObject *, PyObject *))
    {
        static PyType_Slot slots[] = {
            {Py_tp_setattro, class_setattro},
            {Py_tp_doc, (void *)"The type of message classes."},
            {0, NULL},
        };
        static PyType_Spec spec = {
            .name = "tensorwire._core.metaclass.MessageClass",
            .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
            .slots = slots,
        };
        PyObject *bases = PyTuple_Pack(1, (PyObject *)&PyType_Type), *made;
        if (bases == NULL) return NULL;
        class_setter = setter;
        made = PyType_FromSpecWithBases(&spec, bases);
        Py_DECREF(bases);
        if (made == NULL) return NULL;
        if (((PyTypeObject *)made)->tp_vectorcall_offset == PyType_Type.tp_vectorcall_offset)
            ((PyTypeObject *)made)->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
        return made;
    }
    """
    int class_store(object cls, object name, PyObject *value) except -1
    object metaclass_make(int (*setter)(PyObject *, PyObject *, PyObject *) except -1)

# What C relies on, and what CPython would not let a class without a collector have.
cdef frozenset FIXED = frozenset([
    TYPE_KEY, "__bases__", "__class__", "__del__", "__dict__", "__mro__", "__slots__",
    "__weakref__",
])


cdef int _set(PyObject *place, PyObject *name, PyObject *value) except -1:
    """Sets or, without a value, deletes an attribute. Raises ``TypeError`` for a fixed one."""
    cdef object cls = <object> place
    cdef str text = str.__str__(<object> name)  # of a subclass of str, what it says
    cdef PyObject *held = class_lookup(cls, text)
    if text in FIXED or held != NULL and isinstance(<object> held, Field):
        raise TypeError(f"{text!r} of the message class {cls.__name__} cannot change")
    class_store(cls, text, value)
    return 0


MessageClass = metaclass_make(_set)
