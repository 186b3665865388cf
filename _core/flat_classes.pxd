"""Classes that generated code made: where an instance keeps its table, and whether a class is still
as it was when somebody looked."""

from cpython.object cimport PyObject


cdef extern from *:
    """
    #include <structmember.h>

    /* A class as it was seen: any change of it, or of a base, gives it another tag. */
    typedef struct {
        PyObject *cls;
        unsigned int tag;
    } SeenClass;

    /* 0 is no tag. CPython gives one when an attribute is looked up, and takes it at any change. */
    static inline unsigned int class_tag(PyObject *cls)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
    #if PY_VERSION_HEX < 0x030D0000
        if (!PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG)) return 0;
    #endif
        return type->tp_version_tag;
    }

    static inline int class_is_seen(const SeenClass *seen, PyObject *cls)
    {
        return seen->cls == cls && seen->tag && seen->tag == class_tag(cls);
    }

    static inline void class_see(SeenClass *seen, PyObject *cls)
    {
        seen->cls = cls;
        seen->tag = class_tag(cls);
    }

    /* Where instances keep the slot of that name; -1: the class has no such slot. */
    static inline Py_ssize_t class_slot(PyObject *cls, PyObject *name)
    {
        if (!PyType_Check(cls)) return -1;
        PyObject *found = _PyType_Lookup((PyTypeObject *)cls, name);
        if (!found || Py_TYPE(found) != &PyMemberDescr_Type) return -1;
        PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
        return member->type == T_OBJECT_EX && member->flags == 0 ? member->offset : -1;
    }

    /* Whether `cls()` is object's, with nothing of its own done. */
    static inline int class_is_plain(PyObject *cls)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        return PyType_CheckExact(cls) && type->tp_new == PyBaseObject_Type.tp_new &&
               type->tp_init == PyBaseObject_Type.tp_init &&
               !PyType_HasFeature(type, Py_TPFLAGS_IS_ABSTRACT);
    }

    /* Whether `cls(...)` makes an object and calls `__init__`, and attributes are set as usual. */
    static inline int class_is_ordinary(PyObject *cls)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        return PyType_CheckExact(cls) && type->tp_new == PyBaseObject_Type.tp_new &&
               type->tp_setattro == PyObject_GenericSetAttr &&
               !PyType_HasFeature(type, Py_TPFLAGS_IS_ABSTRACT);
    }

    /* `object.__new__(cls)`. */
    static inline PyObject *class_instance(PyObject *cls, PyObject *no_arguments)
    {
        return PyBaseObject_Type.tp_new((PyTypeObject *)cls, no_arguments, NULL);
    }

    static inline PyObject **slot_of(PyObject *instance, Py_ssize_t place)
    {
        return (PyObject **)((char *)instance + place);
    }

    static inline void slot_set(PyObject *instance, Py_ssize_t place, PyObject *value)
    {
        PyObject **slot = slot_of(instance, place), *old = *slot;
        Py_INCREF(value);
        *slot = value;
        Py_XDECREF(old);
    }

    /* Instances are called by `call`, at `offset`; as methods, they get the instance before. */
    static inline void class_of_callables(PyObject *cls, Py_ssize_t offset, int is_method)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
        if (is_method) type->tp_flags |= Py_TPFLAGS_METHOD_DESCRIPTOR;
        type->tp_vectorcall_offset = offset;
    }

    static inline int is_instance(PyObject *object, PyObject *cls)
    {
        return PyObject_TypeCheck(object, (PyTypeObject *)cls);
    }
    """
    ctypedef struct SeenClass:
        PyObject *cls
    bint class_is_seen(const SeenClass *seen, PyObject *cls)
    void class_see(SeenClass *seen, PyObject *cls)
    Py_ssize_t class_slot(PyObject *cls, object name)
    bint class_is_plain(PyObject *cls)
    bint class_is_ordinary(PyObject *cls)
    object class_instance(PyObject *cls, tuple no_arguments)
    PyObject **slot_of(PyObject *instance, Py_ssize_t place)
    void slot_set(PyObject *instance, Py_ssize_t place, object value)
    void class_of_callables(object cls, Py_ssize_t offset, bint is_method)
    bint is_instance(PyObject *instance, PyObject *cls)

cdef extern from "Python.h":
    ctypedef object (*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *)
    Py_ssize_t PyVectorcall_NARGS(size_t nargs)
    object PyObject_Vectorcall(object callable, PyObject *const *args, size_t nargs,
                               PyObject *kwnames)
    object PyVectorcall_Call(object callable, object args, object kwargs)
    object PyMethod_New(object function, object instance)
