from tensorwire._core.flat_builder_state cimport BuilderState
from tensorwire._core.flat_functions cimport BuilderFunction


# `function` starts vectors of that field. REQUIRES, each: a builder that is plain.
cdef int pack_start_vector(BuilderFunction function, Py_ssize_t count,
                           BuilderState builder) except -1
cdef object pack_end_vector(BuilderState builder)
# A vector of numbers of that base type; its offset. `arrays`: NumPy's are written at once.
cdef object pack_numbers(BuilderFunction function, object value, int number, bint arrays,
                         BuilderState builder)
