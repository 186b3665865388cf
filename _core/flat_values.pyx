"""Numbers, strings and arrays at a position of a buffer."""

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t

from flat cimport (
    FLAT_BOOL, FLAT_FLOAT32, FLAT_FLOAT64, FLAT_INT8, FLAT_INT16, FLAT_INT32,
    FLAT_INT64, FLAT_IS_ARRAY, FLAT_IS_STRUCT, FLAT_OBJECT, FLAT_UINT16, FLAT_UINT32, FLAT_UINT64,
    FlatField, FlatObject,
)
from tensorwire._core.array_views cimport array_over
from tensorwire._core.flat_plan cimport FlatPlans
from tensorwire._core.flat_view cimport FlatGround, ground_offset, ground_vector
from wire cimport le_load16, le_load32, le_load64, le_load_double, le_load_float

# NumPy's names of scalars by base type.
NAMES = (None, "u1", "?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8")

cdef list dtypes = [None] * 13


cdef object number_object(uint8_t base, const uint8_t *at):
    """REQUIRES: as many bytes as the type has."""
    if base == FLAT_INT32:
        return <int32_t> le_load32(at)
    if base == FLAT_UINT32:
        return le_load32(at)
    if base == FLAT_FLOAT32:
        return <double> le_load_float(at)
    if base == FLAT_BOOL:
        return at[0] != 0
    if base == FLAT_INT8:
        return <int8_t> at[0]
    if base == FLAT_INT16:
        return <int16_t> le_load16(at)
    if base == FLAT_UINT16:
        return le_load16(at)
    if base == FLAT_INT64:
        return <int64_t> le_load64(at)
    if base == FLAT_UINT64:
        return <uint64_t> le_load64(at)
    if base == FLAT_FLOAT64:
        return le_load_double(at)
    return at[0]


cdef object string_object(const FlatGround *ground, size_t at):
    """The string at ``at``. What is no UTF-8, which upstream allows, becomes lone surrogates."""
    cdef size_t count = 0
    cdef size_t first = ground_vector(ground, at, False, 1, &count)
    return PyUnicode_DecodeUTF8(<const char *> ground.base + first, <Py_ssize_t> count,
                                b"surrogateescape")


cdef object _number_dtype(uint8_t base):
    if dtypes[base] is None:
        import numpy

        dtypes[base] = numpy.dtype(NAMES[base])
    return dtypes[base]


cdef object _item_dtype(const FlatField *field):
    if field.element == FLAT_OBJECT:
        return struct_dtype(field.object)
    return _number_dtype(field.element)


cdef object array_view(const FlatGround *ground, const FlatField *field, size_t first,
                       size_t count):
    """Elements where they lie, read-only. REQUIRES: they lie inside."""
    source, dtype = <object> ground.source, _item_dtype(field)
    array = array_over(source, dtype, ground.base + first, <Py_ssize_t> count, False)
    if array is None:                      # a NumPy whose functions are not known
        import numpy

        array = numpy.ndarray(count, dtype, source, ground_offset(ground, first))
    return array


cdef object struct_dtype(const FlatObject *plan):
    """The structured dtype of a struct: fields at their offsets, gaps left out."""
    cdef FlatPlans plans = <FlatPlans> plan.head.set
    cdef const FlatField *field
    cdef uint32_t i
    cdef object known = plans.dtypes.get(plan.head.index)
    if known is not None:
        return known
    import numpy

    names, formats, offsets = [], [], []
    for i in range(plan.field_count):
        field = &plan.fields[i]
        names.append(plans.declarations.objects[plan.head.index].fields[i].name)
        offsets.append(field.offset)
        if field.role == FLAT_IS_ARRAY:
            formats.append((_item_dtype(field), (field.length,)))
        elif field.role == FLAT_IS_STRUCT:
            formats.append(struct_dtype(field.object))
        else:
            formats.append(_number_dtype(field.base))
    made = numpy.dtype({"names": names, "formats": formats, "offsets": offsets,
                        "itemsize": plan.size})
    plans.dtypes[plan.head.index] = made
    return made
