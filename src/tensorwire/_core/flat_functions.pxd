from cpython.object cimport PyObject
from libc.stdint cimport uint8_t

from tensorwire._core.flat_builder_state cimport BuilderState
from tensorwire._core.flat_callable cimport FlatCallable


# What a generated function of a module does.
cdef enum FunctionKind:
    FUNCTION_START               # builder.StartObject(size)
    FUNCTION_END                 # builder.EndObject()
    FUNCTION_VECTOR              # builder.StartVector(size, <argument>, align)
    FUNCTION_NUMBER              # builder.Prepend<number>Slot(slot, <argument>, default)
    FUNCTION_OFFSET              # builder.PrependUOffsetTRelativeSlot(slot, <argument>, 0)
    FUNCTION_INLINE              # builder.PrependStructSlot(slot, <argument>, 0)
    FUNCTION_BYTES               # a vector of the bytes <argument>, put there as they are
    FUNCTION_STRUCT              # builder.Prep, Pad and Prepend... of arguments; its Offset()

# One statement of a function that writes a struct.
cdef enum StructKind:
    STRUCT_PREP                  # builder.Prep(first, second)
    STRUCT_PAD                   # builder.Pad(first)
    STRUCT_NUMBER                # builder.Prepend<first>(argument second, an element for each loop)
    STRUCT_LOOP                  # for ... in range(first, 0, -1), up to the statement `second`

cdef struct StructStep:
    uint8_t kind
    Py_ssize_t first
    Py_ssize_t second

cdef enum:
    STRUCT_LOOPS = 8             # loops inside of loops


cdef class BuilderFunction(FlatCallable):
    cdef readonly int kind
    cdef readonly Py_ssize_t slot
    cdef readonly int number
    cdef readonly Py_ssize_t size
    cdef readonly Py_ssize_t align
    cdef readonly Py_ssize_t forced      # what the schema asks elements to align to, or 0
    cdef readonly object default
    cdef readonly Py_ssize_t arguments   # after the builder
    cdef StructStep *steps
    cdef Py_ssize_t step_count


# Writes a struct of arguments, which has been found to be plain.
cdef object function_struct(BuilderFunction self, BuilderState builder, PyObject **arguments)
