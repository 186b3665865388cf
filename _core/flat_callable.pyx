"""What native callables have in common that stand in the place of generated functions."""

from flat_classes cimport PyVectorcall_Call


cdef class FlatCallable:
    """Base of them: it shows itself as the function or method that it replaces.

    A subclass tells CPython of ``call`` by `class_of_callables`, and has a ``__doc__`` of its own:
    each class gets one, which hides its base's.
    """

    @property
    def __wrapped__(self):
        """What this one replaces: signature and source are its."""
        return self.original

    @property
    def __name__(self):
        return self.original.__name__

    @property
    def __qualname__(self):
        return self.original.__qualname__

    @property
    def __module__(self):
        return self.original.__module__

    def __call__(self, *args, **kwargs):
        return PyVectorcall_Call(self, args, kwargs)

    def __repr__(self):
        return f"<native {self.original.__qualname__}>"
