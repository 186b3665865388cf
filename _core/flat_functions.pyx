"""Functions of generated modules that write with a builder, in C: ``TensorStart``,
``TensorAddShape``, ``TensorStartShapeVector``, ``TensorEnd``, ``CreateVec3``.

Each stands for one generated function and calls it whenever something is not as usual: another kind
of builder, arguments by name, values that are no plain numbers, and all that ends in an error.
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject

from flat_classes cimport (
    PyObject_Vectorcall, PyVectorcall_NARGS, class_of_callables,
)
from tensorwire._core.flat_builder_short cimport *
from tensorwire._core.flat_callable cimport FlatCallable

cimport cython


KINDS = ("start", "end", "vector", "number", "offset", "inline", "bytes", "struct")
STEPS = ("prep", "pad", "number", "loop")
# Upstream's names of numbers, by base type.
NAMES = (None, None, "Bool", "Int8", "Uint8", "Int16", "Uint16", "Int32", "Uint32", "Int64",
         "Uint64", "Float32", "Float64")


@cython.final
cdef class BuilderFunction(FlatCallable):
    """What stands in the place of one generated function, and knows it.

    ``kind``: of `KINDS`; ``number``: a base type. ``steps``: of a struct, each one of `STEPS` and
    two numbers. What both mean is told in the declarations of this module.
    """

    def __init__(self, original, str kind not None, *, Py_ssize_t slot=0, int number=0,
                 Py_ssize_t size=0, Py_ssize_t align=0, Py_ssize_t forced=0, default=None,
                 Py_ssize_t arguments=0, steps=()):
        cdef Py_ssize_t i
        if not 0 <= number < len(NAMES) or not (kind != "number" or NAMES[number]):
            raise ValueError(f"number {number}")
        self.call = _call
        self.original = original
        self.kind, self.slot, self.number = KINDS.index(kind), slot, number
        self.size, self.align, self.forced, self.default = size, align, forced, default
        self.arguments = arguments
        self.steps = <StructStep *> PyMem_Calloc(len(steps) + 1, sizeof(StructStep))
        if self.steps == NULL:
            raise MemoryError
        for i, (doing, first, second) in enumerate(steps):
            self.steps[i].kind = STEPS.index(doing)
            self.steps[i].first, self.steps[i].second = first, second
        self.step_count = len(steps)
        _check_steps(self)

    def __dealloc__(self):
        PyMem_Free(self.steps)

    def renamed(self, original):
        """What another function does that does the same."""
        cdef Py_ssize_t i
        steps = [(STEPS[self.steps[i].kind], self.steps[i].first, self.steps[i].second)
                 for i in range(self.step_count)]
        return BuilderFunction(
            original, KINDS[self.kind], slot=self.slot, number=self.number, size=self.size,
            align=self.align, forced=self.forced, default=self.default, arguments=self.arguments,
            steps=steps,
        )

    @property
    def __doc__(self):
        return self.original.__doc__

    def __reduce__(self):
        return self.original.__qualname__              # as functions are: by name


cdef int _check_steps(BuilderFunction self) except -1:
    """Every argument and loop is there; loops end behind themselves, and inside of others."""
    cdef Py_ssize_t[STRUCT_LOOPS] ends
    cdef Py_ssize_t i, depth = 0
    cdef StructStep *step
    for i in range(self.step_count):
        step = &self.steps[i]
        while depth and ends[depth - 1] == i:          # progress: one loop ends
            depth -= 1
        if step.kind == STRUCT_NUMBER:
            if not (0 <= step.second < self.arguments and 2 <= step.first < len(NAMES)):
                raise ValueError(f"step {i}: number {step.first} of argument {step.second}")
        elif step.kind == STRUCT_LOOP:
            if depth == STRUCT_LOOPS or not i < step.second <= self.step_count or (
                    depth and step.second > ends[depth - 1]):
                raise ValueError(f"step {i}: a loop to {step.second}")
            ends[depth] = step.second
            depth += 1
        elif step.kind > STRUCT_LOOP or not 0 <= step.first <= FLAT_MOST or (
                step.kind == STRUCT_PREP and not 0 <= step.second <= FLAT_MOST):
            raise ValueError(f"step {i}: {step.kind} {step.first} {step.second}")
    return 0


cdef object _call(PyObject *called, PyObject *const *arguments, size_t nargs, PyObject *names):
    cdef BuilderFunction self = <BuilderFunction> called
    if names == NULL and PyVectorcall_NARGS(nargs) == self.arguments + 1:
        builder = <object> arguments[0]
        if isinstance(builder, BuilderState) and (<BuilderState> builder).plain:
            result = _short(self, <BuilderState> builder, <PyObject **> arguments + 1)
            if result is not NotImplemented:
                return result
        if self.forced:                    # which the generated function does not know
            return builder.StartVector(self.size, <object> arguments[1], self.align)
    return PyObject_Vectorcall(self.original, arguments, nargs, names)


cdef object _short(BuilderFunction self, BuilderState builder, PyObject **arguments):
    """What the function gives; or NotImplemented, and nothing done."""
    cdef Py_ssize_t start = 0
    cdef int done = 0
    if self.kind == FUNCTION_NUMBER:
        done = short_number_slot(builder, self.number, self.slot, <object> arguments[0],
                                 self.default)
    elif self.kind == FUNCTION_OFFSET:
        done = short_offset_slot(builder, self.slot, <object> arguments[0], 0)
    elif self.kind == FUNCTION_START:
        done = short_start_object(builder, self.size)
    elif self.kind == FUNCTION_END:
        return start if short_end_object(builder, &start) else NotImplemented
    elif self.kind == FUNCTION_VECTOR:
        if short_start_vector(builder, self.size, <object> arguments[0], self.align):
            return flat_written(builder)
    elif self.kind == FUNCTION_INLINE:
        done = short_struct_slot(builder, self.slot, <object> arguments[0], 0)
    elif self.kind == FUNCTION_BYTES:
        if short_bytes(builder, <object> arguments[0]):
            return flat_written(builder)
    else:
        return function_struct(self, builder, arguments)
    return None if done else NotImplemented


cdef object function_struct(BuilderFunction self, BuilderState builder, PyObject **arguments):
    cdef Py_ssize_t[STRUCT_LOOPS] indexes, starts, ends
    cdef Py_ssize_t at = 0, i
    cdef int depth = 0
    cdef StructStep *step
    while at < self.step_count or depth:   # progress: a step, or one turn of a loop less
        if depth and at == ends[depth - 1]:
            indexes[depth - 1] -= 1
            if indexes[depth - 1] < 0:
                depth -= 1
            else:
                at = starts[depth - 1]
            continue
        step = &self.steps[at]
        at += 1
        if step.kind == STRUCT_LOOP:
            if step.first <= 0:
                at = step.second
                continue
            indexes[depth], starts[depth], ends[depth] = step.first - 1, at, step.second
            depth += 1
        elif step.kind == STRUCT_NUMBER:
            value = <object> arguments[step.second]
            for i in range(depth):
                value = value[indexes[i]]
            if not short_prepend(builder, <int> step.first, value):
                getattr(builder, "Prepend" + NAMES[step.first])(value)
        elif step.kind == STRUCT_PREP:
            if step.first == 0 or not flat_prep(builder, step.first, step.second):
                builder.Prep(step.first, step.second)
        else:
            _pad(builder, step.first)
    return flat_written(builder)


cdef int _pad(BuilderState self, Py_ssize_t n) except -1:
    if 0 <= n <= self.at <= PyByteArray_GET_SIZE(self.data):
        self.at -= n
        memset(flat_base(self) + self.at, 0, n)
    else:
        self.Pad(n)
    return 0


# `call` is the first thing behind the header of an object.
class_of_callables(BuilderFunction, sizeof(PyObject), False)
