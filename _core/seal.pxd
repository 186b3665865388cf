"""Classes made for schemas: final, and without garbage collection."""

from cpython.object cimport PyObject


cdef extern from *:
    """
    #ifndef TENSORWIRE_VIEW_SEAL
    #define TENSORWIRE_VIEW_SEAL
    /* Takes instances of the class out of garbage collection, which every Python class asks for and
     * no view needs, as it refers to a Source only; gives them a destructor that drops that and
     * frees. It could not free a subclass's instance, which has a collector's header: so there are
     * none. REQUIRES: no instance and no subclass yet, no slots beyond the base's. */
    static void (*view_dropper)(PyObject *);
    static void view_dealloc(PyObject *self)
    {
        PyTypeObject *type = Py_TYPE(self);
        view_dropper(self);
        PyObject_Free(self);
        Py_DECREF(type);
    }
    static inline void view_class_seal(PyObject *cls, void (*drop)(PyObject *))
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        view_dropper = drop;
        type->tp_flags &= ~(unsigned long)(Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE);
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
        type->tp_traverse = NULL;
        type->tp_clear = NULL;
        type->tp_free = PyObject_Free;
        type->tp_dealloc = view_dealloc;
    }
    static inline PyObject *view_alloc(void *cls)
    {
        PyTypeObject *type = (PyTypeObject *)cls;
        PyObject *self = (PyObject *)PyObject_Malloc((size_t)type->tp_basicsize);
        return self ? PyObject_Init(self, type) : PyErr_NoMemory();
    }
    #endif
    """
    void view_class_seal(object cls, void (*drop)(PyObject *) noexcept)
    object view_alloc(void *cls)
